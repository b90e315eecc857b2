//! Which worlds are measured, and how often.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::args::Args;
use crate::change::Change;
use crate::shape::Shape;

/// Which sync of a store is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sync {
    /// Nothing is known: every region is asked.
    First,
    /// The regions with servers are known, and every row was written a moment ago.
    Second(Change),
    /// Eight more syncs have been, and the rows have stood long enough for an index to be believed.
    Tenth(Change),
}

impl Sync {
    /// What changed since the sync before.
    pub(crate) fn change(self) -> Change {
        match self {
            Self::First => Change::Nothing,
            Self::Second(change) | Self::Tenth(change) => change,
        }
    }

    /// The syncs that were before it.
    pub(crate) fn before(self) -> usize {
        match self {
            Self::First => 0,
            Self::Second(_) => 1,
            Self::Tenth(_) => 9,
        }
    }

    /// The rows that it must write, of so many servers.
    pub(crate) fn rows_to_write(self, servers: usize) -> usize {
        match self {
            Self::First => servers,
            Self::Second(change) | Self::Tenth(change) => change.servers(servers),
        }
    }
}

impl fmt::Display for Sync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => f.write_str("first"),
            Self::Second(Change::Nothing) => f.write_str("second"),
            Self::Second(change) => write!(f, "second, {change}"),
            Self::Tenth(Change::Nothing) => f.write_str("tenth"),
            Self::Tenth(change) => write!(f, "tenth, {change}"),
        }
    }
}

impl Serialize for Sync {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) shape: Shape,
    pub(crate) sync: Sync,
    pub(crate) refactored_runs: usize,
    /// 0 where the legacy sync would take minutes, and where it has done the same already.
    pub(crate) legacy_runs: usize,
}

pub(crate) const SMALL: Shape = Shape::new(1, 6, 50);
pub(crate) const TEN_ACCOUNTS: Shape = Shape::new(10, 6, 300);
pub(crate) const HUNDRED_ACCOUNTS: Shape = Shape::new(100, 28, 300);
pub(crate) const THREE_HUNDRED_ACCOUNTS: Shape = Shape::new(300, 28, 300);
/// Of a quick run.
const TEN_SMALL_ACCOUNTS: Shape = Shape::new(10, 6, 100);

/// A sync that follows another within seconds, and where nothing changed.
pub(crate) const SECOND: Sync = Sync::Second(Change::Nothing);
const SECOND_CHANGED: [Sync; 2] =
    [Sync::Second(Change::OnePercent), Sync::Second(Change::TwentyPercent)];
const TENTH: [Sync; 3] = [
    Sync::Tenth(Change::Nothing),
    Sync::Tenth(Change::OnePercent),
    Sync::Tenth(Change::TwentyPercent),
];

/// The rows that were asked for, in order; those of one shape follow one another.
pub(crate) fn plans(args: &Args) -> Vec<Plan> {
    if !args.world.is_empty() {
        let legacy_runs = usize::from(args.legacy);
        let plan =
            |shape: &Shape| [Sync::First, SECOND].map(|sync| row(*shape, sync, 3, legacy_runs));
        return args.world.iter().flat_map(plan).collect();
    }
    if args.quick {
        return [
            every_sync(SMALL, (3, 1), (3, 1), 1),
            every_sync(TEN_SMALL_ACCOUNTS, (2, 1), (1, 0), 1),
        ]
        .concat();
    }
    [
        every_sync(SMALL, (7, 3), (7, 3), 3),
        every_sync(TEN_ACCOUNTS, (5, 1), (2, 0), 2),
        every_sync(HUNDRED_ACCOUNTS, (2, 0), (2, 0), 1),
        // Ten syncs of so many servers would take a third of the time of the whole run.
        vec![
            row(THREE_HUNDRED_ACCOUNTS, Sync::First, 1, 0),
            row(THREE_HUNDRED_ACCOUNTS, SECOND, 1, 0),
        ],
    ]
    .concat()
}

/// First, second and tenth sync; runs of both implementations for the first two, and of the refactored
/// one for all others.
fn every_sync(
    shape: Shape,
    first: (usize, usize),
    second: (usize, usize),
    others: usize,
) -> Vec<Plan> {
    let measured =
        [row(shape, Sync::First, first.0, first.1), row(shape, SECOND, second.0, second.1)];
    let others = SECOND_CHANGED.into_iter().chain(TENTH).map(|sync| row(shape, sync, others, 0));
    measured.into_iter().chain(others).collect()
}

fn row(shape: Shape, sync: Sync, refactored_runs: usize, legacy_runs: usize) -> Plan {
    Plan { shape, sync, refactored_runs, legacy_runs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_says_which_it_is_and_writes_what_changed() {
        assert_eq!(SECOND.to_string(), "second");
        assert_eq!(Sync::Tenth(Change::TwentyPercent).to_string(), "tenth, 20 % changed");
        assert_eq!(Sync::First.rows_to_write(50), 50);
        assert_eq!(SECOND.rows_to_write(50), 0);
        assert_eq!(Sync::Tenth(Change::TwentyPercent).rows_to_write(50), 10);
    }
}
