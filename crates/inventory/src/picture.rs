//! What the inventory does not know, and as of when it knows the rest.

use store::rows::ledger::{ACCOUNT_ENTRY, PlaceEntry};
use store::tables::{AccountRegionStatusTable, DrsRegionStatusTable, Listing, TROUBLE_INDEX};
use store::{Item, QueryError, scan, text};

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

/// Versions before the ledger kept rows of their own here, whose keys start with `#`.
fn is_region(row: &Item) -> bool {
    !text(row, "region").starts_with('#')
}

/// An account, or an account and region, that could not be read when it was last asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotKnown {
    /// The account.
    pub account_id: String,
    /// The region; none where the account itself could not be entered.
    pub region: Option<String>,
    /// What the last query ended as, or the code of what kept the account closed.
    pub status: String,
    /// The first of the failures that followed each other, ISO 8601.
    pub failing_since: Option<String>,
    /// Servers that were there when it last answered.
    pub server_count: u64,
}

/// Everything that could not be read when it was last asked, sorted by account and region.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn not_known(ledger: &AccountRegionStatusTable) -> Result<Vec<NotKnown>, QueryError> {
    let mut all = Vec::new();
    for trouble in ["FAILED", "NEVER_READ"] {
        let listing = Listing::of_index(ledger, TROUBLE_INDEX, "trouble", trouble);
        all.extend(listing.every_item().await?.into_iter().map(not_known_of));
    }
    all.sort_by(|a, b| (&a.account_id, &a.region).cmp(&(&b.account_id, &b.region)));
    Ok(all)
}

fn not_known_of(item: Item) -> NotKnown {
    let entry: PlaceEntry = serde_dynamo::from_item(item).unwrap_or_default();
    let region = Some(entry.region).filter(|region| region != ACCOUNT_ENTRY);
    let status = match region {
        Some(_) => entry.status,
        None => entry.error_code.unwrap_or_default(),
    };
    NotKnown {
        account_id: entry.account_id,
        region,
        status,
        failing_since: entry.failing_since,
        server_count: entry.server_count,
    }
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
    let mut rows = Listing::of_partition(ledger, "accountId", account).every_item().await?;
    rows.retain(|row| is_region(row) && region.is_none_or(|region| text(row, "region") == region));
    rows.sort_by_cached_key(|row| text(row, "region").to_owned());
    Ok(rows)
}
