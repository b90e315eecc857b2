//! What must hold of a sync where nothing changed.

use super::{Counted, Counts, Kind};
use crate::bars::Bar;

const INVENTORY: &str = "source-server-inventory";
/// Write units of everything: rows, ledger, history, rows of regions.
const MOST_PER_PLACE: usize = 3;
/// The same.
const MOST_PER_ACCOUNT: usize = 3;

/// The bars, with what was seen.
pub(super) fn bars(counted: &Counted) -> Vec<Bar> {
    let unchanged = counted.syncs.iter().filter(|counts| counts.sync == Kind::Unchanged);
    unchanged.flat_map(|counts| [no_row(counted, counts), few_units(counted, counts)]).collect()
}

fn no_row(counted: &Counted, counts: &Counts) -> Bar {
    let (units, rows) = (counts.written_to(INVENTORY), counts.servers_written);
    let text = format!(
        "{}, {}: {units} write units in {INVENTORY} and its indexes, {rows} rows; none may be",
        counted.world, counts.sync
    );
    Bar { text, holds: units == 0.0 && rows == 0 }
}

fn few_units(counted: &Counted, counts: &Counts) -> Bar {
    let Counted { world, places, accounts, .. } = counted;
    let (units, most) = (counts.written(), MOST_PER_PLACE * places + MOST_PER_ACCOUNT * accounts);
    let text = format!(
        "{world}, {}: {units} write units in all, at most {most} ({MOST_PER_PLACE} for each of {places} \
         active pairs of account and region, {MOST_PER_ACCOUNT} for each of {accounts} accounts)",
        counts.sync
    );
    Bar { text, holds: units <= most as f64 }
}

#[cfg(test)]
mod tests {
    use super::super::Units;
    use super::*;

    fn counted(table: &str, write: f64, servers_written: usize) -> Counted {
        let (operation, table) = ("UpdateItem".to_owned(), table.to_owned());
        let units = vec![Units { operation, table, index: None, read: 0.0, write }];
        let unchanged =
            Counts { sync: Kind::Unchanged, servers_written, servers_unchanged: 6, units };
        let first = Counts { sync: Kind::First, ..unchanged.clone() };
        Counted {
            world: "1×2×6".to_owned(),
            servers: 6,
            places: 2,
            accounts: 1,
            syncs: vec![first, unchanged],
            kept: Vec::new(),
            broken: Vec::new(),
        }
    }

    fn holds(table: &str, write: f64, servers_written: usize) -> Vec<bool> {
        let bars = bars(&counted(table, write, servers_written));
        bars.into_iter().map(|bar| bar.holds).collect()
    }

    #[test]
    fn three_units_a_place_and_three_an_account_and_no_row() {
        assert_eq!(holds("account-region-status", 9.0, 0), [true, true]);
        assert_eq!(holds("account-region-status", 9.5, 0), [true, false]);
        assert_eq!(holds(INVENTORY, 2.0, 0), [false, true]);
        assert_eq!(holds("account-region-status", 9.0, 1), [false, true]);
    }
}
