//! Environment variables, and what is said of one that cannot be used.

use std::collections::HashMap;
use std::sync::Arc;

/// Where variables come from: the process, or a list given by a test.
#[derive(Clone)]
pub struct Environment(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Environment {
    /// The process's own variables, read anew at every question.
    pub fn of_process() -> Self {
        Self(Arc::new(|name| std::env::var(name).ok()))
    }

    /// These variables and no others.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let map: HashMap<String, String> = variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self(Arc::new(move |name| map.get(name).cloned()))
    }

    /// These variables, and those of `other` that are not among them.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(Arc::new(move |name| self.get(name).or_else(|| other.get(name))))
    }

    /// The value of `name`, if it is set.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment")
    }
}

/// A variable with a value that cannot be used, or without one that is needed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not set, or set to nothing.
    #[error("{variable} not configured: set it to the name of the DynamoDB table")]
    Missing {
        /// The variable's name.
        variable: &'static str,
    },
    /// Set to something else than expected.
    #[error("{variable} is {value:?}; expected {expected}")]
    Invalid {
        /// The variable's name.
        variable: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        expected: &'static str,
    },
    /// Set to something else than expected, and a secret.
    #[error("{variable} is not valid (its value is not shown); expected {expected}")]
    InvalidSecret {
        /// The variable's name.
        variable: &'static str,
        /// What it may hold.
        expected: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_sets_a_variable_decides_even_where_it_sets_nothing() {
        let first = Environment::of([("A", "1"), ("B", "")]);
        let both = first.or(Environment::of([("A", "2"), ("B", "2"), ("C", "2")]));
        assert_eq!(both.get("A").as_deref(), Some("1"));
        assert_eq!(both.get("B").as_deref(), Some(""));
        assert_eq!(both.get("C").as_deref(), Some("2"));
        assert_eq!(both.get("D"), None);
    }
}
