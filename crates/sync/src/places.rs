//! What the answers of an account's regions become: rows, history, and looks in the ledger.

use std::collections::{HashMap, HashSet};

use futures::future::join_all;
use futures::{FutureExt, StreamExt, stream};
use model::readiness::{Context, replicates};
use model::{Failure, Place, SourceServer};
use store::rows::{InventoryChange, RowKey};

use super::absence::{remove_moved, settle_absence};
use super::compare::{Comparison, Uncompared, compare};
use super::contest::Position;
use super::drs::{RegionAnswer, RegionListing};
use super::enrich::enrich_with_ec2_metadata;
use super::ledger::Answer;
use super::listed_row::ListedRow;
use super::listed_server::listed_servers;
use super::persist::{Judged, RowFailure, WriteOutcome, none_written, write_inventory_to_dynamodb};
use super::place_look::PlaceLook;
use super::place_outcome::PlaceOutcome;
use super::progress::Event;
use super::record::{Settled, record, settle_failure};
use super::report::{AccountOutcome, Found};
use super::run::count_distinct;
use super::verdict_change::VerdictChange;
use super::work::Work;

/// Looks of an account that are recorded at once.
const LOOKS_AT_ONCE: usize = 10;

/// A look under way.
struct OpenLook<'a> {
    look: PlaceLook<'a>,
    comparison: Comparison,
    answer: Answer,
    unreadable: Vec<Failure>,
    /// Servers that count against the quota of replicating servers.
    replicating: u64,
}

impl OpenLook<'_> {
    /// Before anything is written.
    fn note_touched(&mut self) {
        let Comparison { rows, moved, gone, .. } = &self.comparison;
        let touched = rows.iter().map(ListedRow::key).chain(moved.iter().cloned());
        self.answer.touched.extend(touched);
        let to_flag = gone.iter().filter(|gone| gone.missing_since.is_none());
        self.answer.touched.extend(to_flag.map(|gone| gone.key.clone()));
    }
}

/// Settles what some regions answered together: those that failed beside those that listed servers.
pub(super) async fn settle_answers(
    work: &Work<'_>,
    position: &impl Fn(&str) -> usize,
    answers: Vec<RegionAnswer>,
    outcome: &mut AccountOutcome,
) {
    let (mut listed, mut failed) = (Vec::new(), Vec::new());
    for RegionAnswer { region, asked_at, result } in answers {
        match result {
            Err(failure) => failed.push(settle_failure(work, region, asked_at, failure).boxed()),
            Ok(listing) => {
                listed.push((region, asked_at.unwrap_or(work.run.start.now), listing));
            }
        }
    }
    let failed = stream::iter(failed).buffer_unordered(LOOKS_AT_ONCE).collect::<Vec<_>>();
    let settled = Box::pin(settle_listed(work, position, listed, outcome));
    let (failed, ()) = tokio::join!(failed, settled);
    for mut settled in failed {
        let unread = settled.unread.take();
        outcome.unread.extend(unread.map(|entry| work.run.as_it_holds(entry)));
        outcome.add_place(settled);
    }
}

/// Enriches, compares, tells, writes and records what was listed.
async fn settle_listed(
    work: &Work<'_>,
    position: &impl Fn(&str) -> usize,
    listed: Vec<(String, jiff::Timestamp, RegionListing)>,
    outcome: &mut AccountOutcome,
) {
    if listed.is_empty() {
        return;
    }
    let (mut looks, servers) = open_looks(work, listed);
    let (servers, failures) = enrich_with_ec2_metadata(&work.enrichment(), servers).await;
    outcome.add_servers(Found::of(&servers), failures);
    outcome.listed.extend(listed_servers(&work.run.sync.settings, &servers));

    let _writing = work.run.may_write().await;
    let rows = judge_servers(work, &looks, servers);
    let writing = work.run.writing(work.claim);
    looks.iter_mut().for_each(|open| open.look.writing = writing.clone());
    let compared = Box::pin(compare_all(work, &mut looks, rows)).await;
    note_failures(work, &mut looks, &compared.failed);
    outcome.add_rows(compared);
    let position_of = |row: &ListedRow| Position::of(work.position, position(&row.region));
    let written = Box::pin(write_rows(work, &mut looks, position_of)).await;
    let (account_id, rows) = (work.session.account_id.clone(), written.written);
    work.run.request.progress.tell(Event::RowsStored { account_id, rows });
    note_failures(work, &mut looks, &written.failed);
    outcome.add_rows(written);
    let mut finished = Vec::with_capacity(looks.len());
    for open in looks {
        finished.push(finish_look(work, open).boxed());
    }
    let mut looks = stream::iter(finished).buffer_unordered(LOOKS_AT_ONCE);
    while let Some(settled) = looks.next().await {
        outcome.add_place(settled);
    }
}

/// The looks at the places that answered, and the servers of them all.
fn open_looks<'a>(
    work: &'a Work<'_>,
    listed: Vec<(String, jiff::Timestamp, RegionListing)>,
) -> (Vec<OpenLook<'a>>, Vec<SourceServer>) {
    let mut servers = Vec::new();
    let mut looks = Vec::with_capacity(listed.len());
    for (region, asked_at, listing) in listed {
        let answer = Answer {
            servers: count_distinct(&listing),
            unreadable: listing.unreadable.len() as u64,
            ..Answer::default()
        };
        let replicating = count_replicating(&listing.servers);
        let look = PlaceLook {
            place: Place::new(&work.session.account_id, &region),
            asked_at,
            previous: work.previous(&region),
            is_complete: listing.is_complete() && work.known.is_some(),
            is_first_after_a_crash: work.claim.was_abandoned(),
            writing: work.run.writing(work.claim),
        };
        let (comparison, unreadable) = (Comparison::default(), listing.unreadable);
        looks.push(OpenLook { look, comparison, answer, unreadable, replicating });
        servers.extend(listing.servers);
    }
    (looks, servers)
}

/// Each ARN once: a server that is listed twice replicates once.
fn count_replicating(servers: &[SourceServer]) -> u64 {
    let replicating = servers.iter().filter(|server| replicates(server));
    let (named, unnamed): (Vec<_>, Vec<_>) = replicating.partition(|it| it.arn().is_some());
    let named: HashSet<&str> = named.into_iter().filter_map(SourceServer::arn).collect();
    (named.len() + unnamed.len()) as u64
}

/// The row of each server with its verdict, by region. Each server is let go as its row is made.
fn judge_servers(
    work: &Work<'_>,
    looks: &[OpenLook<'_>],
    servers: Vec<SourceServer>,
) -> HashMap<String, Vec<ListedRow>> {
    let replicating: HashMap<&str, u64> =
        looks.iter().map(|open| (open.look.place.region.as_str(), open.replicating)).collect();
    let (now, time) = (work.run.start.now, work.run.start.time());
    let mut rows: HashMap<String, Vec<ListedRow>> = HashMap::new();
    for server in servers {
        let policy = work.run.policies.of(&server);
        let replicating = replicating.get(server.region.as_str()).copied().unwrap_or_default();
        let context = Context { policy: &policy, now, replicating };
        let row = ListedRow::new(server, &time, &context);
        rows.entry(row.region.clone()).or_default().push(row);
    }
    rows
}

/// Compares the rows of each place; returns what is not to be written, or need not be.
async fn compare_all(
    work: &Work<'_>,
    looks: &mut [OpenLook<'_>],
    mut rows: HashMap<String, Vec<ListedRow>>,
) -> WriteOutcome {
    let compared = looks.iter_mut().map(|open| {
        let given = rows.remove(&open.look.place.region).unwrap_or_default();
        async {
            let rows = super::duplicates::merge_duplicates(given);
            match compare(work.run, &open.look, rows).await {
                Ok(comparison) => {
                    let unchanged = comparison.unchanged;
                    open.comparison = comparison;
                    WriteOutcome { unchanged, ..WriteOutcome::default() }
                }
                Err(Uncompared { rows, counts, failure }) => {
                    open.answer.unwritten = true;
                    open.comparison.counts = counts;
                    none_written(rows, &failure)
                }
            }
        }
    });
    let compared = join_all(compared).await;
    compared.into_iter().fold(WriteOutcome::default(), WriteOutcome::and)
}

/// Tells and writes the rows of all places, those that another place took only where they are better.
async fn write_rows(
    work: &Work<'_>,
    looks: &mut [OpenLook<'_>],
    position_of: impl Fn(&ListedRow) -> Position,
) -> WriteOutcome {
    let contest = &work.run.contest;
    looks.iter_mut().for_each(OpenLook::note_touched);
    let rows = looks.iter_mut().flat_map(|open| std::mem::take(&mut open.comparison.rows));
    let (free, taken) = contest.take(rows.collect(), &position_of);
    let written = tell_and_write(work, free).await;
    if taken.is_empty() {
        return written;
    }
    let ends = work.run.writing(work.claim).deadline;
    let contested: Vec<(RowKey, String, Judged)> =
        taken.iter().map(|row| (row.key(), row.region.clone(), Judged::of(row))).collect();
    let mut won = contest.win(taken, &position_of, ends).await;
    note_lost(work, looks, contested, &won);
    // Who wrote the row first told of it.
    won.iter_mut().for_each(|row| row.changes.clear());
    let won = tell_and_write(work, won).await;
    // The row was counted where it was first written.
    written.and(WriteOutcome { written: 0, ..won })
}

/// Rows that another place lists better are not of this one.
fn note_lost(
    work: &Work<'_>,
    looks: &mut [OpenLook<'_>],
    contested: Vec<(RowKey, String, Judged)>,
    won: &[ListedRow],
) {
    let won: HashSet<RowKey> = won.iter().map(ListedRow::key).collect();
    for (_, region, judged) in contested.iter().filter(|(key, ..)| !won.contains(key)) {
        let look = looks.iter_mut().find(|open| open.look.place.region == *region);
        let Some(Comparison { counts, not_held, .. }) = look.map(|it| &mut it.comparison) else {
            continue;
        };
        counts.take_back(&judged.row, &judged.policy, work.run.start.now);
        *not_held += 1;
    }
}

async fn tell_and_write(work: &Work<'_>, mut rows: Vec<ListedRow>) -> WriteOutcome {
    let Work { run, claim, .. } = work;
    let keys: Vec<RowKey> = rows.iter().filter(|row| !row.held).map(ListedRow::key).collect();
    let verdicts: Vec<(RowKey, VerdictChange)> = rows.iter().filter_map(verdict_change).collect();
    let changes: Vec<InventoryChange> =
        rows.iter_mut().flat_map(|row| std::mem::take(&mut row.changes)).collect();
    let mut written = match run.tell(run.start.now, changes, &run.writing(claim)).await {
        Ok(()) => {
            write_inventory_to_dynamodb(&run.start.inventory, rows, &run.writing(claim)).await
        }
        Err(failure) => none_written(rows, &failure),
    };
    run.contest.settle(keys.iter());
    let failed: HashSet<&RowKey> = written.failed.iter().map(|row| &row.key).collect();
    let stored = verdicts.into_iter().filter(|(key, _)| !failed.contains(key));
    written.verdict_changes = stored.map(|(_, change)| change).collect();
    written
}

fn verdict_change(listed: &ListedRow) -> Option<(RowKey, VerdictChange)> {
    let (before, row) = (listed.other_verdict?, &listed.row);
    let change = VerdictChange {
        source_server_arn: row.source_server_arn.clone(),
        hostname: row.hostname.clone(),
        listed_in: Place::new(&listed.account_id, &listed.region),
        before: Some(before),
        after: row.readiness.readiness?,
        reasons: row.readiness.readiness_reasons.clone(),
    };
    Some((listed.key(), change))
}

/// Which rows of which place are not in the table.
fn note_failures(work: &Work<'_>, looks: &mut [OpenLook<'_>], failed: &[RowFailure]) {
    for row in failed {
        let look = looks.iter_mut().find(|open| open.look.place.region == row.region);
        let Some(open) = look else { continue };
        if !row.refused {
            open.answer.unwritten = true;
            continue;
        }
        open.answer.not_stored.push(row.name());
        if !row.key.source_server_arn.is_empty() {
            let Judged { row, policy } = &*row.judged;
            open.comparison.counts.take_back(row, policy, work.run.start.now);
        }
    }
}

/// What is left of a look once its rows are written: moved rows, absence, the entry of the ledger.
async fn finish_look(work: &Work<'_>, open: OpenLook<'_>) -> Settled {
    let OpenLook { mut look, mut comparison, mut answer, unreadable, replicating } = open;
    let run = work.run;
    look.writing = run.writing(work.claim);
    let mut unmoved = None;
    if !answer.unwritten {
        let is_stored = |key: &RowKey| {
            let arn = &key.source_server_arn;
            !answer.not_stored.iter().any(|name| name.starts_with(arn.as_str()))
        };
        for key in comparison.moved.iter().filter(|key| is_stored(key)).cloned() {
            unmoved = remove_moved(run, &look, key).await.err().or(unmoved);
        }
    }
    answer.unwritten |= unmoved.is_some();
    answer.counts = std::mem::take(&mut comparison.counts);
    answer.counts.replicating = replicating;
    answer.counts.not_held = comparison.not_held as u64;
    answer.refreshed = comparison.refreshes && !answer.unwritten;
    let mut absence = settle_absence(run, &look, &mut comparison).await;
    absence.failure = absence.failure.or(unmoved);
    answer.counts.set_missing(absence.missing);
    answer.removed = absence.removed;
    answer.touched.extend(absence.left.iter().cloned());
    answer.removal_held.clone_from(&absence.held);
    answer.unwritten |= absence.failure.is_some();
    let entry = record(work, &look, Ok(&answer), absence.acted).await;
    let outcome = PlaceOutcome::answered(look.place, answer.servers, unreadable);
    Settled { outcome, entry: Some(entry), absence, unread: None }
}
