//! The record of a look: what the ledger and the history say of a place after it.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use model::{Failure, Place};
use store::rows::ledger::PlaceEntry;
use store::rows::{ChangeKind, InventoryChange};

use super::absence::{Absence, settle_closed};
use super::ledger::{Answer, entry_after, is_incomplete, update_region_status};
use super::place_look::PlaceLook;
use super::place_outcome::PlaceOutcome;
use super::recent_writes::add_writes;
use super::time::iso;
use super::work::Work;

/// A place with which a sync is done.
pub(super) struct Settled {
    pub(super) outcome: PlaceOutcome,
    /// Its entry, as it was written, or why it could not be; none where the place was not asked.
    pub(super) entry: Option<Result<PlaceEntry, Failure>>,
    pub(super) absence: Absence,
    /// What was known of a place that was not asked.
    pub(super) unread: Option<PlaceEntry>,
}

/// Records a place that could not be read, or is not in use.
pub(super) async fn settle_failure(
    work: &Work<'_>,
    region: String,
    asked_at: Option<Timestamp>,
    failure: Failure,
) -> Settled {
    let place = Place::new(&work.session.account_id, &region);
    let previous = work.previous(&region);
    let at = asked_at.unwrap_or(work.run.start.now);
    let hides = is_incomplete(failure.status, previous, &iso(at));
    let Some(asked_at) = asked_at else {
        // A region that was not asked was not looked at.
        let outcome = PlaceOutcome::failed(place, failure, hides);
        let unread = previous.cloned();
        return Settled { outcome, entry: None, absence: Absence::default(), unread };
    };
    let look = PlaceLook {
        place: place.clone(),
        asked_at,
        previous,
        is_complete: false,
        is_first_after_a_crash: work.claim.was_abandoned(),
        writing: work.run.writing(work.claim),
    };
    let is_approved = previous.is_some_and(|entry| entry.removal_approved.is_some());
    let absence = match failure.status.is_not_in_use() && is_approved {
        true => settle_closed(work.run, &look).await,
        false => Absence::default(),
    };
    let emptied = absence.acted.then(|| emptied(previous, asked_at, &absence));
    let look = PlaceLook { previous: emptied.as_ref().or(previous), ..look };
    let entry = record(work, &look, Err(&failure), absence.acted).await;
    let outcome = PlaceOutcome::failed(place, failure, hides && !absence.acted);
    Settled { outcome, entry: Some(entry), absence, unread: None }
}

/// What the ledger had of a closed place, without the rows that were removed.
fn emptied(previous: Option<&PlaceEntry>, now: Timestamp, absence: &Absence) -> PlaceEntry {
    let mut entry = previous.cloned().unwrap_or_default().emptied(absence.missing);
    add_writes(&mut entry, now, &absence.left);
    entry
}

/// Tells where a place stopped or started to be read, and writes its entry.
///
/// # Errors
/// The entry is as it was.
pub(super) async fn record(
    work: &Work<'_>,
    look: &PlaceLook<'_>,
    result: Result<&Answer, &Failure>,
    acted: bool,
) -> Result<PlaceEntry, Failure> {
    let run = work.run;
    let entry = entry_after(look.previous, &look.place, &iso(look.asked_at), result);
    run.tell(look.asked_at, changes_of(look, &entry), &look.writing).await?;
    let ends = run.start.looks_end.or_earlier(run.writing(work.claim).deadline);
    let recorded = update_region_status(&run.start.ledger, &entry, acted, ends).await;
    recorded.map(|()| entry).map_err(|failure| failure.failure)
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
    let value = |text: &str| AttributeValue::S(text.to_owned());
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
