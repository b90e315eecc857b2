//! One sync of all accounts at a time, where several could be started by the schedule.
//!
//! Two at once would lose nothing, but ask AWS for everything twice.

use aws::ServiceError;
use aws_smithy_async::time::SharedTimeSource;
use store::rows::ledger::{LOCK_ENTRY, SYNC_ENTRIES};
use store::tables::AccountRegionStatusTable;

use super::lease::{Lease, LeaseError, LeaseKind};

const LOCK: LeaseKind = LeaseKind { owner: "owner", until: "expiresAt", since: "since" };

/// The right to sync all accounts. It ends two minutes after a sync that was killed.
pub struct SyncLock(Lease);

/// Why the right was not given.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// A sync runs.
    #[error(
        "a sync has been running since {since}; if it was killed, the next can start in {seconds_left} s"
    )]
    Busy {
        /// ISO 8601.
        since: String,
        /// Until the lease of the other sync ends, if it is not made longer.
        seconds_left: i64,
    },
    /// The table does not answer.
    #[error("cannot lock the sync in the table {table}: {source}")]
    Service {
        /// The table's name.
        table: String,
        /// DynamoDB's answer.
        source: ServiceError,
    },
}

/// Takes the lock. `owner` tells one sync from another.
///
/// # Errors
/// [`LockError::Busy`] while another sync holds it.
pub async fn lock_sync(
    table: &AccountRegionStatusTable,
    owner: &str,
    clock: &SharedTimeSource,
) -> Result<SyncLock, LockError> {
    let taken = Lease::take(table, (SYNC_ENTRIES, LOCK_ENTRY), LOCK, (owner, clock)).await;
    taken.map(SyncLock).map_err(|error| match error {
        LeaseError::Held { since, seconds_left, .. } => LockError::Busy { since, seconds_left },
        LeaseError::Service(source) => LockError::Service { table: table.name.clone(), source },
    })
}

impl SyncLock {
    /// Does `work` under the lock, and gives the lock back.
    pub async fn keep<T>(self, work: impl Future<Output = T>) -> T {
        let done = self.0.keep(work).await;
        if let Err(error) = self.0.release(Vec::new()).await {
            let cause = error.to_string();
            tracing::warn!(cause, "the lock of the sync stays until its lease ends");
        }
        done
    }
}
