//! The end of a sync: accounts that left, rows without a place, one row per region, and what the whole
//! picture misses.

use std::collections::{BTreeMap, HashMap};

use model::AccountToQuery;
use store::rows::ledger::{LastSync, PlaceEntry, RemovalHeld, Removals};
use store::tables::Listing;

use super::absence::is_many;
use super::adopt::adopt_rows;
use super::ledger::{is_recent, write_last_sync};
use super::report::Report;
use super::retire::{Retired, accounts_that_left, retire};
use super::roll_up::{RegionTotals, Share, roll_up};
use super::run::Run;
use crate::time::{age, iso};

/// Places that the entry of the last sync names.
const MOST_PLACES: usize = 200;
/// How often rows without a place are looked for, where nothing says that there are some.
const ADOPT_EVERY_HOURS: i64 = 24;

/// Ends a sync of some accounts: the regions in which it looked are rolled up.
pub(crate) async fn finish_some(run: &Run<'_>, entries: Vec<PlaceEntry>, report: &mut Report) {
    let saw = by_region(entries);
    let rolled = roll_up(run, saw, &[]).await;
    report.add_region_row_failures(&rolled.failures);
}

/// Ends a sync of all accounts.
pub(crate) async fn finish_whole(
    run: &Run<'_>,
    accounts: &[AccountToQuery],
    entries: Vec<PlaceEntry>,
    report: &mut Report,
) {
    let mut saw = by_region(entries);
    let left = accounts_that_left(run, accounts).await;
    let retired = retire(run, &left).await;
    for entry in &retired.entries {
        let share = Share::of(entry);
        saw.entry(entry.region.clone()).or_default().insert(entry.account_id.clone(), share);
    }
    for region in &retired.regions {
        saw.entry(region.clone()).or_default();
    }
    let adopted_at = adopt_where_due(run).await;
    let rolled = roll_up(run, saw, &retired.gone).await;
    report.add_region_row_failures(&rolled.failures);
    report.add_retired(&retired);
    let last = last_sync(run, report, (rolled.totals, &retired, accounts.len()), adopted_at);
    if let Some(held) = &last.removal_held {
        report.removals_held.insert("installation".to_owned(), held.count);
    }
    write_last_sync(&run.start.ledger, &last, run.start.looks_end).await;
}

fn by_region(entries: Vec<PlaceEntry>) -> HashMap<String, BTreeMap<String, Share>> {
    let mut regions: HashMap<String, BTreeMap<String, Share>> = HashMap::new();
    for entry in entries {
        let share = Share::of(&entry);
        regions.entry(entry.region).or_default().insert(entry.account_id, share);
    }
    regions
}

/// Rows of the legacy sync, and of versions before the ledger, have no place. They come with rows of
/// regions that are not rolled up.
async fn adopt_where_due(run: &Run<'_>) -> Option<String> {
    let last = run.last_sync.adopted_at.clone();
    let hours = age(last.as_deref(), run.start.now).map(|age| age.as_hours());
    let is_recent = hours.is_some_and(|hours| (0..ADOPT_EVERY_HOURS).contains(&hours));
    if is_recent && !another_sync_wrote_regions(run).await {
        return last;
    }
    match adopt_rows(run).await {
        Ok(rows) => {
            if rows > 0 {
                tracing::info!(rows, "rows were given the place that lists them");
            }
            Some(run.start.time())
        }
        Err(failure) => {
            let (code, cause) = (&failure.code, &failure.message);
            tracing::warn!(code, cause, "rows without a place are left to the next sync");
            last
        }
    }
}

async fn another_sync_wrote_regions(run: &Run<'_>) -> bool {
    let rows = Listing::of_table(&run.start.region_status).every_item().await;
    rows.is_ok_and(|rows| rows.iter().any(|row| !row.contains_key("accountsAsked")))
}

fn last_sync(
    run: &Run<'_>,
    report: &Report,
    (totals, retired, accounts): (RegionTotals, &Retired, usize),
    adopted_at: Option<String>,
) -> LastSync {
    let now = run.start.now;
    let before = &run.last_sync;
    let mut removals: Vec<Removals> = before.removals.clone();
    removals.retain(|removals| is_recent(removals, now));
    if report.servers_removed > 0 {
        removals.push(Removals { at: iso(now), count: report.servers_removed });
    }
    let removed: u64 = removals.iter().map(|removals| removals.count).sum();
    let percent = run.sync.settings.remove_at_most_percent;
    let (lost, all) = (totals.missing + removed, totals.servers + totals.missing + removed);
    let left = retired.accounts as u64;
    let many_accounts =
        left > 1 && left.saturating_mul(100) > (left + accounts as u64).saturating_mul(percent);
    let held = is_many(lost, all, percent) || many_accounts;
    let since = before.removal_held.as_ref().map(|held| held.since.clone());
    let not_known = report.not_known();
    LastSync {
        started_at: Some(run.start.time()),
        finished_at: Some(iso(crate::time::now(&run.sync.clock))),
        not_known: not_known.len() as u64,
        not_known_places: not_known.into_iter().take(MOST_PLACES).collect(),
        removal_held: held.then(|| RemovalHeld {
            count: totals.missing,
            since: since.unwrap_or_else(|| run.start.time()),
        }),
        removals,
        adopted_at,
        removal_approved: None,
    }
}
