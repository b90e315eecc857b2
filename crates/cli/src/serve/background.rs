//! Syncs that were started from here: one at a time, in the background.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::parameters::Nothing;
use api::site::StartSync;
use api::{Call, ErrorCode, Failure, Queries, QueryOperation, Scope};
use inventory::Outcome;
use inventory::outcome::OutcomeError;
use model::environment::Environment;
use sync::pace::Deadline;
use sync::{Finished, TIME_TO_WRITE};

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
            if let Err(failure) = Box::pin(operation.answer(&queries, &InBackground)).await {
                tracing::error!(error = failure.message, "the sync could not be done");
            }
            is_under_way.store(false, Ordering::SeqCst);
        });
        Ok(())
    })
}

/// A sync that nobody waits for: it may take as long as it takes.
struct InBackground;

impl Call for InBackground {
    fn id(&self) -> &str {
        "serve"
    }

    fn time_to_ask(&self) -> Deadline {
        Deadline::none()
    }

    fn time_to_write(&self) -> Duration {
        TIME_TO_WRITE
    }

    fn synced(&self, _: Scope, _: &Result<Outcome, OutcomeError>, _: Duration, _: &Environment) {}

    fn finished(&self, _: &Result<Finished, OutcomeError>) {}

    fn refused(&self) {}
}
