//! The end of a sync that was spread over many: each account was synced by a call of its own, and one
//! call ends it for all of them.
//!
//! What became of the accounts is read from the ledger, so that an account whose call was killed, or
//! never made, is missed by name.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::AccountToQuery;
use model::region::all_regions;
use serde::Serialize;
use store::tables::Listing;
use store::{QueryError, text};

use super::accounts::{collect_accounts_to_query, merge_listings};
use super::finish::{Ended, WholeSync, end};
use super::ledger::{Look, Unread, knows_accounts, last_looks};
use super::run::{Run, Start};
use super::time::now;
use super::troubles::Troubles;
use super::{InventorySync, SyncError, SyncRequest};

/// What whoever spread the sync over many calls knows of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountsSynced {
    /// When the sync started: an account that was last looked at before has not answered. Where it is
    /// not known, only an account that was never looked at has not.
    pub started_at: Option<Timestamp>,
    /// Rows that the calls removed.
    pub servers_removed: u64,
    /// Calls whose answer was incomplete.
    pub incomplete: u64,
}

/// What the whole sync came to, as the ledger has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finished {
    /// Whether nothing is missing from the picture.
    pub complete: bool,
    /// Accounts of the accounts table.
    pub accounts: usize,
    /// Those of which the sync knows nothing: no call for them came to its end.
    pub accounts_without_answer: usize,
    /// Those that could not be entered.
    pub accounts_not_entered: usize,
    /// Pairs of account and region that could not be read.
    pub places_failed: u64,
    /// Regions whose row could not be written.
    pub regions_failed: usize,
    /// Servers that DRS lists.
    pub servers: u64,
    /// Rows of servers that it no longer lists.
    pub missing: u64,
    /// Rows whose removal waits for an approval.
    pub removals_held: u64,
    /// The first accounts and places that are not known, `ACCOUNT` or `ACCOUNT/REGION`.
    pub not_known: Vec<String>,
    /// Milliseconds since the sync started, or since this call where that is not known.
    pub duration_ms: u64,
}

/// Ends a sync whose accounts were each synced by a call of its own: retires accounts that left,
/// adopts rows without a place, rolls up every region and records what is not known.
///
/// # Errors
/// [`SyncError`] where the accounts, or what became of them, cannot be read: nothing is recorded then.
pub async fn finish_inventory_sync(
    sync: &InventorySync,
    request: &SyncRequest,
    synced: AccountsSynced,
) -> Result<Finished, SyncError> {
    let start = Start::of(sync, request)?;
    let (targets, stagings) = collect_accounts_to_query(&start.target_accounts).await?;
    let accounts = merge_listings(&targets, &stagings);
    let run = Run::new((sync, request), &start, &[]).await?;
    let unanswered = without_answer(&run, &accounts, synced.started_at).await?;
    let troubles = Troubles::read(&run, &accounts).await?;
    // Where nobody answered there is nothing to roll up, and maybe no ledger yet.
    let regions = match unanswered.len() < accounts.len() {
        true => known_regions(&run, &troubles).await?,
        false => BTreeSet::new(),
    };
    let is_forgotten = accounts.is_empty() && knows_accounts(&run.start.ledger).await?;
    let whole = WholeSync {
        accounts: &accounts,
        started_at: synced.started_at.unwrap_or(start.now),
        saw: regions.into_iter().map(|region| (region, BTreeMap::new())).collect(),
        not_entered: troubles.accounts.clone(),
        not_known: troubles.not_known(&unanswered),
        removed: synced.servers_removed,
    };
    let ended = end(&run, whole).await;
    let nothing_else = synced.incomplete == 0 && !is_forgotten;
    let finished = Finished {
        accounts: accounts.len(),
        accounts_without_answer: unanswered.len(),
        accounts_not_entered: troubles.accounts.difference(&unanswered).count(),
        places_failed: troubles.places,
        duration_ms: milliseconds_since(&run, synced.started_at),
        ..Finished::of(troubles.held, ended)
    };
    Ok(Finished { complete: finished.complete && nothing_else, ..finished })
}

impl Finished {
    fn of(held_in_places: u64, ended: Ended) -> Self {
        let Ended { retired: _, rolled, last } = ended;
        let held = last.removal_held.map_or(0, |held| held.count);
        Self {
            complete: last.not_known == 0 && rolled.failures.is_empty(),
            regions_failed: rolled.failures.len(),
            servers: rolled.totals.servers,
            missing: rolled.totals.missing,
            // What is held in a place is part of what is held in all.
            removals_held: held.max(held_in_places),
            not_known: last.not_known_places,
            ..Self::default()
        }
    }
}

fn milliseconds_since(run: &Run<'_>, started_at: Option<Timestamp>) -> u64 {
    let took =
        started_at.map(|started| now(&run.sync.clock).duration_since(started).unsigned_abs());
    let took = took.unwrap_or_else(|| run.start.elapsed());
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// Accounts of which no call came to its end since the sync started.
async fn without_answer(
    run: &Run<'_>,
    accounts: &[AccountToQuery],
    started_at: Option<Timestamp>,
) -> Result<BTreeSet<String>, QueryError> {
    let ids: Vec<String> = accounts.iter().map(|account| account.account_id.clone()).collect();
    let looks = last_looks(&run.start.ledger, &ids, Unread::AskedForAgain).await?;
    let answered = |look: &Look| started_at.is_none_or(|started_at| look.at >= started_at);
    Ok(ids.into_iter().filter(|id| !looks.get(id).is_some_and(answered)).collect())
}

/// The regions that may have a row: those of the settings, those that have one, and those in which
/// something is wrong.
async fn known_regions(run: &Run<'_>, troubles: &Troubles) -> Result<BTreeSet<String>, QueryError> {
    let listed = all_regions(run.sync.settings.regions.as_deref(), &run.hub.partition);
    let rows = Listing::of_table(&run.start.region_status).every_item().await?;
    let rolled_up = rows.iter().map(|row| text(row, "region").to_owned());
    let regions = listed.into_iter().chain(rolled_up).chain(troubles.regions.iter().cloned());
    Ok(regions.filter(|region| !region.is_empty() && !region.starts_with('#')).collect())
}
