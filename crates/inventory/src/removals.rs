//! Removals that wait, letting them go, and regions that are closed on purpose.
//!
//! An approval is of what somebody saw: its count and its start. A set that has grown since, or that
//! is another one by now, is refused.

mod acknowledge;
mod approve;
mod error;

use std::fmt;

use model::region::is_region;
use model::{Place, is_account_id};
use store::QueryError;
use store::rows::ledger::SYNC_ENTRIES;
use store::tables::{AccountRegionStatusTable, Listing, TROUBLE_INDEX};

use crate::picture::{HeldRemoval, held_of, read_entries};

pub use acknowledge::{Acknowledgement, acknowledge_region};
pub use approve::{approve_removal, held_removal};
pub use error::RemovalError;
pub use store::rows::ledger::RemovalHeld as Seen;

/// What waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// Rows of one account and region.
    Place(Place),
    /// All removals of the installation.
    Installation,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place) => place.fmt(f),
            Self::Installation => f.write_str("the installation"),
        }
    }
}

/// Whether the ledger can have an entry of it that is of a place.
fn is_place(place: &Place) -> bool {
    is_account_id(&place.account_id) && is_region(&place.region)
}

/// Everything that waits: first the whole installation, then by account and region.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn list_removals(
    ledger: &AccountRegionStatusTable,
) -> Result<Vec<HeldRemoval>, QueryError> {
    let sync = Listing::of_partition(ledger, "accountId", SYNC_ENTRIES).every_item().await?;
    let mut entries = Vec::new();
    // A closed region whose servers are known is a failure.
    for trouble in ["HELD", "FAILED", "NEVER_READ"] {
        let listing = Listing::of_index(ledger, TROUBLE_INDEX, "trouble", trouble);
        entries.extend(listing.every_item().await?);
    }
    // The index does not hold what was approved.
    let key = |held: HeldRemoval| held.account_id.zip(held.region);
    let keys = held_of(&[], &entries).into_iter().filter_map(key).collect();
    let entries = read_entries(ledger, keys).await?;
    Ok(held_of(&sync, entries.values()))
}
