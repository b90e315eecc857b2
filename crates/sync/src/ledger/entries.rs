//! What earlier syncs saw of an account, and which of its regions to ask for that reason.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws::service_error;
use jiff::Timestamp;
use model::{Place, RegionStatus};
use store::rows::ledger::{ACCOUNT_ENTRY, AccountEntry, PlaceEntry, Trouble, entry_key};
use store::tables::{AccountRegionStatusTable, Listing, REGION_INDEX, TROUBLE_INDEX};
use store::{Item, QueryError, text};

use crate::time::age;

/// The entries of one account.
#[derive(Debug, Clone, Default)]
pub struct KnownPlaces {
    /// How entering it went; none where it was never tried.
    pub account: Option<AccountEntry>,
    /// By region.
    pub places: BTreeMap<String, PlaceEntry>,
    /// What stands beside the places, by its name: drills, and what nothing protects.
    pub beside: BTreeMap<String, Item>,
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
                region if region.starts_with('#') => {
                    let name = region.to_owned();
                    known.beside.insert(name, item);
                }
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

/// The entries of all accounts that the ledger knows.
pub fn known_accounts(table: &AccountRegionStatusTable) -> Listing {
    Listing::of_index(table, REGION_INDEX, "region", ACCOUNT_ENTRY)
}

/// Whether the ledger knows any account.
///
/// # Errors
/// [`QueryError`] names the table.
pub(crate) async fn knows_accounts(table: &AccountRegionStatusTable) -> Result<bool, QueryError> {
    let first = known_accounts(table).pages(None).next().await?;
    Ok(first.is_some_and(|page| !page.items.is_empty()))
}

/// When a place last answered; none where it never did, or has no entry.
///
/// # Errors
/// [`QueryError`] names the table.
pub(crate) async fn last_success(
    table: &AccountRegionStatusTable,
    place: &Place,
) -> Result<Option<String>, QueryError> {
    let get = table
        .client
        .get_item()
        .table_name(&table.name)
        .set_key(Some(entry_key(&place.account_id, &place.region)))
        .projection_expression("lastSuccess")
        .consistent_read(true);
    let answer = get
        .send()
        .await
        .map_err(|error| QueryError { table: table.name.clone(), source: service_error(&error) })?;
    let entry = answer.item.unwrap_or_default();
    Ok(Some(text(&entry, "lastSuccess")).filter(|time| !time.is_empty()).map(str::to_owned))
}

/// Accounts that could not be entered when they were last asked.
///
/// # Errors
/// [`QueryError`] names the table.
pub(crate) async fn accounts_in_trouble(
    ledger: &AccountRegionStatusTable,
) -> Result<BTreeSet<String>, QueryError> {
    let mut accounts = BTreeSet::new();
    for trouble in [Trouble::NeverRead, Trouble::Failed] {
        let listing = Listing::of_index(ledger, TROUBLE_INDEX, "trouble", trouble.name());
        let mut pages = listing.pages(None);
        while let Some(page) = pages.next().await? {
            let own = page.items.iter().filter(|entry| text(entry, "region") == ACCOUNT_ENTRY);
            accounts.extend(own.map(|entry| text(entry, "accountId").to_owned()));
        }
    }
    Ok(accounts)
}
