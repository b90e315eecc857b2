//! What to do next: the worst first, then the most servers.

use std::cmp::Reverse;

use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use model::readiness::{Level, ReasonCode};
use serde::Serialize;
use store::rows::ledger::PlaceEntry;
use store::tables::{AccountRegionStatusTable, Listing, REGION_INDEX};
use store::{QueryError, text};
use sync::roll_up::RegionRow;

use super::Overview;

/// Steps that are named.
const MOST_STEPS: usize = 8;
/// Regions whose accounts are looked at for them.
const REGIONS_AT_ONCE: usize = 4;

/// Something to do, for all servers of a region with the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NextStep {
    /// As in `AGENT_NOT_SEEN`.
    pub code: &'static str,
    /// As in `AT_RISK`.
    pub level: Level,
    /// Servers with this reason.
    pub servers: u64,
    /// Their region.
    pub region: String,
    /// The account that has the most of them; none where the index of accounts does not tell yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Accounts that have some of them.
    pub accounts: usize,
    /// What to do.
    pub what_to_do: &'static str,
}

/// The first steps of an overview.
///
/// # Errors
/// [`QueryError`] names the table.
pub(super) async fn steps(
    ledger: &AccountRegionStatusTable,
    regions: &[RegionRow],
    overview: &Overview,
) -> Result<Vec<NextStep>, QueryError> {
    let known = |code: &ReasonCode| overview.counts.reasons.contains_key(code.name());
    let codes = ReasonCode::ALL.iter().copied().filter(known);
    let of_code = |code: ReasonCode| {
        regions.iter().filter_map(move |row| {
            let servers = row.counts.reasons.get(code.name()).copied()?;
            Some((code, row.region.as_str(), servers))
        })
    };
    let mut worst: Vec<(ReasonCode, &str, u64)> = codes.flat_map(of_code).collect();
    worst.sort_by_key(|(code, region, servers)| {
        (Reverse(code.level()), Reverse(*servers), code.name(), *region)
    });
    let named = worst.into_iter().take(MOST_STEPS);
    let steps: Vec<_> =
        named.map(|(code, region, servers)| step(ledger, code, region, servers).boxed()).collect();
    stream::iter(steps).buffered(REGIONS_AT_ONCE).try_collect().await
}

async fn step(
    ledger: &AccountRegionStatusTable,
    code: ReasonCode,
    region: &str,
    servers: u64,
) -> Result<NextStep, QueryError> {
    let entries = Listing::of_index(ledger, REGION_INDEX, "region", region).every_item().await?;
    let with_some = entries.into_iter().filter_map(|entry| {
        let account = text(&entry, "accountId").to_owned();
        let entry: PlaceEntry = serde_dynamo::from_item(entry).ok()?;
        Some((entry.counts.reasons.get(code.name()).copied()?, account))
    });
    let mut accounts: Vec<(u64, String)> = with_some.collect();
    accounts.sort_by_key(|(servers, account)| (Reverse(*servers), account.clone()));
    Ok(NextStep {
        code: code.name(),
        level: code.level(),
        servers,
        region: region.to_owned(),
        accounts: accounts.len(),
        account_id: accounts.into_iter().next().map(|(_, account)| account),
        what_to_do: code.what_to_do(),
    })
}
