//! What the inventory holds of a place, as an index proposes it.
//!
//! The index may lag behind the table. What it proposes is enough to leave a row as it is, and never
//! enough to say that a server is gone.

use std::collections::HashMap;

use model::Place;
use store::rows::RowKey;
use store::tables::{LISTING_INDEX, Listing, SourceServerInventoryTable};
use store::{Item, text};

/// A row as the index has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposed {
    /// Of a row that a sync of this version wrote.
    pub(crate) content_hash: Option<String>,
    /// Whether DRS did not list it any more.
    pub(crate) is_missing: bool,
}

/// The rows of a place, by key; none where the index cannot be read or is being built. Then rows are
/// compared by reading them, and nothing is found missing.
pub(crate) async fn query_listing_index(
    table: &SourceServerInventoryTable,
    place: &Place,
) -> Option<HashMap<RowKey, Proposed>> {
    let listing = Listing::of_index(table, LISTING_INDEX, "listedIn", &place.to_string());
    match listing.every_item().await {
        Ok(rows) => Some(rows.into_iter().map(proposed).collect()),
        Err(error) => {
            let (account, region) = (&place.account_id, &place.region);
            let cause = error.to_string();
            tracing::warn!(account, region, cause, "rows are compared without their index");
            None
        }
    }
}

fn proposed(row: Item) -> (RowKey, Proposed) {
    let key = RowKey {
        source_server_arn: text(&row, "sourceServerArn").to_owned(),
        staging_account_id: text(&row, "stagingAccountId").to_owned(),
    };
    let hash = Some(text(&row, "contentHash")).filter(|hash| !hash.is_empty());
    let content_hash = hash.map(str::to_owned);
    (key, Proposed { content_hash, is_missing: row.contains_key("missingSince") })
}
