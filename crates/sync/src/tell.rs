//! The history: what happened is told before it is done, so that nothing happens untold.

use std::collections::BTreeSet;

use model::Failure;
use store::rows::{ChangeKind, InventoryChange, InventoryRow, Readiness};
use store::tables::InventoryChangesTable;
use store::{Item, text};

use super::batches::{Batches, Unstored, unusable};
use super::pace::Pace;
use crate::time::iso;

/// Attributes that change without anything having happened: times, and bytes that were copied.
const NOTHING_HAPPENED: [&str; 8] = [
    "lastUpdated",
    "lastSeen",
    "ec2AsOf",
    "contentHash",
    "listedIn",
    "replicatedBytes",
    "backlogBytes",
    "eta",
];
/// Attributes of which the history tells by entries of their own, and what follows from them.
const OF_A_LAUNCH: [&str; 2] = ["lastLaunch", "lastLaunchResult"];
const OF_A_VERDICT: [&str; 2] = ["readiness", "readinessReasons"];
const FOLLOWS: [&str; 3] = ["factsAtLaunch", "drill", "attention"];

/// Writes entries of the history, in the sync `sync_id`.
///
/// # Errors
/// Entries that could not be written: what they tell of must not be done.
pub(crate) async fn tell(
    table: &InventoryChangesTable,
    (sync_id, now): (&str, jiff::Timestamp),
    changes: Vec<InventoryChange>,
    pace: &Pace,
) -> Result<(), Failure> {
    let time = (&*iso(now), now.as_second());
    let items = changes.into_iter().map(|change| change.into_item(sync_id, time));
    let items = items.collect::<Result<Vec<Item>, _>>();
    let items = items.map_err(|error| aws::classify(&unusable(&error)))?;
    let batches = Batches {
        table,
        key: ("subject", "at"),
        key_of: |item: &Item| (text(item, "subject"), text(item, "at")),
        item_of: |item: &Item| Ok(item.clone()),
    };
    let unstored = batches.write(items, pace).await;
    let (refused, unstored): (Vec<_>, Vec<_>) = unstored.into_iter().partition(is_too_large);
    // An item holds 400 KB; that something happened is told at least.
    let shorter = refused.into_iter().map(|it| without_values(it.given)).collect();
    let unstored = unstored.into_iter().chain(batches.write(shorter, pace).await).next();
    match unstored {
        None => Ok(()),
        Some(Unstored { failure, .. }) => {
            let (code, cause) = (&failure.code, &failure.message);
            tracing::warn!(code, cause, "history not stored, so nothing of it is done");
            Err(failure)
        }
    }
}

/// A row that is removed is kept whole, or stays.
fn is_too_large(unstored: &Unstored<Item>) -> bool {
    unstored.refused && text(&unstored.given, "kind") != ChangeKind::Removed.name()
}

fn without_values(mut item: Item) -> Item {
    item.remove("before");
    item.remove("after");
    item
}

/// What the history tells where a row says something else than the one that stands: what changed, a
/// launch, and another verdict; nothing of what nobody would call a change.
///
/// A row that was never judged is of an earlier version: what it did not know has not happened now.
pub(crate) fn changes_between(
    before: &Item,
    after: &InventoryRow,
    same_lag_class: bool,
) -> Vec<InventoryChange> {
    let Ok(after) = after.to_item() else { return Vec::new() };
    let was_judged = before.contains_key("readiness");
    let names: BTreeSet<&String> = match was_judged {
        true => before.keys().chain(after.keys()).collect(),
        false => before.keys().collect(),
    };
    let told_apart = |name: &&str| {
        let others = OF_A_LAUNCH.iter().chain(&OF_A_VERDICT).chain(&FOLLOWS);
        let says_the_same = same_lag_class && *name == "lagDuration";
        let is_quiet = NOTHING_HAPPENED.contains(name) || others.into_iter().any(|it| it == name);
        !is_quiet && !says_the_same
    };
    let names = names.into_iter().map(String::as_str).filter(told_apart);
    let mut kinds = vec![(ChangeKind::Changed, names.collect::<Vec<_>>())];
    if was_judged {
        kinds.push((ChangeKind::Launch, OF_A_LAUNCH.to_vec()));
        kinds.push((ChangeKind::Readiness, OF_A_VERDICT.to_vec()));
    }
    kinds.into_iter().filter_map(|(kind, names)| difference(before, &after, kind, names)).collect()
}

/// What of these attributes is another; none where none is.
fn difference(
    before: &Item,
    after: &Item,
    kind: ChangeKind,
    names: Vec<&str>,
) -> Option<InventoryChange> {
    let mut change = InventoryChange::of(text(after, "sourceServerArn"), kind);
    for name in names.into_iter().filter(|name| before.get(*name) != after.get(*name)) {
        let copy = |item: &Item| item.get(name).map(|value| (name.to_owned(), value.clone()));
        change.before.extend(copy(before));
        change.after.extend(copy(after));
    }
    let happened = !(change.before.is_empty() && change.after.is_empty());
    happened.then_some(change)
}

/// A server that is there again, or is not listed any more: with its verdict before and after.
pub(crate) fn with_verdicts(
    mut change: InventoryChange,
    before: &Item,
    after: &Readiness,
) -> InventoryChange {
    let after: Item = serde_dynamo::to_item(after).unwrap_or_default();
    for name in OF_A_VERDICT {
        let copy = |item: &Item| item.get(name).map(|value| (name.to_owned(), value.clone()));
        change.before.extend(copy(before));
        change.after.extend(copy(&after));
    }
    change
}
