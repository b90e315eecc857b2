//! Which worlds are measured, and how often.

use std::fmt;

use serde::Serialize;

use crate::args::Args;
use crate::shape::Shape;

/// Which sync of a store is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sync {
    /// Nothing is known: every region is asked.
    First,
    /// The regions with servers are known.
    Second,
}

impl fmt::Display for Sync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Second => "second",
        })
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) shape: Shape,
    pub(crate) sync: Sync,
    pub(crate) refactored_runs: usize,
    /// 0 where the legacy sync would take minutes.
    pub(crate) legacy_runs: usize,
}

pub(crate) const SMALL: Shape = Shape::new(1, 6, 50);
pub(crate) const TEN_ACCOUNTS: Shape = Shape::new(10, 6, 300);
pub(crate) const HUNDRED_ACCOUNTS: Shape = Shape::new(100, 28, 300);
pub(crate) const THREE_HUNDRED_ACCOUNTS: Shape = Shape::new(300, 28, 300);

/// The rows that were asked for, in order.
pub(crate) fn plans(args: &Args) -> Vec<Plan> {
    if !args.world.is_empty() {
        let legacy_runs = usize::from(args.legacy);
        let plan =
            |shape: &Shape| [Sync::First, Sync::Second].map(|s| row(*shape, s, 3, legacy_runs));
        return args.world.iter().flat_map(plan).collect();
    }
    if args.quick {
        return vec![
            row(SMALL, Sync::First, 3, 1),
            row(SMALL, Sync::Second, 3, 1),
            row(Shape::new(10, 6, 100), Sync::First, 2, 1),
        ];
    }
    vec![
        row(SMALL, Sync::First, 7, 3),
        row(SMALL, Sync::Second, 7, 3),
        row(TEN_ACCOUNTS, Sync::First, 5, 1),
        row(HUNDRED_ACCOUNTS, Sync::First, 2, 0),
        row(THREE_HUNDRED_ACCOUNTS, Sync::First, 1, 0),
    ]
}

fn row(shape: Shape, sync: Sync, refactored_runs: usize, legacy_runs: usize) -> Plan {
    Plan { shape, sync, refactored_runs, legacy_runs }
}
