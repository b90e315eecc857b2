//! What the answers of an account's regions become: rows, history, and looks in the ledger.

use std::collections::HashMap;

use futures::future::join_all;
use futures::{FutureExt, StreamExt, stream};
use model::{Failure, Place, SourceServer};
use store::rows::{InventoryChange, RowKey};

use super::absence::{remove_moved, settle_absence};
use super::compare::{Comparison, PlaceLook, compare};
use super::contest::Position;
use super::drs::{RegionAnswer, RegionListing};
use super::enrich::enrich_with_ec2_metadata;
use super::ledger::Answer;
use super::listed_row::ListedRow;
use super::persist::{RowFailure, WriteOutcome, none_written, write_inventory_to_dynamodb};
use super::place_outcome::PlaceOutcome;
use super::progress::Event;
use super::record::{Settled, record, settle_failure};
use super::report::{AccountOutcome, Found};
use super::run::count_distinct;
use super::work::Work;

/// Looks of an account that are recorded at once.
const LOOKS_AT_ONCE: usize = 10;

/// A look under way.
struct OpenLook<'a> {
    look: PlaceLook<'a>,
    comparison: Comparison,
    answer: Answer,
    unreadable: Vec<Failure>,
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
    failed.into_iter().for_each(|settled| outcome.add_place(settled));
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
    let (servers, failures) = enrich_with_ec2_metadata(&work.run.enrichment(), servers).await;
    outcome.add_servers(Found::of(&servers), failures);

    let _writing = work.run.may_write().await;
    let rows = rows_by_region(work, servers);
    let writing = work.run.writing(work.claim);
    looks.iter_mut().for_each(|open| open.look.writing = writing.clone());
    let written = Box::pin(compare_all(work, &mut looks, rows)).await;
    outcome.add_rows(written);
    let position_of =
        |row: &ListedRow| Position { account: work.position, region: position(&row.region) };
    let written = Box::pin(write_rows(work, &mut looks, position_of)).await;
    let (account_id, rows) = (work.session.account_id.clone(), written.written);
    work.run.request.progress.tell(Event::RowsStored { account_id, rows });
    note_failures(&mut looks, &written.failed);
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
        let answer = Answer { servers: count_distinct(&listing), ..Answer::default() };
        let look = PlaceLook {
            place: Place::new(&work.session.account_id, &region),
            asked_at,
            previous: work.previous(&region),
            is_complete: listing.is_complete() && work.known.is_some(),
            is_first_after_a_crash: work.claim.was_abandoned(),
            writing: work.run.writing(work.claim),
        };
        let (comparison, unreadable) = (Comparison::default(), listing.unreadable);
        looks.push(OpenLook { look, comparison, answer, unreadable });
        servers.extend(listing.servers);
    }
    (looks, servers)
}

/// Each server is let go as its row is made.
fn rows_by_region(work: &Work<'_>, servers: Vec<SourceServer>) -> HashMap<String, Vec<ListedRow>> {
    let rpo = work.run.sync.settings.policy.rpo;
    let time = work.run.start.time();
    let mut rows: HashMap<String, Vec<ListedRow>> = HashMap::new();
    for server in servers {
        rows.entry(server.region.clone()).or_default().push(ListedRow::new(server, &time, rpo));
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
                Err((rows, failure)) => {
                    open.answer.unwritten = true;
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
    let mut won = contest.win(taken, &position_of, ends).await;
    // Who wrote the row first told of it.
    won.iter_mut().for_each(|row| row.change = None);
    let won = tell_and_write(work, won).await;
    // The row was counted where it was first written.
    written.and(WriteOutcome { written: 0, ..won })
}

async fn tell_and_write(work: &Work<'_>, mut rows: Vec<ListedRow>) -> WriteOutcome {
    let Work { run, claim, .. } = work;
    let keys: Vec<RowKey> = rows.iter().filter(|row| !row.held).map(ListedRow::key).collect();
    let changes: Vec<InventoryChange> =
        rows.iter_mut().filter_map(|row| row.change.take()).collect();
    let written = match run.tell(run.start.now, changes, &run.writing(claim)).await {
        Ok(()) => {
            write_inventory_to_dynamodb(&run.start.inventory, rows, &run.writing(claim)).await
        }
        Err(failure) => none_written(rows, &failure),
    };
    run.contest.settle(keys.iter());
    written
}

/// Which rows of which place are not in the table.
fn note_failures(looks: &mut [OpenLook<'_>], failed: &[RowFailure]) {
    for row in failed {
        let look = looks.iter_mut().find(|open| open.look.place.region == row.region);
        let Some(open) = look else { continue };
        match row.refused {
            true => open.answer.not_stored.push(row.name()),
            false => open.answer.unwritten = true,
        }
    }
}

/// What is left of a look once its rows are written: moved rows, absence, the entry of the ledger.
async fn finish_look(work: &Work<'_>, open: OpenLook<'_>) -> Settled {
    let OpenLook { mut look, mut comparison, mut answer, unreadable } = open;
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
    answer.not_held = comparison.not_held as u64;
    answer.refreshed = comparison.refreshes && !answer.unwritten;
    let mut absence = settle_absence(run, &look, &mut comparison).await;
    absence.failure = absence.failure.or(unmoved);
    answer.missing = absence.missing;
    answer.removed = absence.removed;
    answer.touched.extend(absence.left.iter().cloned());
    answer.removal_held.clone_from(&absence.held);
    answer.unwritten |= absence.failure.is_some();
    let entry = record(work, &look, Ok(&answer), absence.acted).await;
    let outcome = PlaceOutcome::answered(look.place, answer.servers, unreadable);
    Settled { outcome, entry: Some(entry), absence }
}
