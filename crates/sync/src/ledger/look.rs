//! What a sync saw of a place, and how that is recorded.

use aws::{classify, service_error};
use jiff::Timestamp;
use model::{Failure, Place, RegionStatus};
use store::Item;
use store::rows::ledger::{
    LONGEST_MESSAGE, MOST_ARNS, OF_A_LOOK, PlaceEntry, RemovalHeld, Removals, RowsNotStored,
    Trouble,
};
use store::rows::{Counts, RowKey};
use store::tables::AccountRegionStatusTable;

use super::own_attributes::update_own;
use crate::batches::unusable;
use crate::pace::Deadline;
use crate::patience::write_if;
use crate::recent_writes::add_writes;
use crate::time::age;

/// Bytes that an entry keeps of an error's code. Codes of AWS have half of that.
const LONGEST_CODE: usize = 64;
/// Bytes that an entry keeps of the name of a row. The ARN of a server in us-gov-east-1 has 79.
const LONGEST_ARN: usize = 80;

/// What came of a place that answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Distinct servers that DRS listed.
    pub servers: u64,
    /// What the rows of the place amount to after this look.
    pub counts: Counts,
    /// Servers that DRS lists and that cannot be read.
    pub unreadable: u64,
    /// Servers whose rows the table refuses.
    pub not_stored: Vec<String>,
    /// Whether a row could not be written for another reason than the row itself: the answer is
    /// then not in the inventory.
    pub unwritten: bool,
    /// Whether all rows were written.
    pub refreshed: bool,
    /// Removals that wait for an approval.
    pub removal_held: Option<RemovalHeld>,
    /// Rows that were removed.
    pub removed: u64,
    /// Rows that were sent to be written, flagged or removed, whatever became of them.
    pub touched: Vec<RowKey>,
}

/// An entry of the ledger that could not be written. What it said before is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookFailure {
    /// The account and region.
    pub place: Place,
    /// Why.
    pub failure: Failure,
}

/// The entry of a place after a look that asked at `asked_at`.
///
/// Where the query failed, the counts stay, so that the region is asked again and its servers are
/// not forgotten. A region that is not in use has answered, unless servers are known there and nobody
/// has acknowledged that it is closed.
pub fn entry_after(
    previous: Option<&PlaceEntry>,
    place: &Place,
    asked_at: &str,
    result: Result<&Answer, &Failure>,
) -> PlaceEntry {
    let mut entry = previous.cloned().unwrap_or_default();
    entry.account_id.clone_from(&place.account_id);
    entry.region.clone_from(&place.region);
    entry.last_checked = Some(asked_at.to_owned());
    match result {
        Ok(answer) => answered(&mut entry, asked_at, answer),
        Err(failure) => failed(&mut entry, asked_at, failure),
    }
    entry.trouble = trouble(&entry);
    entry
}

fn answered(entry: &mut PlaceEntry, asked_at: &str, answer: &Answer) {
    RegionStatus::Active.name().clone_into(&mut entry.status);
    entry.server_count = answer.servers;
    entry.counts.clone_from(&answer.counts);
    (entry.error_code, entry.error_message, entry.retryable) = (None, None, None);
    entry.failing_since = None;
    if !answer.unwritten {
        entry.last_success = Some(asked_at.to_owned());
    }
    if answer.refreshed {
        entry.refreshed_at = Some(asked_at.to_owned());
    }
    let named = answer.not_stored.iter().take(MOST_ARNS).map(|arn| cut(arn, LONGEST_ARN));
    let count = answer.not_stored.len() as u64 + answer.unreadable;
    entry.rows_not_stored = (count > 0).then(|| RowsNotStored { count, arns: named.collect() });
    entry.removal_held.clone_from(&answer.removal_held);
    let now: Timestamp = asked_at.parse().unwrap_or_default();
    entry.removals.retain(|removals| is_recent(removals, now));
    add_writes(entry, now, &answer.touched);
    note_removals(&mut entry.removals, asked_at, answer.removed);
}

/// Adds to the removals of a day. Those of six hours are one, as of the last of them: an entry stays
/// small however often a place is looked at, and no removal counts for less than a day.
pub(crate) fn note_removals(removals: &mut Vec<Removals>, at: &str, count: u64) {
    const TOGETHER: i64 = 6 * 3600;
    let period = |at: &str| at.parse().ok().map(|at: Timestamp| at.as_second() / TOGETHER);
    match removals.last_mut().filter(|last| period(&last.at) == period(at)) {
        _ if count == 0 => {}
        Some(last) => *last = Removals { at: at.to_owned(), count: last.count + count },
        None => removals.push(Removals { at: at.to_owned(), count }),
    }
}

fn failed(entry: &mut PlaceEntry, asked_at: &str, failure: &Failure) {
    failure.status.name().clone_into(&mut entry.status);
    entry.error_code = Some(cut(&failure.code, LONGEST_CODE));
    entry.error_message = Some(cut(&failure.message, LONGEST_MESSAGE));
    entry.retryable = Some(failure.retryable);
    if is_incomplete(failure.status, Some(entry), asked_at) {
        entry.failing_since.get_or_insert_with(|| asked_at.to_owned());
    } else {
        entry.failing_since = None;
        if entry.server_count + entry.counts.missing() == 0 {
            entry.last_success = Some(asked_at.to_owned());
        }
    }
}

/// Whether a failed place hides servers: its status says so, or the region is not in use but servers
/// of the account are known there, and nobody has acknowledged that it is closed.
pub fn is_incomplete(status: RegionStatus, previous: Option<&PlaceEntry>, now: &str) -> bool {
    let known = |entry: &PlaceEntry| entry.server_count + entry.counts.missing() > 0;
    let acknowledged = |entry: &PlaceEntry| {
        let until: Option<Timestamp> =
            entry.acknowledged_until.as_deref().and_then(|until| until.parse().ok());
        until.zip(now.parse().ok()).is_some_and(|(until, now): (Timestamp, Timestamp)| now < until)
    };
    !status.is_not_in_use() || previous.is_some_and(|entry| known(entry) && !acknowledged(entry))
}

/// The start of a text that comes from elsewhere: an entry stays small whatever it says.
pub(crate) fn cut(text: &str, bytes: usize) -> String {
    text[..text.floor_char_boundary(bytes)].to_owned()
}

fn trouble(entry: &PlaceEntry) -> Option<Trouble> {
    match (&entry.failing_since, &entry.last_success, &entry.removal_held) {
        (Some(_), None, _) => Some(Trouble::NeverRead),
        (Some(_), Some(_), _) => Some(Trouble::Failed),
        (None, _, Some(_)) => Some(Trouble::Held),
        (None, _, None) => None,
    }
}

/// Whether a removal counts against the limit.
pub(crate) fn is_recent(removals: &Removals, now: Timestamp) -> bool {
    let day = jiff::SignedDuration::from_hours(24);
    age(Some(&removals.at), now).is_some_and(|age| age < day)
}

/// Records a look at a place. Attributes that are not of a look stay as they are; an older look does
/// not replace a later one. `acted` takes away the approval that the sync acted on.
///
/// # Errors
/// [`LookFailure`]: the entry is as it was.
pub async fn update_region_status(
    table: &AccountRegionStatusTable,
    entry: &PlaceEntry,
    acted: bool,
    ends: Deadline,
) -> Result<(), LookFailure> {
    let place = Place::new(&entry.account_id, &entry.region);
    let Err(failure) = update(table, entry, acted, ends).await else { return Ok(()) };
    let (code, cause) = (&failure.code, &failure.message);
    tracing::warn!(
        account = place.account_id,
        region = place.region,
        code,
        cause,
        "look not stored"
    );
    Err(LookFailure { place, failure })
}

async fn update(
    table: &AccountRegionStatusTable,
    entry: &PlaceEntry,
    acted: bool,
    ends: Deadline,
) -> Result<(), Failure> {
    let item: Item = serde_dynamo::to_item(entry).map_err(|error| classify(&unusable(&error)))?;
    let key = (entry.account_id.as_str(), entry.region.as_str());
    let approval = acted.then_some("removalApproved");
    let update = update_own(table, key, item, (&OF_A_LOOK, approval), "lastChecked");
    let send = || async { update.clone().send().await.map(drop).map_err(|e| service_error(&e)) };
    // Where a later look is there, this one has nothing to add.
    write_if(ends, send).await.map(drop)
}
