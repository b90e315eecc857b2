//! What need not be protected.

use jiff::Timestamp;
use store::rows::unprotected::{EXCLUSIONS, Exclusion};
use store::tables::{AccountRegionStatusTable, Listing};

/// What need not be protected at `now`; none where it cannot be read.
pub(crate) async fn read_exclusions(
    ledger: &AccountRegionStatusTable,
    now: Timestamp,
) -> Option<Vec<Exclusion>> {
    match Listing::of_partition(ledger, "accountId", EXCLUSIONS).every_item().await {
        Ok(items) => {
            let all = items.iter().filter_map(Exclusion::of_item);
            Some(all.filter(|exclusion| exclusion.holds_at(now)).collect())
        }
        Err(error) => {
            let cause = error.to_string();
            tracing::warn!(cause, "exclusions not read; what is unprotected is not certain");
            None
        }
    }
}
