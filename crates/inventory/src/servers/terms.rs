//! What a text must be: one of some, and none of others.

use serde::{Deserialize, Serialize};

/// Values of which one must fit, and values of which none may. Nothing set: every text fits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Terms(Vec<String>);

/// Before a value that must not fit.
const NOT: char = '!';

impl Terms {
    /// Values as they are typed: separated by commas, `!` before one that must not fit, as in
    /// `STALLED,PAUSED` and `!CONTINUOUS`.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let values = texts.into_iter().flat_map(|text| text.split(',')).map(str::trim);
        Self(values.filter(|value| !value.is_empty()).map(str::to_owned).collect())
    }

    /// This value alone.
    pub fn only(value: impl Into<String>) -> Self {
        Self(vec![value.into()])
    }

    /// Whether anything is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a text fits, where `is` says whether it is a value.
    pub fn fit(&self, is: impl Fn(&str) -> bool) -> bool {
        let mut wanted = self.wanted().peekable();
        let any = wanted.peek().is_none() || wanted.any(&is);
        any && !self.0.iter().filter_map(|value| value.strip_prefix(NOT)).any(is)
    }

    /// The value, where there is one and it must fit.
    pub fn single(&self) -> Option<&str> {
        match self.0.as_slice() {
            [value] if !value.starts_with(NOT) => Some(value),
            _ => None,
        }
    }

    /// The values of which one must fit.
    pub fn wanted(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str).filter(|value| !value.starts_with(NOT))
    }

    /// All values, those that must not fit without their mark.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|value| value.strip_prefix(NOT).unwrap_or(value))
    }
}

impl std::fmt::Display for Terms {
    /// As they are typed, in one order.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut values = self.0.clone();
        values.sort();
        f.write_str(&values.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_must_fit_and_none_of_the_others_may() {
        let fits = |terms: &str, text: &str| Terms::parse([terms]).fit(|value| value == text);
        assert!(fits("", "a") && fits("a,b", "b") && fits("!a", "b"));
        assert!(!fits("a,b", "c") && !fits("!a", "a") && !fits("a,!a", "a"));
        assert_eq!(Terms::parse(["a"]).single(), Some("a"));
        assert_eq!(Terms::parse(["!a"]).single(), None);
        assert_eq!(Terms::parse(["a", "b"]).single(), None);
    }
}
