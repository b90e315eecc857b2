//! How one step of a check went.

use serde::Serialize;

/// How one step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// As a sync needs it.
    Ok,
    /// A sync works without it, and does better with it.
    Optional,
    /// A sync cannot do its work.
    Failed,
    /// An earlier step failed.
    NotReached,
}

/// One step of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What was tried, as in `assume the role`.
    pub what: &'static str,
    /// How it went.
    pub how: How,
    /// What was found, with the words of AWS where it refused; may be empty.
    pub found: String,
    /// The change that mends it; none where nothing is to be mended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

impl Step {
    pub(super) fn ok(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, how: How::Ok, found: found.into(), change: None }
    }

    pub(super) fn failed(what: &'static str, found: impl Into<String>, change: String) -> Self {
        Self { what, how: How::Failed, found: found.into(), change: Some(change) }
    }

    pub(super) fn optional(what: &'static str, found: impl Into<String>, change: String) -> Self {
        Self { what, how: How::Optional, found: found.into(), change: Some(change) }
    }

    pub(super) fn not_reached(what: &'static str) -> Self {
        Self { what, how: How::NotReached, found: String::new(), change: None }
    }
}

/// Whether no step failed. One that was not reached comes after one that failed.
pub(super) fn all_passed(steps: &[Step]) -> bool {
    steps.iter().all(|step| matches!(step.how, How::Ok | How::Optional))
}
