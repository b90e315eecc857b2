//! Which rows say what stands in the table, told by their hashes alone.
//!
//! Where an index is believed it tells; where it may lag, the table tells a hash and no more. Whole rows
//! are read only of what is left.

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;
use model::{Failure, Place};
use store::rows::{RowKey, hash_in};
use store::{Indexes, Item, text};

use super::current_rows::read_rows;
use super::listed_row::ListedRow;
use super::listing_index::Proposed;
use super::place_look::{PlaceLook, is_held};
use super::recent_writes::Doubtful;
use super::run::Run;
use crate::time::age;

/// What the index says is believed once the look before is older than this: it may lag.
const INDEX_MAY_LAG: SignedDuration = SignedDuration::from_secs(60);
/// Enough to tell that a row stands as it is listed.
const ATTRIBUTES: &str = "sourceServerArn, stagingAccountId, listedIn, contentHash, missingSince";

/// A row that stands as it is listed.
pub(crate) struct Unchanged {
    /// The row as it is listed.
    pub(crate) listed: ListedRow,
    /// Of the row that stands.
    pub(crate) content_hash: String,
}

/// The rows of a place by what the index says of them.
#[derive(Default)]
pub(crate) struct ByIndex {
    /// It says that they are unchanged, and is believed.
    pub(crate) unchanged: Vec<Unchanged>,
    /// It says so, and may lag.
    pub(crate) perhaps: Vec<ListedRow>,
    /// It says something else, or nothing.
    pub(crate) open: Vec<ListedRow>,
}

impl ByIndex {
    /// Asks the index about each row.
    pub(crate) fn sort(
        look: &PlaceLook<'_>,
        (index, follows): (&HashMap<RowKey, Proposed>, Indexes),
        rows: Vec<ListedRow>,
    ) -> Self {
        let doubtful = doubtful(look, follows);
        let mut by_index = Self::default();
        for listed in rows {
            let key = listed.key();
            match index.get(&key).and_then(|proposed| same_hash(proposed, &listed)) {
                None => by_index.open.push(listed),
                Some(_) if doubtful.has(&key) => by_index.perhaps.push(listed),
                Some(hash) => {
                    by_index.unchanged.push(Unchanged { content_hash: hash.to_owned(), listed });
                }
            }
        }
        by_index
    }
}

/// Reads of each row enough to tell whether it stands as it is listed; the others come second.
///
/// # Errors
/// The table does not answer; the rows come back.
pub(crate) async fn confirm(
    run: &Run<'_>,
    look: &PlaceLook<'_>,
    rows: Vec<ListedRow>,
) -> Result<(Vec<Unchanged>, Vec<ListedRow>), (Vec<ListedRow>, Failure)> {
    let keys = rows.iter().map(ListedRow::key).collect();
    let read = read_rows(&run.start.inventory, keys, Some(ATTRIBUTES), &look.writing).await;
    let stands = match read {
        Ok(stands) => stands,
        Err(failure) => return Err((rows, failure)),
    };
    let (mut unchanged, mut open) = (Vec::new(), Vec::new());
    for listed in rows {
        match stands.get(&listed.key()).and_then(|row| hash_of_same(row, &look.place, &listed)) {
            Some(content_hash) => unchanged.push(Unchanged { listed, content_hash }),
            None => open.push(listed),
        }
    }
    Ok((unchanged, open))
}

fn doubtful(look: &PlaceLook<'_>, follows: Indexes) -> Doubtful {
    match (look.previous, follows) {
        _ if look.is_first_after_a_crash => Doubtful::All,
        (_, Indexes::FollowAtOnce) => Doubtful::Keys(HashSet::new()),
        (Some(entry), Indexes::MayLag) if is_settled(look) => Doubtful::of(entry, look.asked_at),
        (_, Indexes::MayLag) => Doubtful::All,
    }
}

/// Whether the look before is old enough for the index to know what it wrote.
fn is_settled(look: &PlaceLook<'_>) -> bool {
    let before = look.previous.and_then(|entry| entry.last_success.as_deref());
    age(before, look.asked_at).is_some_and(|age| age > INDEX_MAY_LAG)
}

fn same_hash<'a>(proposed: &'a Proposed, listed: &ListedRow) -> Option<&'a str> {
    let hash = proposed.content_hash.as_deref().filter(|_| !proposed.is_missing)?;
    (listed.kept_back.is_none() && says_the_same(hash, listed)).then_some(hash)
}

fn hash_of_same(row: &Item, place: &Place, listed: &ListedRow) -> Option<String> {
    let hash = text(row, "contentHash");
    let is_same =
        is_held(row, place) && !row.contains_key("missingSince") && says_the_same(hash, listed);
    is_same.then(|| hash.to_owned())
}

fn says_the_same(content_hash: &str, listed: &ListedRow) -> bool {
    Some(hash_in(content_hash)) == listed.row.content_hash.as_deref()
}
