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
