//! Whether a server can be recovered: a pure function of facts, policy and time.
//!
//! - [`judge`]: facts to a verdict with its reasons.
//! - [`reason`]: every reason there is, how bad it is, and what to do about it.
//! - [`policy`]: what is expected of a server.
//! - [`drill`]: what the last launch of a server proves.
//! - [`facts_at_launch`]: the machine as it was when it was last launched.
//!
//! Worse facts never give a better verdict, and a fact that is missing never gives `READY`.

pub mod drill;
pub mod facts_at_launch;
pub mod judge;
pub mod policy;
pub mod reason;

use serde::{Deserialize, Serialize};

pub use drill::Drill;
pub use facts_at_launch::FactsAtLaunch;
pub use judge::{Context, Judgement, is_in_step, judge, replicates};
pub use policy::Policy;
pub use reason::{Level, Reason, ReasonCode};

/// Whether a server can be recovered, as far as its facts say. The best first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// It can be recovered within its objective.
    Ready,
    /// It can be recovered, and something about it may not go as expected.
    AtRisk,
    /// It cannot be recovered to a state of now.
    #[default]
    NotReady,
}

impl Verdict {
    /// The best first.
    pub const ALL: [Self; 3] = [Self::Ready, Self::AtRisk, Self::NotReady];

    /// As in `NOT_READY`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::AtRisk => "AT_RISK",
            Self::NotReady => "NOT_READY",
        }
    }

    /// The verdict of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }
}

/// What readers say of a server whose place cannot be read, or was read too long ago. No row holds it.
pub const UNKNOWN: &str = "UNKNOWN";
