//! What the last whole sync ended with.

use aws::{classify, service_error};
use model::Failure;
use store::Item;
use store::rows::ledger::{LAST_ENTRY, LastSync, RemovalHeld, SYNC_ENTRIES, entry_key};
use store::tables::AccountRegionStatusTable;

use super::own_attributes::update_own;
use crate::batches::unusable;
use crate::pace::Deadline;
use crate::patience::write_if;

/// Attributes of the entry that a sync sets or takes away.
const OF_A_SYNC: [&str; 7] = [
    "startedAt",
    "finishedAt",
    "notKnown",
    "notKnownPlaces",
    "removalHeld",
    "removals",
    "adoptedAt",
];

/// What the last whole sync ended with; nothing where it cannot be read.
pub(crate) async fn read_last_sync(ledger: &AccountRegionStatusTable) -> LastSync {
    let get = ledger
        .client
        .get_item()
        .table_name(&ledger.name)
        .set_key(Some(entry_key(SYNC_ENTRIES, LAST_ENTRY)))
        .consistent_read(true);
    match get.send().await.map_err(|error| service_error(&error)) {
        Ok(answer) => serde_dynamo::from_item(answer.item.unwrap_or_default()).unwrap_or_default(),
        Err(error) => {
            let cause = error.to_string();
            tracing::warn!(cause, "cannot read what the last sync ended with; nothing is removed");
            // Nobody knows whether removals are held.
            let removal_held = Some(RemovalHeld { count: u64::MAX, since: String::new() });
            LastSync { removal_held, ..LastSync::default() }
        }
    }
}

/// Records what a whole sync ended with. A later one's record stays.
pub(crate) async fn write_last_sync(
    ledger: &AccountRegionStatusTable,
    last: &LastSync,
    ends: Deadline,
) {
    if let Err(failure) = put_last_sync(ledger, last, ends).await {
        let (code, cause) = (&failure.code, &failure.message);
        tracing::warn!(code, cause, "the end of the sync is not recorded");
    }
}

async fn put_last_sync(
    ledger: &AccountRegionStatusTable,
    last: &LastSync,
    ends: Deadline,
) -> Result<(), Failure> {
    let item: Item = serde_dynamo::to_item(last).map_err(|error| classify(&unusable(&error)))?;
    let approval = last.removal_held.is_none().then_some("removalApproved");
    let key = (SYNC_ENTRIES, LAST_ENTRY);
    let update = update_own(ledger, key, item, (&OF_A_SYNC, approval), "startedAt");
    let send = || async { update.clone().send().await.map(drop).map_err(|e| service_error(&e)) };
    // Where a later sync has recorded its end, this one has nothing to add.
    write_if(ends, send).await.map(drop)
}
