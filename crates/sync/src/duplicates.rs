//! The same server listed twice in one sync: one row, from the listing that knows it best.
//!
//! The latest `lastSeenByServiceDateTime` wins; where that decides nothing, the last one read,
//! in the order of the accounts table. A server without an ARN is no duplicate of another.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use store::rows::RowKey;

use super::listed_row::ListedRow;

/// Which listing a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The account's, in the order of the accounts table.
    pub(super) account: usize,
    /// The region's, in the order in which the account's regions are asked.
    pub(super) region: usize,
}

/// How good a row is: when DRS last saw the server, then the place of its listing.
type Rank = (Option<Timestamp>, Place);

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

fn seen(row: &ListedRow) -> Option<Timestamp> {
    row.row.last_seen.parse().ok()
}

/// Which keys this sync has given to whom, over all its accounts and regions. They write at the
/// same time; a key that another one has claimed waits until all are done.
#[derive(Debug, Default)]
pub(super) struct Claims {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: HashMap<RowKey, Rank>,
    contested: Vec<(Place, ListedRow)>,
}

impl Claims {
    /// Those of `rows` that nobody claimed before, and those that nobody can claim because they
    /// have no ARN. The others wait for [`Claims::settle`].
    pub(super) fn claim(
        &self,
        rows: Vec<ListedRow>,
        place_of: impl Fn(&ListedRow) -> Place,
    ) -> Vec<ListedRow> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = Vec::with_capacity(rows.len());
        for row in merge_duplicates(rows) {
            if !row.can_have_duplicates() {
                free.push(row);
                continue;
            }
            let place = place_of(&row);
            match state.held.entry(row.key()) {
                Entry::Vacant(entry) => {
                    entry.insert((seen(&row), place));
                    free.push(row);
                }
                Entry::Occupied(_) => state.contested.push((place, row)),
            }
        }
        free
    }

    /// The contested rows that are better than what was written under their keys.
    pub(super) fn settle(&self) -> Vec<ListedRow> {
        let State { mut held, contested } =
            std::mem::take(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner));
        let mut winners: HashMap<RowKey, ListedRow> = HashMap::new();
        for (place, row) in contested {
            let rank = (seen(&row), place);
            if held.get(&row.key()).is_none_or(|held| rank > *held) {
                held.insert(row.key(), rank);
                winners.insert(row.key(), row);
            }
        }
        winners.into_values().collect()
    }
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
        ListedRow { row, account_id, region, kept_back: None }
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

        #[test]
        fn listings_end_with_the_same_row_in_whatever_order_they_claim(
            rows in any_rows(), order in Just(vec![0, 1, 2, 3]).prop_shuffle(),
        ) {
            // Two regions each of two accounts.
            let place_of = |listing: usize| Place { account: listing / 2, region: listing % 2 };
            let written = |order: Vec<usize>| {
                let claims = Claims::default();
                let mut table: HashMap<RowKey, ListedRow> = HashMap::new();
                for listing in order {
                    let own = rows.iter().filter(|row| row.account_id == listing.to_string());
                    let free = claims.claim(own.cloned().collect(), |_| place_of(listing));
                    table.extend(free.into_iter().map(|row| (row.key(), row)));
                }
                table.extend(claims.settle().into_iter().map(|row| (row.key(), row)));
                table
            };
            prop_assert_eq!(written(vec![0, 1, 2, 3]), written(order));
        }
    }
}
