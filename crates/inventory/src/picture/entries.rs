//! Entries of the ledger by their keys, and the first rows of a listing.

use std::collections::{BTreeSet, HashMap};

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures::{StreamExt, TryStreamExt, stream};
use store::tables::{AccountRegionStatusTable, Listing};
use store::{Item, QueryError, text};

/// Keys of one `BatchGetItem`. Source: DynamoDB API reference.
const KEYS_PER_BATCH: usize = 100;
/// Batches that are read at once.
const BATCHES_AT_ONCE: usize = 8;
/// How often keys are asked for that DynamoDB left unread.
const ATTEMPTS: usize = 5;

/// Account and region of an entry.
pub(super) type Key = (String, String);

/// The entries of these keys; one that is not there is absent.
///
/// # Errors
/// [`QueryError`] names the table; half an answer is never returned.
pub(super) async fn read_entries(
    ledger: &AccountRegionStatusTable,
    keys: BTreeSet<Key>,
) -> Result<HashMap<Key, Item>, QueryError> {
    let keys: Vec<Item> = keys.into_iter().map(key_item).collect();
    let batches = stream::iter(keys.chunks(KEYS_PER_BATCH).map(<[Item]>::to_vec));
    let read = batches.map(|batch| read_batch(ledger, batch)).buffer_unordered(BATCHES_AT_ONCE);
    let read: Result<Vec<Vec<Item>>, ServiceError> = read.try_collect().await;
    let read = read.map_err(|source| QueryError { table: ledger.name.clone(), source });
    let read = none_where_there_is_no_ledger(read)?;
    let key = |item: &Item| (text(item, "accountId").to_owned(), text(item, "region").to_owned());
    Ok(read.into_iter().flatten().map(|item| (key(&item), item)).collect())
}

async fn read_batch(
    ledger: &AccountRegionStatusTable,
    mut keys: Vec<Item>,
) -> Result<Vec<Item>, ServiceError> {
    let unusable = |code, message: String| ServiceError::Unusable { code, message };
    let mut items = Vec::new();
    for _ in 0..ATTEMPTS {
        let batch = KeysAndAttributes::builder().set_keys(Some(keys)).build();
        let batch = batch.map_err(|error| unusable("InvalidRequest", error.to_string()))?;
        let read = ledger.client.batch_get_item().request_items(&ledger.name, batch);
        let answer = read.send().await.map_err(|error| service_error(&error))?;
        items.extend(answer.responses.unwrap_or_default().remove(&ledger.name).unwrap_or_default());
        let unread = answer.unprocessed_keys.unwrap_or_default().remove(&ledger.name);
        match unread.map(|unread| unread.keys).filter(|keys| !keys.is_empty()) {
            Some(unread) => keys = unread,
            None => return Ok(items),
        }
    }
    Err(unusable("KeysUnread", "DynamoDB leaves keys unread; try again".to_owned()))
}

fn key_item((account, region): Key) -> Item {
    Item::from([
        ("accountId".to_owned(), AttributeValue::S(account)),
        ("region".to_owned(), AttributeValue::S(region)),
    ])
}

/// An installation of before the ledger is read all the same: then nothing is known as of when.
///
/// # Errors
/// [`QueryError`] for any other reason.
pub(super) fn none_where_there_is_no_ledger<T: Default>(
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
