//! Which regions to ask, and what came of asking: the region-status table.
//!
//! One row speaks for a region in every account; [`row`] says what it holds.

mod attempts;
mod cache;
mod outcome;
mod row;

use std::collections::HashMap;
use std::time::Duration;

use aws::{ServiceError, classify, service_error};
use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, stream};
use jiff::Timestamp;
use model::Failure;
use store::tables::DrsRegionStatusTable;
use tokio::time::sleep;

use super::pace::Deadline;
use super::patience::Patience;

pub use attempts::{ATTEMPTS_KEY, Attempts, update_attempts};
pub use cache::{KnownRegions, Look, RegionCache, invalidate_region_cache};
pub use outcome::RegionOutcome;
pub use row::{AccountStatus, RegionRow, is_region};

type Item = HashMap<String, AttributeValue>;

/// Rows that are written at once.
const ROWS_AT_ONCE: usize = 10;
/// Attempts to replace a row as it was read. One of all that try at once gets through, so a state machine that
/// syncs many accounts at once needs about as many attempts as it has accounts under way.
const ATTEMPTS: u32 = 60;

/// The regions to ask in one account, of `all` regions and of those where it has servers.
///
/// A region is asked where the account has servers, was never asked, failed when it was last
/// asked, or was last asked longer than the discovery interval ago, so that a first server in a
/// new region is found. Where nothing is known, because the table is empty, missing or failing,
/// every region is asked.
pub fn get_active_regions(
    known: &KnownRegions,
    account_id: &str,
    all: &[String],
    now: Timestamp,
    discovery_interval: Duration,
) -> Vec<String> {
    let elsewhere = known.regions_with_servers(account_id).filter(|region| !all.contains(region));
    let mut elsewhere: Vec<String> = elsewhere.cloned().collect();
    elsewhere.sort_unstable();
    let due = |region: &&String| match known.account(account_id, region) {
        None => true,
        Some(account) => account.is_due(now, discovery_interval),
    };
    all.iter().filter(due).cloned().chain(elsewhere).collect()
}

/// A row of the region-status table that could not be written. The old one is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionRowFailure {
    /// The region.
    pub region: String,
    /// Why.
    pub failure: Failure,
}

/// Records what came of asking: one row per region, for all accounts that were asked in it. What
/// was not asked stays as it was. Returns the rows that could not be written.
///
/// A row is replaced only as it was read, so that two syncs at the same time lose nothing of
/// each other. `known` is what the sync read at its start; a row that changed since is read anew.
/// What is not written when the time `ends` is reported.
pub async fn update_region_status(
    table: &DrsRegionStatusTable,
    known: &KnownRegions,
    outcomes: Vec<RegionOutcome>,
    now: &str,
    ends: Deadline,
) -> Vec<RegionRowFailure> {
    let regions = outcome::by_region(outcomes);
    let failures = stream::iter(regions)
        .map(|(region, outcomes)| async move {
            let known = known.row(&region).cloned();
            let failure = update_row(table, known, (&region, &outcomes), now, ends).await.err()?;
            let (code, cause) = (&failure.code, &failure.message);
            tracing::warn!(region, code, cause, "region status not stored");
            Some(RegionRowFailure { region, failure })
        })
        .buffer_unordered(ROWS_AT_ONCE)
        .filter_map(std::future::ready)
        .collect::<Vec<_>>();
    failures.await
}

async fn update_row(
    table: &DrsRegionStatusTable,
    known: Option<RegionRow>,
    (region, outcomes): (&str, &[RegionOutcome]),
    now: &str,
    ends: Deadline,
) -> Result<(), Failure> {
    let mut waits = waits();
    let mut patience = Patience::until(ends);
    let mut previous = known;
    loop {
        let next = RegionRow::after(previous.as_ref(), region, outcomes, now);
        match patience.call(|| put_row(table, previous.as_ref(), &next)).await? {
            Err(error) if error.code() == "ConditionalCheckFailedException" => {
                let Some(wait) = waits.next() else { return Err(classify(&error)) };
                ends.within(sleep(wait)).await?;
                let read = patience.call(|| read_row(table, region)).await?;
                previous = read.map_err(|error| classify(&error))?;
            }
            answered => return answered.map_err(|error| classify(&error)),
        }
    }
}

/// The waits between attempts to replace a row that others change: of random length, so that those
/// who lost together do not try again together. At most 24 s in all.
fn waits() -> impl Iterator<Item = Duration> {
    let growing = (1..ATTEMPTS).map(|attempt| Duration::from_millis(20) * attempt.min(25));
    growing.map(|most| most.mul_f64(fastrand::f64()))
}

async fn read_row(
    table: &DrsRegionStatusTable,
    region: &str,
) -> Result<Option<RegionRow>, ServiceError> {
    let key = AttributeValue::S(region.to_owned());
    let get = table.client.get_item().table_name(&table.name).key("region", key);
    let answer = get.consistent_read(true).send().await.map_err(|error| service_error(&error))?;
    Ok(answer.item.map(|item| RegionRow::from_item(&item)))
}

async fn put_row(
    table: &DrsRegionStatusTable,
    previous: Option<&RegionRow>,
    next: &RegionRow,
) -> Result<(), ServiceError> {
    let put = table.client.put_item().table_name(&table.name).set_item(Some(next.to_item()));
    let put = match previous.map(RegionRow::as_read) {
        None => put.condition_expression("attribute_not_exists(#key)"),
        Some((name, value)) => put
            .condition_expression("attribute_exists(#key) AND #seen = :seen")
            .expression_attribute_names("#seen", name)
            .expression_attribute_values(":seen", value),
    };
    let put = put.expression_attribute_names("#key", "region");
    put.send().await.map(drop).map_err(|error| service_error(&error))
}

/// Puts a row that is no region, whatever stands there.
async fn put_row_of(
    table: &DrsRegionStatusTable,
    item: Item,
    ends: Deadline,
) -> Result<(), Failure> {
    let put = || async {
        let put = table.client.put_item().table_name(&table.name).set_item(Some(item.clone()));
        put.send().await.map(drop).map_err(|error| service_error(&error))
    };
    Patience::until(ends).call(put).await?.map_err(|error| classify(&error))
}
