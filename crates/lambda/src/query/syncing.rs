//! The sync as an operation: one at a time, with its metrics.

use std::time::{Duration, Instant};

use inventory::outcome::OutcomeError;
use inventory::response::Response;
use inventory::switch::Implementation;
use inventory::{Outcome, handle_sync_source_server_inventory};
use jiff::Timestamp;
use legacy::Totals;
use serde_json::{Map, Value, json};
use store::tables::{get_drs_region_status_table, get_target_accounts_table};
use sync::accounts::{collect_accounts_to_query, merge_listings};
use sync::lock::{LockError, SyncLock, lock_sync};
use sync::{SyncError, SyncRequest};

use super::QueryHandler;
use super::parameters::OneAccount;
use crate::answer::{Answer, ErrorCode, Failure};
use crate::metrics;
use crate::parameters::{self, read};
use crate::runtime::Invocation;

/// Entries of `failed` in a response: an answer of a Lambda function has 6 MB. The log has all.
const MOST_FAILURES: usize = 2000;
/// The same where one account is synced: a state machine takes an answer of 256 KB.
const MOST_FAILURES_OF_ONE: usize = 100;

pub(super) async fn sync(
    handler: &QueryHandler,
    parameters: Map<String, Value>,
    call: &Invocation,
) -> Result<Answer, Failure> {
    read::<parameters::None>(parameters)?;
    let lock = lock(handler, call).await?;
    let answer = run(handler, None, call).await;
    if let Some(lock) = lock {
        lock.release().await;
    }
    answer
}

/// One account on its own, for whoever spreads a sync over many invocations. It takes no lock:
/// others sync at the same time.
pub(super) async fn sync_account(
    handler: &QueryHandler,
    parameters: Map<String, Value>,
    call: &Invocation,
) -> Result<Answer, Failure> {
    let OneAccount { account_id } = read(parameters)?;
    if Implementation::from_environment(&handler.environment)? == Implementation::Legacy {
        let message =
            "the old sync knows no single account; USE_REFACTORED_INVENTORY_SYNC is false";
        return Err(Failure::new(ErrorCode::InvalidState, message));
    }
    run(handler, Some(account_id), call).await
}

/// What `sync_account` can be called with, each once. An id that is wrong is among them, so that its
/// own call says what is wrong. Ids alone, because a state machine takes an answer of 256 KB.
pub(super) async fn account_ids(
    handler: &QueryHandler,
    parameters: Map<String, Value>,
) -> Result<Value, Failure> {
    read::<parameters::None>(parameters)?;
    let table = get_target_accounts_table(&handler.store)?;
    let collected = collect_accounts_to_query(&table).await;
    let (targets, stagings) = collected.map_err(|error| failure_of(OutcomeError::from(error)))?;
    let accounts = merge_listings(&targets, &stagings);
    let mut ids: Vec<String> = accounts.into_iter().map(|account| account.account_id).collect();
    ids.sort_unstable();
    Ok(json!({ "count": ids.len(), "accountIds": ids }))
}

async fn run(
    handler: &QueryHandler,
    only: Option<String>,
    call: &Invocation,
) -> Result<Answer, Failure> {
    let sync = handler.sync.as_ref().map_err(|error| Failure::from(error.clone()))?;
    let most_failures = if only.is_some() { MOST_FAILURES_OF_ONE } else { MOST_FAILURES };
    let (ends, time_to_write) = (call.time_to_ask(), call.time_to_write());
    let request = SyncRequest { account: only, ends, time_to_write, ..SyncRequest::default() };
    let started = Instant::now();
    let result = handle_sync_source_server_inventory(sync, &handler.environment, &request).await;
    metrics::emit(&result, started.elapsed(), &handler.environment, call);
    let outcome = result.map_err(failure_of)?;
    summarize(&outcome);
    Ok(Answer::Sync(Response::of_at_most(&outcome, most_failures)))
}

/// A table that does not answer is no reason not to sync: the rows are safe without the lock.
async fn lock(handler: &QueryHandler, call: &Invocation) -> Result<Option<SyncLock>, Failure> {
    let Ok(table) = get_drs_region_status_table(&handler.store) else {
        return Ok(None);
    };
    let lease = call.remaining() + Duration::from_secs(5);
    match lock_sync(&table, &call.request_id, Timestamp::now(), lease).await {
        Ok(lock) => Ok(Some(lock)),
        Err(error @ LockError::Busy { seconds_left, .. }) => {
            let mut failure = Failure::new(ErrorCode::InvalidState, error.to_string());
            failure.retryable = Some(true);
            failure.retry_after = u64::try_from(seconds_left).ok();
            Err(failure)
        }
        Err(error) => {
            tracing::warn!(cause = error.to_string(), "the sync runs without its lock");
            Ok(None)
        }
    }
}

fn failure_of(error: OutcomeError) -> Failure {
    let message = error.to_string();
    match error {
        OutcomeError::Refactored(SyncError::Accounts(error)) => {
            Failure::of_service(ErrorCode::DynamodbError, message, &error.source)
        }
        OutcomeError::Refactored(SyncError::Identity { source }) => {
            Failure::of_service(ErrorCode::StsError, message, &source)
        }
        OutcomeError::Refactored(SyncError::UnknownAccount(_)) => {
            Failure::new(ErrorCode::NotFound, message)
        }
        OutcomeError::Refactored(SyncError::Config(_)) | OutcomeError::Legacy(_) => {
            Failure::new(ErrorCode::InternalError, message)
        }
    }
}

/// The one line of a sync that people look for. Each failure has a line of its own, where it was
/// met.
fn summarize(outcome: &Outcome) {
    match outcome {
        Outcome::Refactored(report) => tracing::info!(
            implementation = "refactored",
            complete = report.complete,
            synced = report.servers_written,
            errors = report.failed.len(),
            accounts = report.accounts_asked,
            accounts_skipped = report.accounts_skipped.len(),
            regions = report.regions_asked,
            duration_ms = report.duration_ms,
            "inventory sync done"
        ),
        Outcome::Legacy(Totals::Done { synced, errors, .. }) => {
            tracing::info!(implementation = "legacy", synced, errors, "inventory sync done");
        }
        Outcome::Legacy(Totals::NotConfigured) => {
            tracing::error!(implementation = "legacy", "no inventory table is configured");
        }
    }
}
