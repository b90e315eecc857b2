//! The sync as an operation: one at a time, within the time of its call.

use std::time::{Duration, Instant};

use aws_smithy_async::time::SharedTimeSource;
use inventory::outcome::OutcomeError;
use inventory::response::Response;
use inventory::switch::Implementation;
use inventory::{Outcome, handle_sync_source_server_inventory};
use legacy::Totals;
use model::environment::Environment;
use store::tables::{get_account_region_status_table, get_target_accounts_table};
use sync::accounts::{collect_accounts_to_query, merge_listings};
use sync::ledger::{LockError, SyncLock, lock_sync};
use sync::pace::Deadline;
use sync::{Finished, SyncRequest, TIME_TO_WRITE, finish_inventory_sync};

use super::Queries;
use crate::answers::{AccountIds, FinishedSync, SyncedAccount, WholeSync};
use crate::failure::{ErrorCode, Failure};
use crate::parameters::{FinishedCalls, SyncAccount};

/// Entries of `failed` in a response: an answer of a Lambda function has 6 MB. The log has all.
const MOST_FAILURES: usize = 2000;
/// The same where one account is synced: a state machine takes an answer of 256 KB.
const MOST_FAILURES_OF_ONE: usize = 100;

/// The call that a sync is asked for in, as whoever took it knows it.
pub trait Call: Sync {
    /// Names the call: the lock of a sync says who holds it.
    fn id(&self) -> &str;
    /// Until when the sync may ask AWS; what is left then is for writing.
    fn time_to_ask(&self) -> Deadline;
    /// How long after that the sync may write what it has.
    fn time_to_write(&self) -> Duration;
    /// A sync was done, or could not be, and took so long.
    fn synced(
        &self,
        scope: Scope,
        result: &Result<Outcome, OutcomeError>,
        took: Duration,
        environment: &Environment,
    );
    /// A sync that was spread over many calls was ended, or could not be.
    fn finished(&self, result: &Result<Finished, OutcomeError>);
    /// A sync was asked for while another one had the lock.
    fn refused(&self);
}

/// A call that nobody waits for and nobody is told of: it may take as long as it takes.
pub struct Untold(
    /// Its id.
    pub &'static str,
);

impl Call for Untold {
    fn id(&self) -> &str {
        self.0
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

/// What a call syncs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All accounts: a sync of its own.
    AllAccounts,
    /// One of the many calls that a sync is spread over.
    OneAccount,
}

impl Queries {
    pub(crate) async fn sync(&self, call: &dyn Call) -> Result<WholeSync, Failure> {
        let request = request_of(call);
        let response = match self.lock(call).await? {
            Some(lock) => lock.keep(self.run_and_tell(request, call)).await,
            None => self.run_and_tell(request, call).await,
        };
        response.map(WholeSync)
    }

    /// One account on its own, for whoever spreads a sync over many calls. It takes no lock: others
    /// sync at the same time.
    pub(crate) async fn sync_account(
        &self,
        asked: SyncAccount,
        call: &dyn Call,
    ) -> Result<SyncedAccount, Failure> {
        self.must_be_refactored()?;
        let (account, regions) = asked.account_and_regions()?;
        // One account of many is rolled up with the others, by `finish_sync`.
        let accounts = vec![account];
        let request = SyncRequest { accounts, regions, rolls_up: false, ..request_of(call) };
        self.run_and_tell(request, call).await.map(SyncedAccount)
    }

    /// Ends a sync that was spread over many calls: the last of them.
    pub(crate) async fn finish(
        &self,
        asked: FinishedCalls,
        call: &dyn Call,
    ) -> Result<FinishedSync, Failure> {
        self.must_be_refactored()?;
        let synced = asked.accounts_synced()?;
        let sync = self.sync.as_ref().map_err(|error| Failure::from(error.clone()))?;
        let request = request_of(call);
        // Boxed, since every operation has its place in the future of any.
        let finished = Box::pin(finish_inventory_sync(sync, &request, synced));
        let result = finished.await.map_err(OutcomeError::from);
        self.forget_recent().await;
        call.finished(&result);
        let finished = result?;
        tracing::info!(
            complete = finished.complete,
            accounts = finished.accounts,
            accounts_without_answer = finished.accounts_without_answer,
            accounts_not_entered = finished.accounts_not_entered,
            places_failed = finished.places_failed,
            servers = finished.servers,
            missing = finished.missing,
            duration_ms = finished.duration_ms,
            "inventory sync done"
        );
        Ok(FinishedSync(finished))
    }

    pub(super) fn must_be_refactored(&self) -> Result<(), Failure> {
        match Implementation::from_environment(&self.environment)? {
            Implementation::Refactored => Ok(()),
            Implementation::Legacy => {
                let message = "the legacy sync knows no single account; \
                               USE_REFACTORED_INVENTORY_SYNC is false";
                Err(Failure::new(ErrorCode::InvalidState, message))
            }
        }
    }

    /// What `sync_account` can be called with, each once. An id that is wrong is among them, so that
    /// its own call says what is wrong. Ids alone, because a state machine takes an answer of 256 KB.
    pub(crate) async fn account_ids(&self) -> Result<AccountIds, Failure> {
        let table = get_target_accounts_table(&self.store)?;
        let (targets, stagings) =
            collect_accounts_to_query(&table).await.map_err(OutcomeError::from)?;
        let accounts = merge_listings(&targets, &stagings);
        let mut ids: Vec<String> = accounts.into_iter().map(|account| account.account_id).collect();
        ids.sort_unstable();
        Ok(AccountIds { count: ids.len(), account_ids: ids })
    }

    async fn run_and_tell(
        &self,
        request: SyncRequest,
        call: &dyn Call,
    ) -> Result<Response, Failure> {
        let synced = self.run(request).await?;
        call.synced(synced.scope, &synced.result, synced.took, &self.environment);
        synced.response()
    }

    /// One sync, of which nobody is told yet.
    pub(super) async fn run(&self, request: SyncRequest) -> Result<Synced, Failure> {
        let sync = self.sync.as_ref().map_err(|error| Failure::from(error.clone()))?;
        let scope = match request.accounts.is_empty() {
            true => Scope::AllAccounts,
            false => Scope::OneAccount,
        };
        let started = Instant::now();
        let run = handle_sync_source_server_inventory(sync, &self.environment, &request);
        // Boxed, since every operation has its place in the future of any.
        let result = Box::pin(run).await;
        self.forget_recent().await;
        Ok(Synced { scope, result, took: started.elapsed() })
    }

    /// A table that does not answer is no reason not to sync: the rows are safe without the lock.
    async fn lock(&self, call: &dyn Call) -> Result<Option<SyncLock>, Failure> {
        let Ok(table) = get_account_region_status_table(&self.store) else {
            return Ok(None);
        };
        let clock = SharedTimeSource::default();
        match lock_sync(&table, call.id(), &clock).await {
            Ok(lock) => Ok(Some(lock)),
            Err(error @ LockError::Busy { seconds_left, .. }) => {
                call.refused();
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
}

/// What came of one sync.
pub(super) struct Synced {
    pub(super) scope: Scope,
    pub(super) result: Result<Outcome, OutcomeError>,
    pub(super) took: Duration,
}

impl Synced {
    fn response(self) -> Result<Response, Failure> {
        let most_failures = match self.scope {
            Scope::OneAccount => MOST_FAILURES_OF_ONE,
            Scope::AllAccounts => MOST_FAILURES,
        };
        let outcome = self.result?;
        summarize(&outcome);
        Ok(Response::of_at_most(&outcome, most_failures))
    }
}

/// A sync of all accounts, within the time of its call.
pub(super) fn request_of(call: &dyn Call) -> SyncRequest {
    let (ends, time_to_write) = (call.time_to_ask(), call.time_to_write());
    SyncRequest { ends, time_to_write, ..SyncRequest::default() }
}

/// The one line of a sync that people look for. Each failure has a line of its own, where it was
/// met.
pub(super) fn summarize(outcome: &Outcome) {
    match outcome {
        Outcome::Refactored(report) => tracing::info!(
            implementation = "refactored",
            complete = report.complete,
            synced = report.servers_written,
            unchanged = report.servers_unchanged,
            missing = report.servers_missing,
            removed = report.servers_removed,
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
