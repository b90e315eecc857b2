//! When each account was last looked at.

use std::collections::HashMap;

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use store::rows::ledger::{ACCOUNT_ENTRY, AccountEntry};
use store::tables::AccountRegionStatusTable;
use store::{Item, QueryError};

use crate::pace::Deadline;
use crate::patience::Patience;

/// Keys of one `BatchGetItem`. Source: DynamoDB API reference.
const KEYS_PER_BATCH: usize = 100;
/// Batches that are read at once.
const BATCHES_AT_ONCE: usize = 4;

/// The last time that an account was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// Whether it could not be entered, or one of its regions not be read.
    pub failed: bool,
}

/// What is done about an entry that the table leaves unread because it is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// Its account counts as never looked at: enough to put accounts in order.
    LeftOut,
    /// It is asked for again, the latest writes included, for half a minute: no account is said to
    /// have had no look because of it.
    AskedForAgain,
}

/// When each account was last looked at; those that never were are absent.
///
/// # Errors
/// The table does not answer, or leaves entries unread for too long.
pub async fn last_looks(
    table: &AccountRegionStatusTable,
    accounts: &[String],
    unread: Unread,
) -> Result<HashMap<String, Look>, QueryError> {
    let batches = stream::iter(accounts.chunks(KEYS_PER_BATCH).map(<[String]>::to_vec));
    let read = batches.map(|batch| read_account_entries(table, batch, unread));
    let read: Vec<Vec<AccountEntry>> =
        read.buffer_unordered(BATCHES_AT_ONCE)
            .try_collect()
            .await
            .map_err(|source| QueryError { table: table.name.clone(), source })?;
    Ok(read.into_iter().flatten().filter_map(look_of).collect())
}

async fn read_account_entries(
    table: &AccountRegionStatusTable,
    accounts: Vec<String>,
    unread: Unread,
) -> Result<Vec<AccountEntry>, ServiceError> {
    let key = |account: String| {
        Item::from([
            ("accountId".to_owned(), AttributeValue::S(account)),
            ("region".to_owned(), AttributeValue::S(ACCOUNT_ENTRY.to_owned())),
        ])
    };
    let mut left: Vec<Item> = accounts.into_iter().map(key).collect();
    let mut entries = Vec::new();
    let mut patience = Patience::until(Deadline::none());
    loop {
        let keys = account_keys(left, unread)?;
        let read = table.client.batch_get_item().request_items(&table.name, keys);
        let mut answer = read.send().await.map_err(|error| service_error(&error))?;
        let rows = answer.responses.take().unwrap_or_default().remove(&table.name);
        let rows = rows.unwrap_or_default().into_iter();
        entries.extend(rows.filter_map(|row| serde_dynamo::from_item(row).ok()));
        let skipped = answer.unprocessed_keys.unwrap_or_default().remove(&table.name);
        left = skipped.map(|skipped| skipped.keys).unwrap_or_default();
        if left.is_empty() || unread == Unread::LeftOut {
            return Ok(entries);
        }
        if !patience.wait().await {
            return Err(unread_keys(left.len()));
        }
    }
}

fn account_keys(keys: Vec<Item>, unread: Unread) -> Result<KeysAndAttributes, ServiceError> {
    let keys = KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(unread == Unread::AskedForAgain)
        .projection_expression("accountId, lastChecked, failingSince, regionsFailed");
    keys.build().map_err(|error| ServiceError::Unusable {
        code: "InvalidRequest",
        message: error.to_string(),
    })
}

fn unread_keys(count: usize) -> ServiceError {
    let message = format!("{count} keys of a batch were left unread again and again");
    ServiceError::Unusable { code: "UnprocessedKeys", message }
}

fn look_of(entry: AccountEntry) -> Option<(String, Look)> {
    let at = entry.last_checked?.parse().ok()?;
    let failed = entry.failing_since.is_some() || entry.regions_failed > 0;
    Some((entry.account_id, Look { at, failed }))
}
