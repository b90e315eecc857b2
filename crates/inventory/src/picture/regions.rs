//! Rows of the region status, and of the ledger.

use store::tables::{AccountRegionStatusTable, DrsRegionStatusTable, Listing};
use store::{Item, QueryError, scan, text};

use super::entries::none_where_there_is_no_ledger;

/// All rows of the region status, sorted by region; with `region`, that one.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn query_regions(
    table: &DrsRegionStatusTable,
    region: Option<&str>,
) -> Result<Vec<Item>, QueryError> {
    let mut rows = scan(table).await?;
    rows.retain(|row| is_region(row) && region.is_none_or(|region| text(row, "region") == region));
    rows.sort_by_cached_key(|row| text(row, "region").to_owned());
    Ok(rows)
}

/// What one account got in each region, sorted by region.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn query_places(
    ledger: &AccountRegionStatusTable,
    account: &str,
    region: Option<&str>,
) -> Result<Vec<Item>, QueryError> {
    let rows = Listing::of_partition(ledger, "accountId", account).every_item().await;
    let mut rows = none_where_there_is_no_ledger(rows)?;
    rows.retain(|row| is_region(row) && region.is_none_or(|region| text(row, "region") == region));
    rows.sort_by_cached_key(|row| text(row, "region").to_owned());
    Ok(rows)
}

/// Entries that are of no region, and those that versions before the ledger kept, start with `#`.
fn is_region(row: &Item) -> bool {
    !text(row, "region").starts_with('#')
}
