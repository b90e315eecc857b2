//! What one sync holds from its first step to its last.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use model::environment::ConfigError;
use model::{AccountToQuery, Failure, Place, SourceServer};
use store::Store;
use store::rows::InventoryChange;
use store::rows::ledger::{LastSync, PlaceEntry};
use store::rows::unprotected::Exclusion;
use store::tables::{
    AccountRegionStatusTable, DrsRegionStatusTable, InventoryChangesTable,
    SourceServerInventoryTable, TargetAccountsTable, get_account_region_status_table,
    get_drs_region_status_table, get_inventory_changes_table, get_source_server_inventory_table,
    get_target_accounts_table,
};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use super::contest::Contest;
use super::credentials::{Hub, identify_hub};
use super::drs::RegionListing;
use super::enrich::Enrichment;
use super::ledger::lease::Lease;
use super::ledger::{Look, Unread, last_looks, read_exclusions, read_last_sync};
use super::pace::{Deadline, Pace};
use super::policies::Policies;
use super::tell::tell;
use super::time::{age, iso, now};
use super::{InventorySync, SyncError, SyncRequest};

/// How much of the time to write the rows of servers may take; looks and regions come after them.
const SHARE_OF_ROWS: f64 = 0.6;
/// How much of it all rows may take; the rest is for the answer.
const SHARE_OF_ALL_WRITES: f64 = 0.9;

/// Nothing is sent this long before a claim ends: what is on its way then has arrived.
const BEFORE_A_CLAIM_ENDS: Duration = Duration::from_secs(30);

/// A sync on a machine whose clock is further off does not start.
const CLOCK_MAY_BE_OFF: Duration = Duration::from_secs(30);

/// The tables and the time of a sync.
pub(super) struct Start {
    pub(super) target_accounts: TargetAccountsTable,
    pub(super) inventory: SourceServerInventoryTable,
    pub(super) region_status: DrsRegionStatusTable,
    pub(super) ledger: AccountRegionStatusTable,
    pub(super) changes: InventoryChangesTable,
    pub(super) now: Timestamp,
    pub(super) deadline: Deadline,
    /// When the last row of a server may be sent.
    pub(super) rows_end: Deadline,
    /// When the last look, and the last row of a region, may be sent.
    pub(super) looks_end: Deadline,
    started: Instant,
}

impl Start {
    pub(super) fn of(sync: &InventorySync, request: &SyncRequest) -> Result<Self, ConfigError> {
        let store: &Store = &sync.store;
        let (deadline, to_write) = (sync.deadline(request), request.time_to_write);
        Ok(Self {
            inventory: get_source_server_inventory_table(store)?,
            target_accounts: get_target_accounts_table(store)?,
            region_status: get_drs_region_status_table(store)?,
            ledger: get_account_region_status_table(store)?,
            changes: get_inventory_changes_table(store)?,
            now: now(&sync.clock),
            deadline,
            rows_end: deadline.later_by(to_write.mul_f64(SHARE_OF_ROWS)),
            looks_end: deadline.later_by(to_write.mul_f64(SHARE_OF_ALL_WRITES)),
            started: Instant::now(),
        })
    }

    /// The start of the sync as rows carry times.
    pub(super) fn time(&self) -> String {
        iso(self.now)
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Whether this machine's clock may be trusted: claims, and which of two looks is the later one, are
/// decided by the time of whoever works.
///
/// # Errors
/// [`SyncError::Clock`] where it is too far off.
pub fn check_clock(off_by: Option<Duration>) -> Result<(), SyncError> {
    match off_by {
        Some(off_by) if off_by > CLOCK_MAY_BE_OFF => Err(SyncError::Clock { off_by }),
        Some(_) | None => Ok(()),
    }
}

/// What the accounts of a sync share.
pub(super) struct Run<'a> {
    pub(super) sync: &'a InventorySync,
    pub(super) request: &'a SyncRequest,
    pub(super) start: &'a Start,
    pub(super) hub: Hub,
    /// When each account was last looked at.
    pub(super) looks: HashMap<String, Look>,
    /// What the last whole sync ended with.
    pub(super) last_sync: LastSync,
    pub(super) contest: Contest,
    /// What is expected of each server.
    pub(super) policies: Policies,
    /// Tells this sync from another.
    pub(super) id: String,
    accounts: HashMap<String, AccountToQuery>,
    /// A permit per account whose rows are in memory.
    writers: Semaphore,
    /// What need not be protected; none where it cannot be read.
    exclusions: OnceCell<Option<Vec<Exclusion>>>,
}

impl<'a> Run<'a> {
    pub(super) async fn new(
        (sync, request): (&'a InventorySync, &'a SyncRequest),
        start: &'a Start,
        accounts: &[AccountToQuery],
    ) -> Result<Self, SyncError> {
        // One account needs no order.
        let in_order = if request.one_account().is_some() { &[] } else { accounts };
        let ids: Vec<String> = in_order.iter().map(|it| it.account_id.clone()).collect();
        let (hub, looks, last_sync, policies) = tokio::join!(
            identify_hub(&sync.aws),
            last_looks(&start.ledger, &ids, Unread::LeftOut),
            read_last_sync(&start.ledger),
            Policies::read(&sync.store, sync.settings.policy),
        );
        let hub = hub.map_err(|source| SyncError::Identity { source })?;
        check_clock(hub.clock_off_by)?;
        let looks = looks.unwrap_or_else(|error| {
            let cause = error.to_string();
            tracing::warn!(cause, "cannot read the ledger; accounts are asked in their own order");
            HashMap::new()
        });
        Ok(Self {
            sync,
            request,
            start,
            hub,
            looks,
            last_sync,
            contest: Contest::default(),
            policies,
            id: format!("{}-{:08x}", iso(start.now), fastrand::u32(..)),
            accounts: accounts.iter().map(|a| (a.account_id.clone(), a.clone())).collect(),
            writers: Semaphore::new(sync.settings.limits.writers),
            exclusions: OnceCell::new(),
        })
    }

    /// As fast as the settings say, and until the sync's end.
    pub(super) fn pace(&self, at_once: usize) -> Pace {
        let calls_per_second = self.sync.settings.limits.calls_per_second;
        Pace { at_once, calls_per_second, deadline: self.start.deadline }
    }

    /// Batches at once, and until when: the last one leaves while the account is claimed for certain.
    pub(super) fn writing(&self, claim: &Lease) -> Pace {
        let at_once = self.sync.settings.limits.writes;
        let claimed = Deadline::after(claim.left().saturating_sub(BEFORE_A_CLAIM_ENDS));
        Pace { deadline: self.start.rows_end.or_earlier(claimed), ..Pace::of(at_once) }
    }

    pub(super) fn enrichment(&self) -> Enrichment<'_> {
        Enrichment {
            aws: &self.sync.aws,
            credentials: &self.sync.credentials,
            hub: &self.hub,
            accounts: &self.accounts,
            member_role: &self.sync.settings.member_role,
            inventory: &self.start.inventory,
            listings: None,
            pace: self.pace(self.sync.settings.limits.ec2_groups),
            writes_end: self.start.rows_end,
        }
    }

    /// What need not be protected, read once; none where it cannot be read.
    pub(super) async fn exclusions(&self) -> Option<&[Exclusion]> {
        let read = || read_exclusions(&self.start.ledger, self.start.now);
        self.exclusions.get_or_init(read).await.as_deref()
    }

    /// Waits until the account may have its rows in memory.
    pub(super) async fn may_write(&self) -> Option<SemaphorePermit<'_>> {
        // Nobody closes the semaphore; without a permit the rows would still be right.
        self.writers.acquire().await.ok()
    }

    /// Tells the history what is about to be done.
    ///
    /// # Errors
    /// It must not be done.
    pub(super) async fn tell(
        &self,
        now: Timestamp,
        changes: Vec<InventoryChange>,
        writing: &Pace,
    ) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        tell(&self.start.changes, (&self.id, now), changes, writing).await
    }

    /// Whether a place is still being read, so that the rows it holds are its own.
    pub(super) async fn is_read(&self, place: &Place) -> bool {
        let stale_after = self.sync.settings.stale_after;
        self.sync.regions.is_read(&self.start.ledger, place, self.start.now, stale_after).await
    }

    /// An entry of a place that this sync did not ask, and whether what it says still holds.
    pub(super) fn as_it_holds(&self, entry: PlaceEntry) -> (PlaceEntry, bool) {
        let stale_after = self.sync.settings.stale_after;
        let age = age(entry.last_success.as_deref(), self.start.now);
        let is_fresh = age.is_some_and(|age| age.unsigned_abs() <= stale_after);
        let holds = is_fresh && entry.failing_since.is_none();
        (entry, holds)
    }

    /// Whether removals of the whole installation wait for an approval.
    pub(super) fn removals_are_held(&self) -> bool {
        let LastSync { removal_held, removal_approved, .. } = &self.last_sync;
        let approved = |count| removal_approved.as_ref().is_some_and(|it| count <= it.count);
        removal_held.as_ref().is_some_and(|held| !approved(held.count))
    }
}

/// Each ARN once, and each server without one. One that cannot be read is there all the same.
pub(super) fn count_distinct(listing: &RegionListing) -> u64 {
    let servers = &listing.servers;
    let arns: HashSet<&str> = servers.iter().filter_map(SourceServer::arn).collect();
    let without_arn = servers.iter().filter(|server| server.arn().is_none()).count();
    (arns.len() + without_arn + listing.unreadable.len()) as u64
}
