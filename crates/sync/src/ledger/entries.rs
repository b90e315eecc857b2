//! What earlier syncs saw of an account, and which of its regions to ask for that reason.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use model::{Place, RegionStatus};
use store::rows::ledger::{ACCOUNT_ENTRY, AccountEntry, PlaceEntry};
use store::tables::{AccountRegionStatusTable, Listing};
use store::{Item, QueryError, text};

use crate::pace::Deadline;
use crate::patience::Patience;
use crate::time::age;

/// Keys of one `BatchGetItem`. Source: DynamoDB API reference.
const KEYS_PER_BATCH: usize = 100;
/// Batches that are read at once.
const BATCHES_AT_ONCE: usize = 4;

/// The entries of one account.
#[derive(Debug, Clone, Default)]
pub struct KnownPlaces {
    /// How entering it went; none where it was never tried.
    pub account: Option<AccountEntry>,
    /// By region.
    pub places: BTreeMap<String, PlaceEntry>,
}

/// The last time that an account was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// Whether it could not be entered, or one of its regions not be read.
    pub failed: bool,
}

/// Every entry of one account, the latest writes included.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn read_places(
    table: &AccountRegionStatusTable,
    account_id: &str,
) -> Result<KnownPlaces, QueryError> {
    let entries = Listing::of_partition(table, "accountId", account_id).every_item().await?;
    Ok(KnownPlaces::from_items(entries))
}

impl KnownPlaces {
    /// From the entries of one account. One that cannot be read is as good as none: the region is
    /// asked.
    pub fn from_items(items: Vec<Item>) -> Self {
        let mut known = Self::default();
        for item in items {
            match text(&item, "region") {
                ACCOUNT_ENTRY => known.account = serde_dynamo::from_item(item).ok(),
                region if region.starts_with('#') => {}
                region => {
                    let region = region.to_owned();
                    let entry = serde_dynamo::from_item(item).ok();
                    known.places.extend(entry.map(|entry| (region, entry)));
                }
            }
        }
        known
    }
}

/// The regions to ask in one account, of `all` regions and of those where it has servers.
///
/// A region is asked where the account has rows, also such as DRS no longer lists; where it was never
/// asked; where its last query failed, and not because the region is not in use; or where it was last
/// asked longer than the discovery interval ago, so that a first server in a new region is found.
/// Where nothing is known every region is asked.
pub fn get_active_regions(
    known: &KnownPlaces,
    all: &[String],
    now: Timestamp,
    discovery_interval: Duration,
) -> Vec<String> {
    let due = |region: &&String| {
        known.places.get(*region).is_none_or(|entry| is_due(entry, now, discovery_interval))
    };
    let elsewhere = known.places.iter().filter(|(region, entry)| {
        (has_rows(entry) || entry.removal_approved.is_some()) && !all.contains(region)
    });
    let elsewhere = elsewhere.map(|(region, _)| region);
    all.iter().filter(due).chain(elsewhere).cloned().collect()
}

fn is_due(entry: &PlaceEntry, now: Timestamp, interval: Duration) -> bool {
    let status = RegionStatus::from_name(&entry.status);
    let has_failed =
        status.is_none_or(|status| status != RegionStatus::Active && !status.is_not_in_use());
    let is_fresh = age(entry.last_checked.as_deref(), now)
        .is_some_and(|age| !age.is_negative() && age.unsigned_abs() < interval);
    has_rows(entry) || has_failed || !is_fresh
}

fn has_rows(entry: &PlaceEntry) -> bool {
    entry.server_count > 0 || entry.counts.missing() > 0
}

/// When a place last answered; none where it never did, or has no entry.
///
/// # Errors
/// [`QueryError`] names the table.
pub(crate) async fn last_success(
    table: &AccountRegionStatusTable,
    place: &Place,
) -> Result<Option<String>, QueryError> {
    let key = |text: &str| AttributeValue::S(text.to_owned());
    let get = table
        .client
        .get_item()
        .table_name(&table.name)
        .key("accountId", key(&place.account_id))
        .key("region", key(&place.region))
        .projection_expression("lastSuccess")
        .consistent_read(true);
    let answer = get
        .send()
        .await
        .map_err(|error| QueryError { table: table.name.clone(), source: service_error(&error) })?;
    let entry = answer.item.unwrap_or_default();
    Ok(Some(text(&entry, "lastSuccess")).filter(|time| !time.is_empty()).map(str::to_owned))
}

/// When each account was last looked at; those that never were are absent.
///
/// # Errors
/// The table does not answer.
pub async fn last_looks(
    table: &AccountRegionStatusTable,
    accounts: &[String],
) -> Result<HashMap<String, Look>, QueryError> {
    let batches = stream::iter(accounts.chunks(KEYS_PER_BATCH).map(<[String]>::to_vec));
    let read = batches.map(|batch| read_account_entries(table, batch));
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
        let read = table.client.batch_get_item().request_items(&table.name, account_keys(left)?);
        let mut answer = read.send().await.map_err(|error| service_error(&error))?;
        let rows = answer.responses.take().unwrap_or_default().remove(&table.name);
        let rows = rows.unwrap_or_default().into_iter();
        entries.extend(rows.filter_map(|row| serde_dynamo::from_item(row).ok()));
        let unread = answer.unprocessed_keys.unwrap_or_default().remove(&table.name);
        left = unread.map(|unread| unread.keys).unwrap_or_default();
        if left.is_empty() {
            return Ok(entries);
        }
        if !patience.wait().await {
            return Err(unread_keys(left.len()));
        }
    }
}

fn account_keys(keys: Vec<Item>) -> Result<KeysAndAttributes, ServiceError> {
    let keys = KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(true)
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
