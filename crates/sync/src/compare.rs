//! Which rows of a place say something new, and which servers it no longer lists.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use model::lag::LagClass;
use model::readiness::{FactsAtLaunch, Verdict};
use model::{Failure, LastLaunch, Place};
use store::rows::ledger::PlaceEntry;
use store::rows::{
    ChangeKind, Counts, InventoryChange, InventoryRow, Readiness, RowKey, changed_in,
};
use store::{Item, attribute, text};

use super::current_rows::read_rows;
use super::listed_row::ListedRow;
use super::listing_index::query_listing_index;
use super::place_look::{PlaceLook, is_held};
use super::run::Run;
use super::tell::{changes_between, with_verdicts};
use super::unchanged::{ByIndex, Unchanged, confirm};
use super::verdict_change::VerdictChange;
use crate::time::age;

/// What a look makes of the rows of its place.
#[derive(Default)]
pub(crate) struct Comparison {
    /// Rows that say what stands in the table.
    pub(crate) unchanged: usize,
    /// Rows to write.
    pub(crate) rows: Vec<ListedRow>,
    /// Servers whose rows another place holds.
    pub(crate) not_held: usize,
    /// Keys under which a row stood whose server has another staging account now.
    pub(crate) moved: Vec<RowKey>,
    /// Rows of servers that the place no longer lists. Empty where the look is not complete.
    pub(crate) gone: Vec<Gone>,
    /// What the rows amount to that the place holds.
    pub(crate) counts: Counts,
    /// Rows that the place holds after the look, those of servers that are gone among them.
    pub(crate) held: usize,
    /// Whether all rows of the place are among those to write.
    pub(crate) refreshes: bool,
    /// Whether the rows of the place are known, and with them what is gone.
    pub(crate) knows_rows: bool,
}

/// Rows that could not be compared.
pub(crate) struct Uncompared {
    /// None of them may be written.
    pub(crate) rows: Vec<ListedRow>,
    /// What they amount to, and those that are unchanged.
    pub(crate) counts: Counts,
    /// Why.
    pub(crate) failure: Failure,
}

/// A row of a server that its place no longer lists.
pub(crate) struct Gone {
    /// The row's key.
    pub(crate) key: RowKey,
    /// The row, whole.
    pub(crate) row: Item,
    /// Since when it is flagged.
    pub(crate) missing_since: Option<String>,
}

impl Comparison {
    fn add_unchanged(&mut self, run: &Run<'_>, rows: Vec<Unchanged>) {
        self.unchanged += rows.len();
        for Unchanged { listed: ListedRow { row, policy, .. }, content_hash } in rows {
            let row = row.with_changes(None, &changed_in(&content_hash), &policy);
            self.counts.add(&row, &policy, run.start.now);
        }
    }
}

/// Compares the rows of a place with what stands in the table.
///
/// # Errors
/// The table does not answer: none of the rows may be written.
pub(crate) async fn compare(
    run: &Run<'_>,
    look: &PlaceLook<'_>,
    rows: Vec<ListedRow>,
) -> Result<Comparison, Uncompared> {
    let index = match rows.is_empty() && !may_have_rows(look.previous) {
        true => Some(HashMap::new()),
        false => query_listing_index(&run.start.inventory, &look.place).await,
    };
    let mut comparison = Comparison {
        refreshes: is_refresh_due(run, look),
        knows_rows: index.is_some(),
        ..Comparison::default()
    };
    let listed: HashSet<RowKey> = rows.iter().map(ListedRow::key).collect();
    let arns: HashSet<String> = listed.iter().map(|key| key.source_server_arn.clone()).collect();
    let ByIndex { unchanged, perhaps, mut open } = match &index {
        Some(index) if !comparison.refreshes => {
            ByIndex::sort(look, (index, run.sync.store.indexes), rows)
        }
        Some(_) | None => ByIndex { open: rows, ..ByIndex::default() },
    };
    comparison.add_unchanged(run, unchanged);
    match confirm(run, look, perhaps).await {
        Ok((unchanged, changed)) => {
            comparison.add_unchanged(run, unchanged);
            open.extend(changed);
        }
        Err((rows, failure)) => {
            open.extend(rows);
            return Err(uncompared(run, comparison, open, failure));
        }
    }

    let (kept_back, open): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|row| row.kept_back.is_some());
    comparison.rows = kept_back;
    let unlisted = index.into_iter().flat_map(HashMap::into_keys);
    let unlisted: Vec<RowKey> = unlisted.filter(|key| !listed.contains(key)).collect();
    let keys = open.iter().map(ListedRow::key).chain(unlisted.iter().cloned());
    let keys: HashSet<RowKey> = keys.collect();
    let read =
        read_rows(&run.start.inventory, keys.into_iter().collect(), None, &look.writing).await;
    let mut current = match read {
        Ok(current) => current,
        Err(failure) => return Err(uncompared(run, comparison, open, failure)),
    };
    let unlisted = unlisted.into_iter().filter_map(|key| {
        let row = current.remove(&key)?;
        is_held(&row, &look.place).then_some((key, row))
    });
    // A server that is listed under another staging account has moved; it is not gone.
    let (moved, gone): (Vec<_>, Vec<_>) =
        unlisted.partition(|(key, _)| arns.contains(&key.source_server_arn));
    comparison.rows.iter().for_each(|row| count(run, &mut comparison.counts, row));
    judge_listed(run, look, open, (&current, &moved), &mut comparison).await;
    comparison.held = comparison.unchanged + comparison.rows.len() + gone.len();
    comparison.moved = moved.into_iter().map(|(key, _)| key).collect();
    if look.is_complete {
        comparison.gone = gone.into_iter().map(|(key, row)| Gone::of(key, row)).collect();
    }
    Ok(comparison)
}

/// An entry that knows of no rows is the rule: most regions of an account are not in use.
fn may_have_rows(previous: Option<&PlaceEntry>) -> bool {
    previous.is_none_or(|entry| {
        entry.server_count + entry.counts.missing() > 0 || entry.refreshed_at.is_none()
    })
}

/// All rows of a place are written again between one and two times the interval after they were last,
/// by a hash of the place, so that not all places do so at once.
fn is_refresh_due(run: &Run<'_>, look: &PlaceLook<'_>) -> bool {
    let interval = run.sync.settings.row_refresh;
    let refreshed_at = look.previous.and_then(|entry| entry.refreshed_at.as_deref());
    let Some(age) = age(refreshed_at, look.asked_at) else { return true };
    let mut hasher = DefaultHasher::new();
    look.place.hash(&mut hasher);
    let share = (hasher.finish() % 1000) as f64 / 1000.0;
    age.is_negative() || age.unsigned_abs() >= interval.mul_f64(1.0 + share)
}

/// None of these rows, and of those to write, may be written.
fn uncompared(
    run: &Run<'_>,
    mut comparison: Comparison,
    open: Vec<ListedRow>,
    failure: Failure,
) -> Uncompared {
    let mut rows = open;
    rows.append(&mut comparison.rows);
    let mut counts = comparison.counts;
    rows.iter().for_each(|row| count(run, &mut counts, row));
    Uncompared { rows, counts, failure }
}

/// Decides of each listed row whether it is written, and what the history tells of it.
async fn judge_listed(
    run: &Run<'_>,
    look: &PlaceLook<'_>,
    rows: Vec<ListedRow>,
    (current, moved): (&HashMap<RowKey, Item>, &[(RowKey, Item)]),
    comparison: &mut Comparison,
) {
    let moved_from: HashMap<&str, &(RowKey, Item)> =
        moved.iter().map(|row| (row.0.source_server_arn.as_str(), row)).collect();
    let is_first_look = look.previous.is_none_or(|entry| entry.refreshed_at.is_none());
    for mut row in rows {
        let key = row.key();
        let Some(stands) = current.get(&key) else {
            let moved = moved_from.get(key.source_server_arn.as_str());
            match moved {
                Some((_, earlier)) => {
                    row = with_what_was_known(row, earlier);
                    note_changes(&mut row, earlier);
                }
                None if is_first_look => {}
                None => {
                    let added = InventoryChange::of(key.source_server_arn, ChangeKind::Added);
                    row.changes.push(added);
                }
            }
            count(run, &mut comparison.counts, &row);
            comparison.rows.push(row);
            continue;
        };
        row.held = is_held(stands, &look.place);
        if !row.held && !may_take_over(run, stands, &key).await {
            comparison.not_held += 1;
            continue;
        }
        row = with_launch(row, stands);
        count(run, &mut comparison.counts, &row);
        let is_flagged = stands.contains_key("missingSince");
        let same_hash = stands.get("contentHash").and_then(|hash| hash.as_s().ok())
            == row.row.content_hash.as_ref();
        if row.held && same_hash && !is_flagged && !comparison.refreshes {
            comparison.unchanged += 1;
            continue;
        }
        if is_flagged {
            let found = InventoryChange::of(key.source_server_arn, ChangeKind::FoundAgain);
            row.changes.push(with_verdicts(found, stands, &row.row.readiness));
            row.other_verdict = other_verdict(stands, &row.row);
        } else {
            note_changes(&mut row, stands);
        }
        comparison.rows.push(row);
    }
}

/// A row without its key is never stored, and so it is not counted among those that are.
fn count(run: &Run<'_>, counts: &mut Counts, row: &ListedRow) {
    if row.can_have_duplicates() {
        counts.add(&row.row, &row.policy, run.start.now);
    }
}

fn with_what_was_known(mut row: ListedRow, earlier: &Item) -> ListedRow {
    if let Ok(earlier) = InventoryRow::from_item(earlier.clone()) {
        row.row.inherit(earlier);
        row.row = row.row.with_content_hash(&row.policy);
    }
    with_launch(row, earlier)
}

/// With what is known of the machine at its last launch: as the row that stands has it, or as it is now
/// where that row tells of another launch, or of none. A row that was never judged does not tell.
fn with_launch(mut row: ListedRow, stands: &Item) -> ListedRow {
    let listed = &row.row;
    let job_id = listed.drs.last_launch.as_ref().map(|launch| launch.job_id.as_str());
    let kept: Option<FactsAtLaunch> = attribute(stands, "factsAtLaunch");
    let of_job = |facts: &FactsAtLaunch| Some(facts.job_id.as_str()) == job_id;
    let before: Option<LastLaunch> = attribute(stands, "lastLaunch");
    let is_new = stands.contains_key("readiness")
        && before.as_ref().map(|launch| launch.job_id.as_str()) != job_id;
    let now = || job_id.filter(|_| is_new).map(|job_id| listed.facts_at_launch(job_id));
    let facts = kept.filter(of_job).or_else(now);
    row.row = std::mem::take(&mut row.row).with_facts_at_launch(facts, &row.policy);
    row
}

fn note_changes(row: &mut ListedRow, stands: &Item) {
    let class = |lag: &str| LagClass::of(lag, row.policy.rpo);
    let same_class = class(text(stands, "lagDuration")) == class(&row.row.lag_duration);
    row.changes = changes_between(stands, &row.row, same_class);
    row.other_verdict = other_verdict(stands, &row.row);
}

fn other_verdict(stands: &Item, row: &InventoryRow) -> Option<Verdict> {
    let before = Verdict::from_name(text(stands, "readiness"));
    before.filter(|before| Some(*before) != row.readiness.readiness)
}

/// A row that another place holds is taken over where that one lost it, or is not read any more; or
/// where both list it for the first time, in this sync, which is a contest.
async fn may_take_over(run: &Run<'_>, stands: &Item, key: &RowKey) -> bool {
    if stands.contains_key("missingSince") || run.contest.has(key) {
        return true;
    }
    match Place::parse(text(stands, "listedIn")) {
        None => true,
        Some(holder) => !run.is_read(&holder).await,
    }
}

impl Gone {
    /// A row as it stands.
    pub(crate) fn of(key: RowKey, row: Item) -> Self {
        let missing_since = row.get("missingSince").and_then(|since| since.as_s().ok()).cloned();
        Self { key, row, missing_since }
    }

    /// What flagging the row changes of its verdict.
    pub(crate) fn verdict_change(&self, place: &Place) -> Option<VerdictChange> {
        let before = Verdict::from_name(text(&self.row, "readiness"));
        let after = Readiness::no_longer_listed(&self.key.source_server_arn);
        let change = VerdictChange {
            source_server_arn: self.key.source_server_arn.clone(),
            hostname: text(&self.row, "hostname").to_owned(),
            listed_in: place.clone(),
            before,
            after: after.readiness?,
            reasons: after.readiness_reasons,
        };
        (change.before != Some(change.after)).then_some(change)
    }
}
