//! Servers that DRS no longer lists: flagged at first, removed after a time, and never many at once
//! unasked.

use std::collections::HashSet;

use aws::{classify, service_error};
use futures::{StreamExt, stream};
use model::{Failure, Place};
use store::rows::ledger::{PlaceEntry, RemovalHeld};
use store::rows::{ChangeKind, InventoryChange, Readiness, RowKey};
use store::{Item, string};

use super::compare::{Comparison, Gone};
use super::ledger::is_recent;
use super::patience::write_if;
use super::place_look::{PlaceLook, is_held};
use super::run::Run;
use super::tell::with_verdicts;
use super::verdict_change::VerdictChange;
use crate::batches::unusable;
use crate::current_rows::{key_item, read_rows};
use crate::listing_index::query_listing_index;
use crate::time::iso;

/// So many rows of a place may be missing without being many.
pub(crate) const FEW_ROWS: u64 = 5;

/// Why DRS no longer listing a server makes its row missing.
const NOT_LISTED: &str = "NOT_LISTED";

/// What became of the rows that a place no longer lists.
#[derive(Debug, Default)]
pub(crate) struct Absence {
    /// Rows that are flagged now, and were before or not.
    pub(crate) missing: u64,
    /// Rows that were removed.
    pub(crate) removed: u64,
    /// The keys of those that were to be removed.
    pub(crate) left: Vec<RowKey>,
    /// Removals that wait for an approval.
    pub(crate) held: Option<RemovalHeld>,
    /// Whether an approval was acted on.
    pub(crate) acted: bool,
    /// Servers whose verdict is another one for that.
    pub(crate) verdict_changes: Vec<VerdictChange>,
    /// What could not be written.
    pub(crate) failure: Option<Failure>,
}

/// Flags what is newly gone, and removes what has been gone for long enough.
pub(crate) async fn settle_absence(
    run: &Run<'_>,
    look: &PlaceLook<'_>,
    comparison: &mut Comparison,
) -> Absence {
    let mut absence = Absence::default();
    if !look.is_complete || !comparison.knows_rows {
        let known = look.previous.cloned().unwrap_or_default();
        return Absence { missing: known.counts.missing(), held: known.removal_held, ..absence };
    }
    let held_rows = comparison.held as u64;
    let gone = std::mem::take(&mut comparison.gone);
    let is_over = passes_limit(run, look, gone.len() as u64, held_rows);
    let approved = is_approved(look.previous, gone.len() as u64);
    absence.acted = approved;
    let (flagged, newly): (Vec<_>, Vec<_>) =
        gone.into_iter().partition(|gone| gone.missing_since.is_some());
    absence.missing = (flagged.len() + newly.len()) as u64;
    if is_over && !approved {
        let since = look.previous.and_then(|entry| entry.removal_held.clone());
        let since = since.map_or_else(|| iso(look.asked_at), |held| held.since);
        absence.held = Some(RemovalHeld { count: absence.missing, since });
    }
    let may_remove = (!is_over && !run.removals_are_held()) || approved;
    let remove_after = run.sync.settings.remove_after;
    let due = |gone: &Gone| {
        approved || remove_after.has_passed(gone.missing_since.as_deref(), look.asked_at)
    };
    let leaving = if may_remove { flagged.into_iter().filter(due).collect() } else { Vec::new() };
    let newly = newly.into_iter().map(|gone| (gone, ChangeKind::Missing));
    let leaving = leaving.into_iter().map(|gone| (gone, ChangeKind::Removed));
    settle(run, look, newly.chain(leaving).collect(), &mut absence).await;
    absence
}

/// Whether more than a few rows, and more than the share that may go unasked, are missing or were
/// removed within a day.
fn passes_limit(run: &Run<'_>, look: &PlaceLook<'_>, missing: u64, held_rows: u64) -> bool {
    let removals = look.previous.map(|entry| entry.removals.as_slice()).unwrap_or_default();
    let recent = removals.iter().filter(|removals| is_recent(removals, look.asked_at));
    let removed: u64 = recent.map(|removals| removals.count).sum();
    let (lost, all) = (missing + removed, held_rows + removed);
    is_many(lost, FEW_ROWS, all, run.sync.settings.remove_at_most_percent)
}

/// Whether so many of all are more than a few, and more than may go unasked.
pub(crate) fn is_many(lost: u64, few: u64, all: u64, at_most_percent: u64) -> bool {
    lost > few && lost.saturating_mul(100) > all.saturating_mul(at_most_percent)
}

/// An approval is of the set that somebody saw: of one that has grown since it says nothing.
fn is_approved(previous: Option<&PlaceEntry>, missing: u64) -> bool {
    let approved = previous.and_then(|entry| entry.removal_approved.as_ref());
    approved.is_some_and(|approved| missing > 0 && missing <= approved.count)
}

/// Tells, then flags or removes. Returns the rows that are not there, or not of this place, any more.
async fn settle(
    run: &Run<'_>,
    look: &PlaceLook<'_>,
    rows: Vec<(Gone, ChangeKind)>,
    absence: &mut Absence,
) -> HashSet<RowKey> {
    if rows.is_empty() {
        return HashSet::new();
    }
    let changes = rows.iter().map(|(gone, kind)| {
        let change = InventoryChange::of(gone.key.source_server_arn.clone(), *kind);
        match kind {
            ChangeKind::Removed => InventoryChange { row: Some(gone.row.clone()), ..change },
            _ => missing_change(gone),
        }
    });
    if let Err(failure) = run.tell(look.asked_at, changes.collect(), &look.writing).await {
        absence.failure = Some(failure);
        return HashSet::new();
    }
    let leaving = rows.iter().filter(|(_, kind)| *kind == ChangeKind::Removed);
    absence.left.extend(leaving.map(|(gone, _)| gone.key.clone()));
    let settled = stream::iter(rows).map(|(gone, kind)| async move {
        let settled = match kind {
            ChangeKind::Removed => remove(run, look, &gone).await,
            _ => flag(run, look, gone.key.clone(), NOT_LISTED).await,
        };
        (gone, kind, settled)
    });
    let settled: Vec<_> = settled.buffer_unordered(run.sync.settings.limits.writes).collect().await;
    let mut not_there = HashSet::new();
    for (gone, kind, settled) in settled {
        match settled {
            Ok(true) if kind == ChangeKind::Removed => {
                absence.removed += 1;
                absence.missing -= 1;
            }
            // Somebody else has the row by now, or it is gone.
            Ok(false) => {
                absence.missing -= 1;
                not_there.insert(gone.key);
            }
            Ok(true) => absence.verdict_changes.extend(gone.verdict_change(&look.place)),
            Err(failure) => absence.failure = Some(failure),
        }
    }
    if let Some(Failure { code, message: cause, .. }) = &absence.failure {
        let Place { account_id: account, region } = &look.place;
        tracing::warn!(account, region, code, cause, "missing rows not flagged, or not removed");
    }
    not_there
}

/// Flags a row that is there, and that this place holds. False where it is not.
pub(crate) async fn flag(
    run: &Run<'_>,
    look: &PlaceLook<'_>,
    key: RowKey,
    because: &str,
) -> Result<bool, Failure> {
    let table = &run.start.inventory;
    let verdict = no_longer_listed(&key.source_server_arn)?;
    let update = table
        .client
        .update_item()
        .table_name(&table.name)
        .set_key(Some(key_item(key)))
        .update_expression(
            "SET missingSince = :since, missingBecause = :because, readiness = :readiness, \
             readinessReasons = :reasons, attention = :attention",
        )
        .set_expression_attribute_values(Some(verdict))
        .condition_expression("listedIn = :place AND attribute_not_exists(missingSince)")
        .expression_attribute_values(":since", string(&iso(look.asked_at)))
        .expression_attribute_values(":because", string(because))
        .expression_attribute_values(":place", string(&look.place.to_string()));
    let send = || async { update.clone().send().await.map(drop).map_err(|e| service_error(&e)) };
    write_if(look.writing.deadline, send).await
}

/// What a flagged row is judged, as the values of the update that flags it.
fn no_longer_listed(arn: &str) -> Result<Item, Failure> {
    let readiness: Item = serde_dynamo::to_item(Readiness::no_longer_listed(arn))
        .map_err(|error| classify(&unusable(&error)))?;
    let names = [
        ("readiness", ":readiness"),
        ("readinessReasons", ":reasons"),
        ("attention", ":attention"),
    ];
    let value = |(name, placeholder): (&str, &str)| {
        readiness.get(name).map(|value| (placeholder.to_owned(), value.clone()))
    };
    Ok(names.into_iter().filter_map(value).collect())
}

/// A row that is flagged, and what it was judged before.
pub(crate) fn missing_change(gone: &Gone) -> InventoryChange {
    let arn = &gone.key.source_server_arn;
    let change = InventoryChange::of(arn.clone(), ChangeKind::Missing);
    with_verdicts(change, &gone.row, &Readiness::no_longer_listed(arn))
}

/// Removes a row that is flagged as it was read. False where it is not.
pub(crate) async fn remove(
    run: &Run<'_>,
    look: &PlaceLook<'_>,
    gone: &Gone,
) -> Result<bool, Failure> {
    let since = gone.missing_since.as_deref().unwrap_or_default();
    delete(run, look, gone.key.clone(), "listedIn = :place AND missingSince = :since", Some(since))
        .await
}

/// Removes the row that a moved server left behind. False where it is not there.
pub(crate) async fn remove_moved(
    run: &Run<'_>,
    look: &PlaceLook<'_>,
    key: RowKey,
) -> Result<bool, Failure> {
    delete(run, look, key, "listedIn = :place", None).await
}

async fn delete(
    run: &Run<'_>,
    look: &PlaceLook<'_>,
    key: RowKey,
    condition: &str,
    since: Option<&str>,
) -> Result<bool, Failure> {
    let table = &run.start.inventory;
    let mut delete = table
        .client
        .delete_item()
        .table_name(&table.name)
        .set_key(Some(key_item(key)))
        .condition_expression(condition)
        .expression_attribute_values(":place", string(&look.place.to_string()));
    if let Some(since) = since {
        delete = delete.expression_attribute_values(":since", string(since));
    }
    let send = || async { delete.clone().send().await.map(drop).map_err(|e| service_error(&e)) };
    write_if(look.writing.deadline, send).await
}

/// Removes all rows of a place that is not in use any more and whose removal was approved. Nothing is
/// acted on where more rows are there than the approval saw, or where they cannot be read.
pub(crate) async fn settle_closed(run: &Run<'_>, look: &PlaceLook<'_>) -> Absence {
    let mut absence = Absence::default();
    let Some(rows) = held_rows(run, look).await else { return absence };
    if !is_approved(look.previous, rows.len() as u64) {
        return absence;
    }
    absence.acted = true;
    absence.missing = rows.len() as u64;
    remove_flagged(run, look, rows, &mut absence).await;
    absence
}

/// Flags the rows that are not, then removes them all.
pub(crate) async fn remove_flagged(
    run: &Run<'_>,
    look: &PlaceLook<'_>,
    rows: Vec<Gone>,
    absence: &mut Absence,
) {
    let (flagged, newly): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|gone| gone.missing_since.is_some());
    let since = iso(look.asked_at);
    let newly_flagged = newly.iter().map(|gone| Gone {
        key: gone.key.clone(),
        row: gone.row.clone(),
        missing_since: Some(since.clone()),
    });
    let leaving: Vec<Gone> = flagged.into_iter().chain(newly_flagged).collect();
    let newly = newly.into_iter().map(|gone| (gone, ChangeKind::Missing));
    let not_there = settle(run, look, newly.collect(), absence).await;
    if absence.failure.is_none() {
        let leaving = leaving.into_iter().filter(|gone| !not_there.contains(&gone.key));
        let leaving = leaving.map(|gone| (gone, ChangeKind::Removed));
        settle(run, look, leaving.collect(), absence).await;
    }
}

/// The rows that a place holds, as they stand; none where they cannot be read.
pub(crate) async fn held_rows(run: &Run<'_>, look: &PlaceLook<'_>) -> Option<Vec<Gone>> {
    let index = query_listing_index(&run.start.inventory, &look.place).await?;
    let keys = index.into_keys().collect();
    let read = read_rows(&run.start.inventory, keys, None, &look.writing).await;
    let rows = read.ok()?.into_iter().filter(|(_, row)| is_held(row, &look.place));
    Some(rows.map(|(key, row)| Gone::of(key, row)).collect())
}
