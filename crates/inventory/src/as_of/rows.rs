//! The rows of now, one a server, and of each only what a moment is told from.

use std::collections::HashMap;

use store::tables::{Listing, SourceServerInventoryTable};
use store::{Item, QueryError, text};

/// The attributes that a moment is told from.
const KEPT: [&str; 16] = [
    "sourceServerArn",
    "sourceServerID",
    "hostname",
    "sourceAccountId",
    "replicationRegion",
    "stagingAccountId",
    "listedIn",
    "readiness",
    "readinessReasons",
    "replicationState",
    "lagDuration",
    "drill",
    "lastLaunch",
    "lastLaunchResult",
    "sourceTags",
    "lastUpdated",
];

/// Every server, by a scan. Where a server has several rows, as while its staging account changes, the
/// one written last speaks for it.
///
/// # Errors
/// [`QueryError`] names the table; half an inventory is never returned.
pub(super) async fn read_rows(table: &SourceServerInventoryTable) -> Result<Vec<Item>, QueryError> {
    let (mut rows, mut pages) = (HashMap::new(), Listing::of_table(table).pages(None));
    while let Some(page) = pages.next().await? {
        for mut row in page.items {
            keep_needed(&mut row);
            let arn = text(&row, "sourceServerArn").to_owned();
            let other: Option<&Item> = rows.get(&arn);
            if other.is_none_or(|other| text(other, "lastUpdated") < text(&row, "lastUpdated")) {
                rows.insert(arn, row);
            }
        }
    }
    Ok(rows.into_values().collect())
}

/// Leaves out what no moment is told from.
pub(super) fn keep_needed(row: &mut Item) {
    row.retain(|name, _| is_needed(name));
}

pub(super) fn is_needed(name: &str) -> bool {
    KEPT.contains(&name)
}
