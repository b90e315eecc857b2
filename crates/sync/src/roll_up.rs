//! The region-status table: one row per region over all accounts, rolled up from the ledger.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws::{classify, service_error};
use futures::{StreamExt, stream};
use model::{Failure, RegionStatus};
use serde::{Deserialize, Serialize};
use store::rows::Counts;
use store::rows::ledger::PlaceEntry;
use store::tables::{AccountRegionStatusTable, DrsRegionStatusTable, Listing, REGION_INDEX};
use store::{Item, QueryError, string, text};

use super::batches::unusable;
use super::pace::Deadline;
use super::patience::write_if;
use super::run::Run;

/// Rows that are read and written at once.
const REGIONS_AT_ONCE: usize = 10;

/// A region in all accounts, in the shape that readers of the legacy table know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RegionRow {
    /// The key.
    pub region: String,
    /// `ACTIVE` where any account answered, else what most accounts got.
    pub status: String,
    /// Servers of all accounts.
    pub server_count: u64,
    /// The account with the most servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Start of the sync that wrote the row, ISO 8601.
    pub last_updated: String,
    /// The same.
    pub last_checked: String,
    /// Where no account answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Accounts with an entry in the region.
    pub accounts_asked: u64,
    /// Those that could not be read.
    pub accounts_failed: u64,
    /// What the rows of all accounts amount to, those of places that could not be read as `UNKNOWN`.
    pub counts: Counts,
}

/// A row of the region-status table that could not be written. The earlier one is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionRowFailure {
    /// The region.
    pub region: String,
    /// Why.
    pub failure: Failure,
}

/// What a region's row is made of: one account's entry in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) account_id: String,
    pub(crate) status: Option<RegionStatus>,
    pub(crate) server_count: u64,
    pub(crate) counts: Counts,
    pub(crate) error_message: Option<String>,
    /// Whether what the entry says holds now.
    pub(crate) holds: bool,
}

impl Share {
    /// Of an entry that says what is.
    pub(crate) fn of(entry: &PlaceEntry) -> Self {
        let status = RegionStatus::from_name(&entry.status);
        Self {
            account_id: entry.account_id.clone(),
            status,
            server_count: entry.server_count,
            counts: entry.counts.clone(),
            error_message: entry.error_message.clone(),
            holds: status == Some(RegionStatus::Active),
        }
    }

    /// Of an entry that this sync did not write.
    pub(crate) fn unread((entry, holds): &(PlaceEntry, bool)) -> Self {
        let share = Self::of(entry);
        Self { holds: share.holds && *holds, ..share }
    }

    /// What the rows amount to: every server of a place that could not be read is unknown, and so is
    /// one whose row could not be stored.
    pub(crate) fn counts_now(&self) -> Counts {
        let listed = self.server_count.saturating_sub(self.counts.not_held);
        if self.holds {
            let mut counts = self.counts.clone();
            counts.add_unknown(listed.saturating_sub(counts.judged()));
            return counts;
        }
        let mut counts = Counts { not_held: self.counts.not_held, ..Counts::default() };
        counts.add_unknown(listed + self.counts.missing());
        counts
    }

    fn of_index(item: Item) -> Self {
        let account_id = text(&item, "accountId").to_owned();
        let entry: PlaceEntry = serde_dynamo::from_item(item).unwrap_or_default();
        Self { account_id, ..Self::of(&entry) }
    }
}

impl RegionRow {
    /// The row of a region from the entries of all accounts; none where there is no entry.
    pub(crate) fn of(region: &str, shares: &[Share], now: &str) -> Option<Self> {
        let status = status_of(shares)?;
        let first = |a: &&Share, b: &&Share| {
            (a.server_count.cmp(&b.server_count)).then_with(|| b.account_id.cmp(&a.account_id))
        };
        let largest = shares.iter().max_by(first);
        let of_status = shares.iter().filter(|share| share.status == Some(status));
        let message = of_status.min_by(|a, b| a.account_id.cmp(&b.account_id));
        let message = message.and_then(|share| share.error_message.clone());
        let failed = |share: &&Share| {
            share.status.is_none_or(|it| it != RegionStatus::Active && !it.is_not_in_use())
        };
        Some(Self {
            region: region.to_owned(),
            status: status.name().to_owned(),
            server_count: shares.iter().map(|share| share.server_count).sum(),
            account_id: largest.map(|share| share.account_id.clone()),
            last_updated: now.to_owned(),
            last_checked: now.to_owned(),
            error_message: message.filter(|_| status != RegionStatus::Active),
            accounts_asked: shares.len() as u64,
            accounts_failed: shares.iter().filter(failed).count() as u64,
            counts: sum(shares),
        })
    }
}

fn sum(shares: &[Share]) -> Counts {
    let mut counts = Counts::default();
    shares.iter().for_each(|share| counts.merge(&share.counts_now()));
    counts
}

/// `ACTIVE` where any account answered, else what most accounts got, ties in the order of
/// [`RegionStatus`].
fn status_of(shares: &[Share]) -> Option<RegionStatus> {
    let count = |status| shares.iter().filter(|share| share.status == Some(status)).count();
    if shares.is_empty() {
        return None;
    }
    if count(RegionStatus::Active) > 0 {
        return Some(RegionStatus::Active);
    }
    // `max_by_key` takes the last of equals, so the order is turned round.
    RegionStatus::ALL.into_iter().rev().max_by_key(|status| count(*status))
}

/// Every account's entry in `region`, as this sync `saw` it, else as the index has it. It may lag.
async fn shares_of(
    table: &AccountRegionStatusTable,
    region: &str,
    saw: BTreeMap<String, Share>,
    accounts: &Accounts,
) -> Result<Vec<Share>, QueryError> {
    let entries = Listing::of_index(table, REGION_INDEX, "region", region).every_item().await?;
    let shares = entries.into_iter().map(Share::of_index);
    let mut shares: BTreeMap<String, Share> =
        shares.map(|share| (share.account_id.clone(), share)).collect();
    for account in accounts.not_entered.iter().filter(|account| !saw.contains_key(*account)) {
        if let Some(share) = shares.get_mut(account) {
            share.holds = false;
        }
    }
    shares.extend(saw);
    shares.retain(|account, _| !accounts.left.contains(account));
    Ok(shares.into_values().collect())
}

/// What is known of whole accounts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts {
    /// Those that left count no more.
    pub(crate) left: Vec<String>,
    /// What the index says of those that could not be entered does not hold.
    pub(crate) not_entered: BTreeSet<String>,
}

/// What all rolled-up regions hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct RegionTotals {
    /// Servers that DRS lists.
    pub(crate) servers: u64,
    /// Rows of servers that it no longer lists.
    pub(crate) missing: u64,
    /// What the rows amount to.
    pub(crate) counts: Counts,
}

/// What came of rolling up.
#[derive(Debug, Default)]
pub(crate) struct RolledUp {
    pub(crate) failures: Vec<RegionRowFailure>,
    pub(crate) totals: RegionTotals,
}

/// Rolls up the regions in which an entry was written. What this sync `saw` comes before what the
/// index says.
pub(crate) async fn roll_up(
    run: &Run<'_>,
    saw: HashMap<String, BTreeMap<String, Share>>,
    accounts: &Accounts,
) -> RolledUp {
    let (now, ends) = (run.start.time(), run.start.looks_end);
    let (ledger, regions, now) = (&run.start.ledger, &run.start.region_status, now.as_str());
    let rolled = stream::iter(saw).map(|(region, seen)| async move {
        let shares = shares_of(ledger, &region, seen, accounts).await;
        let totals = shares.as_deref().map(totals).unwrap_or_default();
        let written = match shares.map(|shares| RegionRow::of(&region, &shares, now)) {
            Ok(Some(row)) => put_over_older(regions, &row, ends).await,
            Ok(None) => delete_older(regions, &region, now, ends).await,
            Err(error) => Err(classify(&error.source)),
        };
        (region, totals, written)
    });
    let rolled: Vec<_> = rolled.buffer_unordered(REGIONS_AT_ONCE).collect().await;
    let mut all = RolledUp::default();
    for (region, totals, written) in rolled {
        all.totals.servers += totals.servers;
        all.totals.missing += totals.missing;
        all.totals.counts.merge(&totals.counts);
        if let Err(failure) = written {
            let (code, cause) = (&failure.code, &failure.message);
            tracing::warn!(region, code, cause, "region status not stored");
            all.failures.push(RegionRowFailure { region, failure });
        }
    }
    all
}

fn totals(shares: &[Share]) -> RegionTotals {
    let servers = shares.iter().map(|share| share.server_count).sum();
    let missing = shares.iter().map(|share| share.counts.missing()).sum();
    RegionTotals { servers, missing, counts: sum(shares) }
}

/// A later sync's row stays.
async fn put_over_older(
    table: &DrsRegionStatusTable,
    row: &RegionRow,
    ends: Deadline,
) -> Result<(), Failure> {
    let item: Item = serde_dynamo::to_item(row).map_err(|error| classify(&unusable(&error)))?;
    let put = table
        .client
        .put_item()
        .table_name(&table.name)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(lastUpdated) OR lastUpdated <= :now")
        .expression_attribute_values(":now", string(&row.last_updated));
    let send = || async { put.clone().send().await.map(drop).map_err(|e| service_error(&e)) };
    write_if(ends, send).await.map(drop)
}

/// A region in which no account has an entry any more.
async fn delete_older(
    table: &DrsRegionStatusTable,
    region: &str,
    now: &str,
    ends: Deadline,
) -> Result<(), Failure> {
    let delete = table
        .client
        .delete_item()
        .table_name(&table.name)
        .key("region", string(region))
        .condition_expression("attribute_not_exists(lastUpdated) OR lastUpdated <= :now")
        .expression_attribute_values(":now", string(now));
    let send = || async { delete.clone().send().await.map(drop).map_err(|e| service_error(&e)) };
    write_if(ends, send).await.map(drop)
}
