//! When each account was last looked at.

use std::collections::HashMap;

use aws::ServiceError;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use store::rows::ledger::{ACCOUNT_ENTRY, AccountEntry, entry_key};
use store::tables::{AccountRegionStatusTable, KEYS_PER_BATCH, ReadAs, read_batch};
use store::{Item, QueryError};

use crate::pace::Deadline;
use crate::patience::Patience;

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
    let mut left: Vec<Item> =
        accounts.iter().map(|account| entry_key(account, ACCOUNT_ENTRY)).collect();
    let mut entries = Vec::new();
    let mut patience = Patience::until(Deadline::none());
    let read_as = ReadAs {
        attributes: Some("accountId, lastChecked, failingSince, regionsFailed"),
        consistent: unread == Unread::AskedForAgain,
    };
    loop {
        let read = read_batch(table, left, read_as).await?;
        let rows = read.rows.into_iter();
        entries.extend(rows.filter_map(|row| serde_dynamo::from_item(row).ok()));
        left = read.unread;
        if left.is_empty() || unread == Unread::LeftOut {
            return Ok(entries);
        }
        if !patience.wait().await {
            return Err(unread_keys(left.len()));
        }
    }
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
