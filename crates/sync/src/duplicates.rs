//! The same server listed twice in one sync: one row, from the listing that knows it best.
//!
//! The latest `lastSeenByServiceDateTime` wins; where that decides nothing, the last one read,
//! in the order of the accounts table. A server without an ARN is no duplicate of another.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;
use store::rows::RowKey;

use super::listed_row::ListedRow;

/// Each key once, in the order in which keys first appear. Rows without an ARN all stay.
pub fn merge_duplicates(rows: Vec<ListedRow>) -> Vec<ListedRow> {
    let mut positions: HashMap<RowKey, usize> = HashMap::new();
    let mut merged: Vec<ListedRow> = Vec::new();
    for row in rows {
        if !row.can_have_duplicates() {
            merged.push(row);
            continue;
        }
        match positions.entry(row.key()) {
            Entry::Vacant(free) => {
                free.insert(merged.len());
                merged.push(row);
            }
            Entry::Occupied(taken) => {
                let held = &mut merged[*taken.get()];
                if seen(&row) >= seen(held) {
                    *held = row;
                }
            }
        }
    }
    merged
}

pub(crate) fn seen(row: &ListedRow) -> Option<Timestamp> {
    row.row.last_seen.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use store::rows::InventoryRow;

    fn row(key: u8, seen: &str, account: usize) -> ListedRow {
        let row = InventoryRow {
            source_server_arn: format!("arn-{key}"),
            last_seen: seen.to_owned(),
            ..InventoryRow::default()
        };
        let (account_id, region) = (account.to_string(), String::new());
        ListedRow { row, account_id, region, ..ListedRow::default() }
    }

    #[test]
    fn the_latest_wins_else_the_last_read() {
        let early = "2026-11-01T10:00:00Z";
        let late = "2026-11-01T11:30:00+01:00";
        let winner = |rows: Vec<ListedRow>| merge_duplicates(rows).remove(0).account_id;
        assert_eq!(winner(vec![row(1, late, 0), row(1, early, 1)]), "0");
        assert_eq!(winner(vec![row(1, early, 0), row(1, early, 1)]), "1");
        assert_eq!(winner(vec![row(1, early, 0), row(1, "", 1)]), "0");
        assert_eq!(winner(vec![row(1, "", 0), row(1, "", 1)]), "1");
    }

    fn any_rows() -> impl Strategy<Value = Vec<ListedRow>> {
        let seen = prop_oneof!["", "2026-11-0[1-9]T00:00:00Z"];
        let row =
            (0..6_u8, seen, 0..4_usize).prop_map(|(key, seen, account)| row(key, &seen, account));
        prop::collection::vec(row, 0..40)
    }

    proptest! {
        #[test]
        fn every_key_stays_once(rows in any_rows()) {
            let mut keys: Vec<RowKey> = rows.iter().map(|row| row.key()).collect();
            keys.sort();
            keys.dedup();
            let mut merged: Vec<RowKey> = merge_duplicates(rows).into_iter().map(|row| row.key()).collect();
            merged.sort();
            prop_assert_eq!(merged, keys);
        }
    }
}
