//! Syncs that were started from here: one at a time, in the background.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use api::parameters::Nothing;
use api::site::StartSync;
use api::{ErrorCode, Failure, Queries, QueryOperation, Untold};

/// Starts a sync of all accounts, unless one that was started here is under way.
pub(super) fn start_in_background(queries: Arc<Queries>) -> StartSync {
    let is_under_way = Arc::new(AtomicBool::new(false));
    Box::new(move || {
        if is_under_way.swap(true, Ordering::SeqCst) {
            let message = "a sync that was started here is under way";
            return Err(Failure::new(ErrorCode::InvalidState, message));
        }
        let (queries, is_under_way) = (Arc::clone(&queries), Arc::clone(&is_under_way));
        tokio::spawn(async move {
            let operation = QueryOperation::SyncSourceServerInventory(Nothing {});
            // What came of it is in the ledger; what failed is in the log, too.
            if let Err(failure) = Box::pin(operation.answer(&queries, &Untold("serve"))).await {
                tracing::error!(error = failure.message, "the sync could not be done");
            }
            is_under_way.store(false, Ordering::SeqCst);
        });
        Ok(())
    })
}
