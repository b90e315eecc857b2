//! The end of a sync: accounts that left, rows without a place, one row per region, and what the whole
//! picture misses.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use model::AccountToQuery;
use store::rows::ledger::{LastSync, RemovalHeld, Removals};
use store::rows::{ChangeKind, INSTALLATION, InventoryChange, Summary};
use store::tables::Listing;
use store::text;

use super::absence::{FEW_ROWS, is_many};
use super::adopt::adopt_rows;
use super::ledger::{ACCOUNT_BUSY, accounts_in_trouble, is_recent, note_removals, write_last_sync};
use super::pace::Pace;
use super::report::{AccountOutcome, Report};
use super::retire::{Retired, accounts_that_left, retire};
use super::roll_up::{Accounts, RegionTotals, RolledUp, Share, roll_up};
use super::run::Run;
use crate::time::{age, iso, now};

/// Places that the entry of the last sync names.
pub(crate) const MOST_PLACES: usize = 200;
/// How often what other syncs left is looked for, where nothing says that there is some.
const TIDY_EVERY_HOURS: i64 = 24;

/// So many accounts may leave at once without being many.
const FEW_ACCOUNTS: u64 = 1;

/// What a sync saw of the places of its accounts.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// By region, then by account.
    pub(crate) shares: HashMap<String, BTreeMap<String, Share>>,
    /// Accounts that could not be entered.
    pub(crate) not_entered: BTreeSet<String>,
}

impl Seen {
    /// Takes in what came of an account.
    pub(crate) fn add(&mut self, outcome: &mut AccountOutcome) {
        for entry in outcome.entries.drain(..) {
            self.insert(Share::of(&entry), entry.region);
        }
        // A place without servers is nothing to roll up a region for.
        let unread = outcome.unread.drain(..);
        for unread in unread.filter(|(entry, _)| entry.server_count + entry.counts.missing() > 0) {
            self.insert(Share::unread(&unread), unread.0.region);
        }
        if outcome.not_entered.as_ref().is_some_and(|failure| failure.code != ACCOUNT_BUSY) {
            self.not_entered.insert(outcome.account_id.clone());
        }
    }

    fn insert(&mut self, share: Share, region: String) {
        self.shares.entry(region).or_default().insert(share.account_id.clone(), share);
    }
}

/// Ends a sync of some accounts: the regions in which it looked are rolled up.
pub(crate) async fn finish_some(run: &Run<'_>, seen: Seen, report: &mut Report) {
    let Seen { shares, not_entered } = seen;
    let accounts = Accounts { left: Vec::new(), not_entered: in_trouble(run, not_entered).await };
    let rolled = roll_up(run, shares, &accounts).await;
    report.add_region_row_failures(&rolled.failures);
}

/// Other syncs may have failed to enter accounts that share a region with those of this one.
async fn in_trouble(run: &Run<'_>, mut not_entered: BTreeSet<String>) -> BTreeSet<String> {
    match accounts_in_trouble(&run.start.ledger).await {
        Ok(accounts) => not_entered.extend(accounts),
        Err(error) => {
            let cause = error.to_string();
            tracing::warn!(cause, "servers of accounts in trouble are counted as they were last");
        }
    }
    not_entered
}

/// Ends a sync of all accounts.
pub(crate) async fn finish_whole(
    run: &Run<'_>,
    accounts: &[AccountToQuery],
    seen: Seen,
    report: &mut Report,
) {
    let Seen { shares: saw, not_entered } = seen;
    let (not_known, removed) = (NotKnown::of(report.not_known()), report.servers_removed);
    let started_at = run.start.now;
    let whole = WholeSync { accounts, started_at, saw, not_entered, not_known, removed };
    let ended = end(run, whole).await;
    report.add_region_row_failures(&ended.rolled.failures);
    report.add_retired(&ended.retired);
    if let Some(held) = &ended.last.removal_held {
        report.removals_held.insert("installation".to_owned(), held.count);
    }
}

/// All accounts were synced, by one sync or by many.
pub(crate) struct WholeSync<'a> {
    /// The accounts that there are.
    pub(crate) accounts: &'a [AccountToQuery],
    /// When the first of them was about to be asked.
    pub(crate) started_at: Timestamp,
    /// The regions to roll up, and what is known of them beyond the index.
    pub(crate) saw: HashMap<String, BTreeMap<String, Share>>,
    /// Accounts that could not be entered.
    pub(crate) not_entered: BTreeSet<String>,
    /// What could not be read.
    pub(crate) not_known: NotKnown,
    /// Rows that were removed in the accounts.
    pub(crate) removed: u64,
}

/// Accounts and places of which the picture is not known.
pub(crate) struct NotKnown {
    /// Each once.
    pub(crate) count: u64,
    /// The first [`MOST_PLACES`] of them, `ACCOUNT` or `ACCOUNT/REGION`.
    pub(crate) named: Vec<String>,
}

impl NotKnown {
    fn of(all: Vec<String>) -> Self {
        Self { count: all.len() as u64, named: all.into_iter().take(MOST_PLACES).collect() }
    }
}

/// What the end of a whole sync came to.
pub(crate) struct Ended {
    pub(crate) retired: Retired,
    pub(crate) rolled: RolledUp,
    pub(crate) last: LastSync,
}

/// Retires accounts that left, adopts rows without a place, rolls up, and records the end.
pub(crate) async fn end(run: &Run<'_>, mut whole: WholeSync<'_>) -> Ended {
    let left = accounts_that_left(run, whole.accounts).await;
    let retired = retire(run, &left).await;
    let mut saw = std::mem::take(&mut whole.saw);
    for entry in &retired.entries {
        let share = Share::of(entry);
        saw.entry(entry.region.clone()).or_default().insert(entry.account_id.clone(), share);
    }
    for region in &retired.regions {
        saw.entry(region.clone()).or_default();
    }
    let tidied = tidy_where_due(run).await;
    for region in tidied.regions {
        saw.entry(region).or_default();
    }
    let not_entered = std::mem::take(&mut whole.not_entered);
    let accounts = Accounts { left: retired.gone.clone(), not_entered };
    let rolled = roll_up(run, saw, &accounts).await;
    let last = last_sync(run, whole, (&rolled.totals, &retired), tidied.at);
    tell_summary(run, &last, &rolled.totals).await;
    write_last_sync(&run.start.ledger, &last, run.start.looks_end).await;
    Ended { retired, rolled, last }
}

/// What the whole picture amounted to, so that a later reader can tell what was known when.
async fn tell_summary(run: &Run<'_>, last: &LastSync, totals: &RegionTotals) {
    let summary = Summary {
        started_at: last.started_at.clone(),
        servers: totals.servers,
        counts: totals.counts.clone(),
        not_known: last.not_known,
        not_known_places: last.not_known_places.clone(),
    };
    let mut change = InventoryChange::of(INSTALLATION, ChangeKind::Summary);
    change.after = serde_dynamo::to_item(summary).unwrap_or_default();
    let pace = Pace { deadline: run.start.looks_end, ..Pace::of(1) };
    // Where it cannot be told it is logged; the sync is as good.
    let _ = run.tell(run.start.now, vec![change], &pace).await;
}

/// What was put in order that other syncs left.
#[derive(Default)]
struct Tidied {
    /// When rows without a place were last given one.
    at: Option<String>,
    /// Regions to roll up, whether this sync looked there or not.
    regions: Vec<String>,
}

/// Rows of the legacy sync, and of versions before the ledger, have no place. They come with rows of
/// regions that are not rolled up. A sync that was killed can leave such a row where no account has an
/// entry any more.
async fn tidy_where_due(run: &Run<'_>) -> Tidied {
    let last = run.last_sync.adopted_at.clone();
    let hours = age(last.as_deref(), run.start.now).map(|age| age.as_hours());
    let is_recent = hours.is_some_and(|hours| (0..TIDY_EVERY_HOURS).contains(&hours));
    let rows = Listing::of_table(&run.start.region_status).every_item().await.unwrap_or_default();
    let another_wrote = rows.iter().any(|row| !row.contains_key("accountsAsked"));
    if is_recent && !another_wrote {
        return Tidied { at: last, ..Tidied::default() };
    }
    let regions = rows.iter().map(|row| text(row, "region").to_owned()).collect();
    Tidied { at: adopt(run, last).await, regions }
}

async fn adopt(run: &Run<'_>, last: Option<String>) -> Option<String> {
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

fn last_sync(
    run: &Run<'_>,
    whole: WholeSync<'_>,
    (totals, retired): (&RegionTotals, &Retired),
    adopted_at: Option<String>,
) -> LastSync {
    let WholeSync { accounts, started_at, not_known, removed, .. } = whole;
    let before = &run.last_sync;
    let started = iso(started_at);
    let mut removals: Vec<Removals> = before.removals.clone();
    removals.retain(|removals| is_recent(removals, run.start.now));
    // What ends the same sync once more does not count its removals twice.
    if removals.last().is_none_or(|last| last.at != started) {
        note_removals(&mut removals, &started, removed + retired.removed);
    }
    let removed: u64 = removals.iter().map(|removals| removals.count).sum();
    let percent = run.sync.settings.remove_at_most_percent;
    let (lost, all) = (totals.missing + removed, totals.servers + totals.missing + removed);
    let (left, accounts) = (retired.accounts as u64, accounts.len() as u64);
    let held = is_many(lost, FEW_ROWS, all, percent)
        || is_many(left, FEW_ACCOUNTS, left + accounts, percent);
    let since = before.removal_held.as_ref().map(|held| held.since.clone());
    // Of an entry that could not be read nobody knows since when.
    let since = since.filter(|since| !since.is_empty());
    LastSync {
        started_at: Some(started.clone()),
        finished_at: Some(iso(now(&run.sync.clock))),
        not_known: not_known.count,
        not_known_places: not_known.named,
        removal_held: held
            .then(|| RemovalHeld { count: totals.missing, since: since.unwrap_or(started) }),
        removals,
        adopted_at,
        removal_approved: None,
    }
}
