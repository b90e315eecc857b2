//! Entries of the ledger by their keys, and the first rows of a listing.

use std::collections::{BTreeSet, HashMap};

use aws::ServiceError;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use store::rows::ledger::entry_key;
use store::tables::{AccountRegionStatusTable, KEYS_PER_BATCH, Listing, REGION_INDEX, read_all};
use store::{Item, QueryError, text};

/// Batches that are read at once.
const BATCHES_AT_ONCE: usize = 8;
/// Regions that are read at once.
const REGIONS_AT_ONCE: usize = 16;

/// Account and region of an entry.
pub(super) type Key = (String, String);

/// The entries of these keys; one that is not there is absent.
///
/// # Errors
/// [`QueryError`] names the table; half an answer is never returned.
pub(crate) async fn read_entries(
    ledger: &AccountRegionStatusTable,
    keys: BTreeSet<Key>,
) -> Result<HashMap<Key, Item>, QueryError> {
    let keys: Vec<Item> = keys.iter().map(|(account, region)| entry_key(account, region)).collect();
    let batches = stream::iter(keys.chunks(KEYS_PER_BATCH).map(<[Item]>::to_vec));
    let read = batches.map(|batch| read_all(ledger, batch)).buffer_unordered(BATCHES_AT_ONCE);
    let read: Result<Vec<Vec<Item>>, ServiceError> = read.try_collect().await;
    let read = read.map_err(|source| QueryError { table: ledger.name.clone(), source });
    let read = none_where_there_is_no_ledger(read)?;
    let key = |item: &Item| (text(item, "accountId").to_owned(), text(item, "region").to_owned());
    Ok(read.into_iter().flatten().map(|item| (key(&item), item)).collect())
}

/// The entries of these regions, or beside them, of all accounts.
///
/// # Errors
/// [`QueryError`] names the table.
pub(crate) async fn entries_of_regions(
    ledger: &AccountRegionStatusTable,
    regions: Vec<String>,
) -> Result<Vec<Item>, QueryError> {
    let listings =
        regions.iter().map(|region| Listing::of_index(ledger, REGION_INDEX, "region", region));
    let listings: Vec<_> = listings.map(|listing| listing.every_item().boxed()).collect();
    let read = stream::iter(listings).buffer_unordered(REGIONS_AT_ONCE);
    let read: Vec<Vec<Item>> = read.try_collect().await?;
    Ok(read.into_iter().flatten().collect())
}

/// An installation of before the ledger is read all the same: then nothing is known as of when.
///
/// # Errors
/// [`QueryError`] for any other reason.
pub(crate) fn none_where_there_is_no_ledger<T: Default>(
    read: Result<T, QueryError>,
) -> Result<T, QueryError> {
    match read {
        Err(error) if error.source.code() == "ResourceNotFoundException" => Ok(T::default()),
        read => read,
    }
}

/// The rows of a listing, and whether it has more of them than are read: pages end once there are
/// `most`.
///
/// # Errors
/// [`QueryError`] names the table.
pub(super) async fn first_rows(
    listing: Listing,
    most: usize,
) -> Result<(Vec<Item>, bool), QueryError> {
    let (mut items, mut pages) = (Vec::new(), listing.pages(None));
    while let Some(page) = pages.next().await? {
        items.extend(page.items);
        if items.len() >= most && !page.is_last {
            return Ok((items, true));
        }
    }
    Ok((items, false))
}
