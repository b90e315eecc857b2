//! The history: what happened is told before it is done, so that nothing happens untold.

use model::Failure;
use store::rows::{ChangeKind, InventoryChange, InventoryRow};
use store::tables::InventoryChangesTable;
use store::{Item, text};

use super::batches::{Batches, Unstored, unusable};
use super::pace::Pace;
use crate::time::iso;

/// Attributes that change without anything having happened.
const NOTHING_HAPPENED: [&str; 5] =
    ["lastUpdated", "lastSeen", "ec2AsOf", "contentHash", "listedIn"];

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

/// What changed between a row as it stands and the same row as it will be; none where nothing did
/// that anybody would call a change.
pub(crate) fn changed(
    before: &Item,
    after: &InventoryRow,
    same_lag_class: bool,
) -> Option<InventoryChange> {
    let after = after.to_item().ok()?;
    let arn = text(&after, "sourceServerArn").to_owned();
    let mut change = InventoryChange::of(arn, ChangeKind::Changed);
    let names = before.keys().chain(after.keys());
    for name in names.filter(|name| !NOTHING_HAPPENED.contains(&name.as_str())) {
        if before.get(name) == after.get(name) || (same_lag_class && name == "lagDuration") {
            continue;
        }
        let copy = |item: &Item| item.get(name).map(|value| (name.clone(), value.clone()));
        change.before.extend(copy(before));
        change.after.extend(copy(&after));
    }
    let happened = !(change.before.is_empty() && change.after.is_empty());
    happened.then_some(change)
}
