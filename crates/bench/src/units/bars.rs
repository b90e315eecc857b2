//! What must hold of a sync where nothing changed.

use super::{Counted, Counts, Kind};
use crate::bars::{Bar, Promise};

pub(super) const INVENTORY: &str = "source-server-inventory";
/// Write units of everything: rows, ledger, history, rows of regions.
const MOST_PER_PLACE: usize = 3;
/// The same.
const MOST_PER_ACCOUNT: usize = 3;

/// The bars, with what was seen.
pub(crate) fn bars(counted: &Counted) -> Vec<Bar> {
    promised(Some(counted)).into_iter().filter_map(|(_, bar)| bar).collect()
}

/// The bars, whether they were counted or not.
pub(crate) fn promised(counted: Option<&Counted>) -> Vec<Promise> {
    let seen = |bar: fn(&Counted, &Counts) -> Bar| {
        counted.and_then(|counted| Some(bar(counted, counted.of(Kind::Unchanged)?)))
    };
    vec![
        ("write units of rows in an unchanged sync".to_owned(), seen(no_row)),
        ("write units of an unchanged sync".to_owned(), seen(few_units)),
    ]
}

fn no_row(counted: &Counted, counts: &Counts) -> Bar {
    let (units, rows) = (counts.written_to(INVENTORY), counts.rows.written);
    let text = format!(
        "{}, {} by {}: {units} write units in {INVENTORY} and its indexes, {rows} rows; none may be",
        counted.world, counts.sync, counted.mode
    );
    Bar { text, holds: units == 0.0 && rows == 0 }
}

fn few_units(counted: &Counted, counts: &Counts) -> Bar {
    let Counted { world, mode, places, accounts, .. } = counted;
    let (units, most) = (counts.written(), MOST_PER_PLACE * places + MOST_PER_ACCOUNT * accounts);
    let text = format!(
        "{world}, {} by {mode}: {units} write units in all, at most {most} ({MOST_PER_PLACE} for each of \
         {places} active pairs of account and region, {MOST_PER_ACCOUNT} for each of {accounts} accounts)",
        counts.sync
    );
    Bar { text, holds: units <= most as f64 }
}

#[cfg(test)]
mod tests {
    use super::super::{Mode, Rows, Units};
    use super::*;
    use crate::calls::Calls;

    fn counted(table: &str, write: f64, written: usize) -> Counted {
        let (operation, table) = ("UpdateItem".to_owned(), table.to_owned());
        let unchanged = Counts {
            sync: Kind::Unchanged,
            rows: Rows { written, unchanged: 6 },
            calls: Calls::default(),
            cpu_seconds: None,
            finish_cpu_seconds: None,
            units: vec![Units { operation, table, index: None, read: 0.0, write }],
        };
        let first = Counts { sync: Kind::First, ..unchanged.clone() };
        Counted {
            world: "1×2×6".to_owned(),
            mode: Mode::Function,
            servers: 6,
            places: 2,
            accounts: 1,
            syncs: vec![first, unchanged],
        }
    }

    fn holds(table: &str, write: f64, written: usize) -> Vec<bool> {
        bars(&counted(table, write, written)).into_iter().map(|bar| bar.holds).collect()
    }

    #[test]
    fn three_units_a_place_and_three_an_account_and_no_row() {
        assert_eq!(holds("account-region-status", 9.0, 0), [true, true]);
        assert_eq!(holds("account-region-status", 9.5, 0), [true, false]);
        assert_eq!(holds(INVENTORY, 2.0, 0), [false, true]);
        assert_eq!(holds("account-region-status", 9.0, 1), [false, true]);
        assert!(promised(None).iter().all(|(_, bar)| bar.is_none()));
    }
}
