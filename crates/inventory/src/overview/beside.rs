//! What an overview tells beside verdicts: instances of drills that still run, and what nothing
//! protects. By the index of regions, one question each.

use serde::Serialize;
use store::rows::drills::{DrillsEntry, drills_entry};
use store::rows::ledger::entry_key;
use store::rows::unprotected::unprotected_entry;
use store::tables::{AccountRegionStatusTable, read_all};
use store::{Item, QueryError, number, text};

use crate::picture::entries_of_regions;

/// Entries of drills that are read to tell how old the oldest is. Source: keys of a `BatchGetItem`.
const MOST_ENTRIES: usize = 100;

/// What an overview tells beside verdicts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// EC2 instances that nothing protects; none where nobody looked for them.
    pub unprotected: Option<u64>,
    /// Instances of drills that still run; none where nobody asked.
    pub drills: Option<RunningDrills>,
}

/// Instances of drills that still run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunningDrills {
    /// How many.
    pub instances: u64,
    /// Since when the oldest does, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_since: Option<String>,
}

/// What the ledger has of all accounts in these regions.
///
/// # Errors
/// [`QueryError`] names the table.
pub(super) async fn read(
    ledger: &AccountRegionStatusTable,
    regions: &[&str],
) -> Result<Beside, QueryError> {
    let unprotected =
        entries_of_regions(ledger, regions.iter().map(|it| unprotected_entry(it)).collect());
    let drills = entries_of_regions(ledger, regions.iter().map(|it| drills_entry(it)).collect());
    let (unprotected, drills) = futures::try_join!(Box::pin(unprotected), Box::pin(drills))?;
    let oldest_since = oldest(ledger, &drills).await?;
    let sum = |entries: &[Item]| entries.iter().map(server_count).sum();
    let running = RunningDrills { instances: sum(&drills), oldest_since };
    Ok(Beside {
        unprotected: (!unprotected.is_empty()).then(|| sum(&unprotected)),
        drills: (!drills.is_empty()).then_some(running),
    })
}

fn server_count(entry: &Item) -> u64 {
    number(entry, "serverCount").unwrap_or_default()
}

async fn oldest(
    ledger: &AccountRegionStatusTable,
    drills: &[Item],
) -> Result<Option<String>, QueryError> {
    let with_some = drills.iter().filter(|entry| server_count(entry) > 0).take(MOST_ENTRIES);
    let keys = with_some.map(|entry| entry_key(text(entry, "accountId"), text(entry, "region")));
    let keys: Vec<Item> = keys.collect();
    if keys.is_empty() {
        return Ok(None);
    }
    let read = read_all(ledger, keys)
        .await
        .map_err(|source| QueryError { table: ledger.name.clone(), source })?;
    let entries = read.into_iter().filter_map(|row| serde_dynamo::from_item(row).ok());
    Ok(entries.filter_map(|entry: DrillsEntry| entry.oldest_drill_since).min())
}
