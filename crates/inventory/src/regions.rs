//! Rows of the region status, and which of them hide servers.

use store::tables::DrsRegionStatusTable;
use store::{Item, QueryError, scan, text};
use sync::region_status::{RegionRow, is_region};

/// All rows, sorted by region; with `region`, that one.
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

/// An account and region whose rows may be out of date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// The account.
    pub account_id: String,
    /// The region.
    pub region: String,
    /// What the last query ended as.
    pub status: &'static str,
    /// When DRS answered last, ISO 8601; none where it never did.
    pub last_success: Option<String>,
}

/// The accounts and regions that could not be read when they were last asked.
pub fn stale(rows: &[Item]) -> Vec<Stale> {
    let mut stale = Vec::new();
    for row in rows.iter().map(RegionRow::from_item) {
        for (account_id, account) in row.accounts {
            if account.hides_servers() {
                stale.push(Stale {
                    account_id,
                    region: row.region.clone(),
                    status: account.status.name(),
                    last_success: account.last_success,
                });
            }
        }
    }
    stale.sort_by(|a, b| (&a.account_id, &a.region).cmp(&(&b.account_id, &b.region)));
    stale
}
