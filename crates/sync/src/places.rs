//! What the answers of an account's regions become: rows, history, and looks in the ledger.

use std::collections::HashMap;

use aws::AccountSession;
use futures::future::join_all;
use model::{Failure, Place, SourceServer};
use store::rows::ledger::PlaceEntry;
use store::rows::{ChangeKind, InventoryChange, RowKey};

use super::absence::{remove_moved, settle_absence, settle_closed};
use super::compare::{Comparison, PlaceLook, compare};
use super::contest::Position;
use super::drs::{RegionAnswer, RegionListing};
use super::enrich::enrich_with_ec2_metadata;
use super::ledger::lease::Lease;
use super::ledger::{Answer, KnownPlaces, entry_after, update_region_status};
use super::listed_row::ListedRow;
use super::persist::{RowFailure, WriteOutcome, none_written, write_inventory_to_dynamodb};
use super::place_outcome::PlaceOutcome;
use super::progress::Event;
use super::report::{AccountOutcome, Found};
use super::run::{Run, count_distinct};
use super::time::iso;

/// What the work in one account rests on.
pub(super) struct Work<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) claim: &'a Lease,
    /// What the ledger has of the account; none where it could not be read.
    pub(super) known: Option<&'a KnownPlaces>,
    pub(super) session: &'a AccountSession,
    /// The account's place in the accounts table.
    pub(super) position: usize,
}

/// A look under way.
struct OpenLook<'a> {
    look: PlaceLook<'a>,
    comparison: Comparison,
    answer: Answer,
    unreadable: Vec<Failure>,
}

impl Work<'_> {
    fn previous(&self, region: &str) -> Option<&PlaceEntry> {
        self.known.and_then(|known| known.places.get(region))
    }
}

/// Enriches, compares, tells, writes and records what some regions answered together.
pub(super) async fn settle_answers(
    work: &Work<'_>,
    position: &impl Fn(&str) -> usize,
    answers: Vec<RegionAnswer>,
    outcome: &mut AccountOutcome,
) {
    let mut listed = Vec::new();
    for answer in answers {
        match answer.result {
            Err(failure) => {
                let asked = (answer.region.as_str(), answer.asked_at);
                Box::pin(record_failure(work, asked, failure, outcome)).await;
            }
            Ok(listing) => {
                listed.push((
                    answer.region,
                    answer.asked_at.unwrap_or(work.run.start.now),
                    listing,
                ));
            }
        }
    }
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
    for open in looks {
        Box::pin(finish_look(work, open, outcome)).await;
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
    let rpo = work.run.sync.settings.rpo;
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
async fn finish_look(work: &Work<'_>, mut open: OpenLook<'_>, outcome: &mut AccountOutcome) {
    let run = work.run;
    let OpenLook { look, comparison, answer, unreadable } = &mut open;
    look.writing = run.writing(work.claim);
    if !answer.unwritten {
        for key in std::mem::take(&mut comparison.moved) {
            answer.unwritten |= remove_moved(run, look, key).await.is_err();
        }
    }
    answer.not_held = comparison.not_held as u64;
    answer.refreshed = comparison.refreshes && !answer.unwritten;
    let absence = settle_absence(run, look, comparison).await;
    answer.missing = absence.missing;
    answer.removed = absence.removed;
    answer.removal_held.clone_from(&absence.held);
    answer.unwritten |= absence.failure.is_some();
    outcome.add_absence(&look.place, &absence);
    record(work, look, Ok(answer), absence.acted, outcome).await;
    let (place, unreadable) = (look.place.clone(), std::mem::take(unreadable));
    outcome.places.push(PlaceOutcome::answered(place, answer.servers, unreadable));
}

/// A place that could not be read, and one that is not in use.
async fn record_failure(
    work: &Work<'_>,
    (region, asked_at): (&str, Option<jiff::Timestamp>),
    failure: Failure,
    outcome: &mut AccountOutcome,
) {
    let previous = work.previous(region);
    let place = Place::new(&work.session.account_id, region);
    let asked = asked_at.unwrap_or(work.run.start.now);
    let now = iso(asked);
    let hides = super::ledger::is_incomplete(failure.status, previous, &now);
    // A region that was not asked was not looked at.
    if asked_at.is_some() {
        let writing = work.run.writing(work.claim);
        let look = PlaceLook {
            place: place.clone(),
            asked_at: asked,
            previous,
            is_complete: false,
            writing,
        };
        let closed = failure.status.is_not_in_use()
            && previous.is_some_and(|entry| entry.removal_approved.is_some());
        if closed {
            let absence = settle_closed(work.run, &look).await;
            outcome.add_absence(&place, &absence);
            if absence.acted {
                let answer = Answer {
                    removed: absence.removed,
                    missing: absence.missing,
                    ..Answer::default()
                };
                record(work, &look, Ok(&answer), true, outcome).await;
                outcome.places.push(PlaceOutcome::failed(place, failure, false));
                return;
            }
        }
        record(work, &look, Err(&failure), false, outcome).await;
    }
    outcome.places.push(PlaceOutcome::failed(place, failure, hides));
}

/// Tells where a place stopped or started to be read, and writes its entry.
async fn record(
    work: &Work<'_>,
    look: &PlaceLook<'_>,
    result: Result<&Answer, &Failure>,
    acted: bool,
    outcome: &mut AccountOutcome,
) {
    let run = work.run;
    let entry = entry_after(look.previous, &look.place, &iso(look.asked_at), result);
    let changes = changes_of(look, &entry);
    let told = run.tell(look.asked_at, changes, &look.writing).await;
    let ends = run.start.looks_end.or_earlier(run.writing(work.claim).deadline);
    let recorded = match told {
        Ok(()) => update_region_status(&run.start.ledger, &entry, acted, ends)
            .await
            .map_err(|it| it.failure),
        Err(failure) => Err(failure),
    };
    match recorded {
        Ok(()) => outcome.entries.push(entry),
        Err(failure) => outcome.unrecorded.push((Some(look.place.clone()), failure)),
    }
}

fn changes_of(look: &PlaceLook<'_>, entry: &PlaceEntry) -> Vec<InventoryChange> {
    let subject = look.place.to_string();
    let failing_before = look.previous.is_some_and(|entry| entry.failing_since.is_some());
    let seen_before =
        look.previous.is_some_and(|entry| entry.server_count > 0 || entry.refreshed_at.is_some());
    let mut changes = Vec::new();
    match (failing_before, entry.failing_since.is_some()) {
        (false, true) => changes.push(ChangeKind::RegionFailed),
        (true, false) => changes.push(ChangeKind::RegionRecovered),
        (true, true) | (false, false) => {}
    }
    if !seen_before && entry.server_count > 0 && entry.last_success.is_some() {
        changes.push(ChangeKind::RegionFirstSeen);
    }
    let value = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let change = |kind| {
        let mut change = InventoryChange::of(subject.clone(), kind);
        let code = entry.error_code.as_deref().unwrap_or_default();
        change.after.insert("status".to_owned(), value(&entry.status));
        if !code.is_empty() {
            change.after.insert("errorCode".to_owned(), value(code));
        }
        change
    };
    changes.into_iter().map(change).collect()
}
