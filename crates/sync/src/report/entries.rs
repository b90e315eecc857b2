//! The entries of a report: what is missing, and which account was not asked.

use model::{Failure, FailureKind};
use serde::Serialize;

/// One thing that is missing from the picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// What the entry is about.
    pub kind: FailureKind,
    /// The account.
    pub account: String,
    /// The region, where the entry is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The row's key, or the id of a server without an ARN, where the entry is about a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// The class of the failure.
    pub status: &'static str,
    /// The service's code.
    pub code: String,
    /// The service's text.
    pub message: String,
    /// Whether the next sync can succeed with nothing changed.
    pub retryable: bool,
    /// What to do.
    pub what_to_do: String,
}

impl Missing {
    /// What failed, in the words of the report.
    pub(super) fn of(
        kind: FailureKind,
        account: &str,
        region: Option<&String>,
        failure: &Failure,
    ) -> Self {
        Self {
            kind,
            account: account.to_owned(),
            region: region.cloned(),
            row: None,
            status: failure.status.name(),
            code: failure.code.clone(),
            message: failure.message.clone(),
            retryable: failure.retryable,
            what_to_do: failure.advice.clone(),
        }
    }
}

/// An account that was not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedAccount {
    /// Its id.
    pub account: String,
    /// Why.
    pub reason: String,
}
