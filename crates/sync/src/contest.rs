//! The same server listed by several places in one sync: one row, from the listing that knows it best.
//!
//! Places write at the same time. Only rows that no place held before are contested: a row that a
//! place holds stays with it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use store::rows::RowKey;
use tokio::sync::Notify;

use super::duplicates::seen;
use super::listed_row::ListedRow;
use super::pace::Deadline;

/// Which listing a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    account: u32,
    region: u32,
}

impl Position {
    /// Of an account in the order of the accounts table, and of a region in the order in which the
    /// account's regions are asked.
    pub(super) fn of(account: usize, region: usize) -> Self {
        let short = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
        Self { account: short(account), region: short(region) }
    }
}

/// How good a row is: when DRS last saw the server, then the position of its listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// Microseconds since 1970; of a server that DRS never saw, before all others.
    seen: i64,
    position: Position,
}

impl Rank {
    fn of(row: &ListedRow, position: Position) -> Self {
        let seen = seen(row).map_or(i64::MIN, |seen| seen.as_microsecond());
        Self { seen, position }
    }
}

/// A key's hash. A first sync gives every row to somebody; of 90,000 servers the keys themselves took a tenth
/// of its memory.
type ShortKey = [u8; 16];

/// Which keys this sync has given to whom, over all its accounts and regions.
#[derive(Debug, Default)]
pub(super) struct Contest {
    given: Mutex<HashMap<ShortKey, Given>>,
    settled: Notify,
}

#[derive(Debug, Clone, Copy)]
struct Given {
    rank: Rank,
    /// Whether the row was sent, and what became of it is known.
    settled: bool,
}

impl Contest {
    /// Those of `rows` that nobody in this sync has taken before, and those that somebody has.
    pub(super) fn take(
        &self,
        rows: Vec<ListedRow>,
        position_of: impl Fn(&ListedRow) -> Position,
    ) -> (Vec<ListedRow>, Vec<ListedRow>) {
        let mut given = self.given();
        rows.into_iter().partition(|row| {
            if row.held || !row.can_have_duplicates() {
                return true;
            }
            let rank = Rank::of(row, position_of(row));
            match given.entry(row.key().short_hash()) {
                Entry::Vacant(free) => {
                    free.insert(Given { rank, settled: false });
                    true
                }
                Entry::Occupied(_) => false,
            }
        })
    }

    /// The rows that were taken are in the table, or will not get there.
    pub(super) fn settle<'a>(&self, keys: impl Iterator<Item = &'a RowKey>) {
        let mut given = self.given();
        for key in keys {
            if let Some(given) = given.get_mut(&key.short_hash()) {
                given.settled = true;
            }
        }
        drop(given);
        self.settled.notify_waiters();
    }

    /// Whether somebody in this sync has taken the key.
    pub(super) fn has(&self, key: &RowKey) -> bool {
        self.given().contains_key(&key.short_hash())
    }

    /// Those of `rows` that are better than what somebody else took, once that is in the table. Until
    /// `ends`; then a row stays as the other one left it.
    pub(super) async fn win(
        &self,
        rows: Vec<ListedRow>,
        position_of: impl Fn(&ListedRow) -> Position,
        ends: Deadline,
    ) -> Vec<ListedRow> {
        let mut won = Vec::new();
        for row in rows {
            let rank = Rank::of(&row, position_of(&row));
            if ends.within(self.wins(&row.key(), rank)).await.unwrap_or(false) {
                won.push(row);
            }
        }
        won
    }

    async fn wins(&self, key: &RowKey, rank: Rank) -> bool {
        loop {
            let changed = self.settled.notified();
            tokio::pin!(changed);
            // From here on a change is not missed.
            changed.as_mut().enable();
            if let Some(won) = self.try_win(key, rank) {
                return won;
            }
            changed.await;
        }
    }

    /// None while the row of the other one is on its way.
    fn try_win(&self, key: &RowKey, rank: Rank) -> Option<bool> {
        let key = key.short_hash();
        let mut given = self.given();
        match given.get_mut(&key) {
            Some(other) if rank <= other.rank => Some(false),
            Some(other) if !other.settled => None,
            _ => {
                given.insert(key, Given { rank, settled: false });
                Some(true)
            }
        }
    }

    fn given(&self) -> MutexGuard<'_, HashMap<ShortKey, Given>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use store::rows::InventoryRow;

    use super::*;

    fn row(key: u8, seen: &str, listing: usize) -> ListedRow {
        let row = InventoryRow {
            source_server_arn: format!("arn-{key}"),
            last_seen: seen.to_owned(),
            ..InventoryRow::default()
        };
        let (account_id, region) = (listing.to_string(), String::new());
        ListedRow { row, account_id, region, ..ListedRow::default() }
    }

    fn any_rows() -> impl Strategy<Value = Vec<ListedRow>> {
        let seen = prop_oneof!["", "2026-11-0[1-9]T00:00:00Z"];
        let row =
            (0..6_u8, seen, 0..4_usize).prop_map(|(key, seen, listing)| row(key, &seen, listing));
        prop::collection::vec(row, 0..40)
    }

    /// What the table holds after the listings wrote in this order, each as soon as it may.
    async fn written(rows: &[ListedRow], order: &[usize]) -> HashMap<RowKey, ListedRow> {
        // Two regions each of two accounts.
        let position = |listing: usize| Position::of(listing / 2, listing % 2);
        let (contest, table) = (Contest::default(), Mutex::new(HashMap::new()));
        let write = |rows: Vec<ListedRow>| {
            let keys: Vec<RowKey> = rows.iter().map(ListedRow::key).collect();
            table.lock().unwrap().extend(rows.into_iter().map(|row| (row.key(), row)));
            contest.settle(keys.iter());
        };
        let listings = order.iter().map(|listing| async {
            let own = rows.iter().filter(|row| row.account_id == listing.to_string());
            let own = crate::duplicates::merge_duplicates(own.cloned().collect());
            let (free, taken) = contest.take(own, |_| position(*listing));
            tokio::task::yield_now().await;
            write(free);
            write(contest.win(taken, |_| position(*listing), Deadline::none()).await);
        });
        futures::future::join_all(listings).await;
        table.into_inner().unwrap()
    }

    proptest! {
        #[test]
        fn listings_end_with_the_same_rows_in_whatever_order_they_write(
            rows in any_rows(), order in Just(vec![0, 1, 2, 3]).prop_shuffle(),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (one, another) =
                runtime.block_on(async { (written(&rows, &[0, 1, 2, 3]).await, written(&rows, &order).await) });
            prop_assert_eq!(one, another);
        }
    }
}
