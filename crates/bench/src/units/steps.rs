//! The syncs that are counted, one after another, and who makes them.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::dollars::SYNC_EVERY_MINUTES;
use crate::change::Change;

/// `ROW_REFRESH_MINUTES=360`: no row is written again before it is to be.
pub(super) const ROW_REFRESH: Duration = minutes(360);

/// Who syncs the accounts. As in the template's parameter `SyncMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Mode {
    /// One call for all.
    Function,
    /// One call for each, and one that ends the sync.
    StateMachine,
}

/// Which sync it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    /// Nothing is known.
    First,
    /// Every server is as it was.
    Unchanged,
    /// One server of five is not.
    TwentyPercent,
    /// One server of a hundred is not, as in the syncs before, five minutes apart.
    OnePercent,
    /// All regions are asked, and every server is as it was.
    Discovery,
    /// The same, and every row is as old as it may become.
    Refresh,
    /// Five minutes after every row was written.
    AfterRefresh,
    /// Ten minutes after.
    LaterAfterRefresh,
    /// It brings the servers to where the next one starts, and is not counted.
    Between,
}

/// A sync, the time since the one before, and which servers are not as they were made.
pub(super) struct Step(pub(super) Kind, pub(super) Duration, pub(super) Change);

/// Longer than the ten minutes for which a sync does not believe the index of rows that were just written.
const SETTLED: Duration = minutes(11);
/// The schedule of docs/scaling.md that the bars are about.
const INTERVAL: Duration = minutes(SYNC_EVERY_MINUTES);

/// Without what takes long and is rare.
pub(super) const SHORT: [Step; 3] = [
    Step(Kind::First, Duration::ZERO, Change::Nothing),
    Step(Kind::Unchanged, SETTLED, Change::Nothing),
    Step(Kind::OnePercent, SETTLED, Change::OnePercent),
];

/// Everything that a month is made of.
pub(super) const MONTH: [Step; 12] = [
    Step(Kind::First, Duration::ZERO, Change::Nothing),
    Step(Kind::Unchanged, SETTLED, Change::Nothing),
    Step(Kind::TwentyPercent, SETTLED, Change::TwentyPercent),
    Step(Kind::Between, SETTLED, Change::Nothing),
    Step(Kind::Between, INTERVAL, Change::OnePercent),
    Step(Kind::Between, INTERVAL, Change::Nothing),
    Step(Kind::OnePercent, INTERVAL, Change::OnePercent),
    Step(Kind::Between, SETTLED, Change::Nothing),
    Step(Kind::Discovery, minutes(61), Change::Nothing),
    Step(Kind::Refresh, minutes(2 * 360 + 1), Change::Nothing),
    Step(Kind::AfterRefresh, INTERVAL, Change::Nothing),
    Step(Kind::LaterAfterRefresh, INTERVAL, Change::Nothing),
];

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Unchanged => "unchanged",
            Self::TwentyPercent => "20 % changed",
            Self::OnePercent => "1 % changed",
            Self::Discovery => "all regions asked",
            Self::Refresh => "all regions asked, all rows refreshed",
            Self::AfterRefresh => "5 minutes later",
            Self::LaterAfterRefresh => "10 minutes later",
            Self::Between => "between",
        })
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Function => "one function",
            Self::StateMachine => "the state machine",
        })
    }
}
