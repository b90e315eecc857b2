//! What came of a sync, whichever implementation did it: exit code, summary, metrics and response are
//! made from this.

use legacy::{LegacyError, Totals};
use model::environment::ConfigError;
use sync::accounts::CollectAccountsError;
use sync::{Report, SyncError};

/// A sync that was done, completely or not.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// What the refactored sync did, and what it could not do.
    Refactored(Box<Report>),
    /// All that the legacy sync tells.
    Legacy(Totals),
}

/// How much of the picture a sync gives. Exit codes and metrics follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// Nothing is missing, as far as the implementation knows.
    Complete,
    /// Something is missing; the outcome says what, as far as the implementation knows.
    Incomplete,
    /// Nothing was done.
    Nothing,
}

impl Outcome {
    /// The one place that decides it. The legacy sync counts only rows that it could not build or
    /// send, and knows of nothing else that is missing.
    pub fn completeness(&self) -> Completeness {
        let complete = match self {
            Self::Refactored(report) => report.complete,
            Self::Legacy(Totals::Done { errors, .. }) => *errors == 0,
            Self::Legacy(Totals::NotConfigured) => return Completeness::Nothing,
        };
        if complete { Completeness::Complete } else { Completeness::Incomplete }
    }
}

impl From<Report> for Outcome {
    fn from(report: Report) -> Self {
        Self::Refactored(Box::new(report))
    }
}

impl From<Totals> for Outcome {
    fn from(totals: Totals) -> Self {
        Self::Legacy(totals)
    }
}

/// A sync that could not be done at all.
#[derive(Debug, thiserror::Error)]
pub enum OutcomeError {
    /// The refactored sync could not start.
    #[error(transparent)]
    Refactored(#[from] SyncError),
    /// An error left the legacy implementation.
    #[error(transparent)]
    Legacy(#[from] LegacyError),
}

impl From<ConfigError> for OutcomeError {
    fn from(error: ConfigError) -> Self {
        Self::Refactored(error.into())
    }
}

impl From<CollectAccountsError> for OutcomeError {
    fn from(error: CollectAccountsError) -> Self {
        Self::Refactored(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_makes_a_picture_incomplete() {
        let report = |complete| Outcome::from(Report { complete, ..Report::default() });
        let totals =
            |errors| Outcome::from(Totals::Done { synced: 1, errors, timestamp: String::new() });
        assert_eq!(report(true).completeness(), Completeness::Complete);
        assert_eq!(report(false).completeness(), Completeness::Incomplete);
        assert_eq!(totals(0).completeness(), Completeness::Complete);
        assert_eq!(totals(2).completeness(), Completeness::Incomplete);
        let nothing = Outcome::from(Totals::NotConfigured);
        assert_eq!(nothing.completeness(), Completeness::Nothing);
    }
}
