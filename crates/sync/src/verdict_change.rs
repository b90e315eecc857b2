//! A server whose verdict is another one than before.

use model::Place;
use model::readiness::{Reason, Verdict};

/// More changes of verdicts than these are counted, not named: a report is held in memory.
pub const MOST_VERDICT_CHANGES: usize = 1000;

/// A server whose verdict is another one than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictChange {
    /// The server.
    pub source_server_arn: String,
    /// Its name.
    pub hostname: String,
    /// Who lists it.
    pub listed_in: Place,
    /// What it was judged before; none where it was never judged.
    pub before: Option<Verdict>,
    /// What it is judged now.
    pub after: Verdict,
    /// Why.
    pub reasons: Vec<Reason>,
}
