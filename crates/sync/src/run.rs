//! What one sync holds from its first step to its last.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use model::environment::ConfigError;
use model::{AccountToQuery, SourceServer};
use store::tables::{
    DrsRegionStatusTable, SourceServerInventoryTable, TargetAccountsTable,
    get_drs_region_status_table, get_source_server_inventory_table, get_target_accounts_table,
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::credentials::{Hub, identify_hub};
use super::duplicates::{Claims, Place};
use super::enrich::Enrichment;
use super::listed_row::ListedRow;
use super::pace::{Deadline, Pace};
use super::persist::{RowFailure, write_inventory_to_dynamodb};
use super::region_status::KnownRegions;
use super::{InventorySync, SyncError, SyncRequest};

/// How much of the time to write the rows of servers may take; the rows of regions come after them.
const SHARE_OF_ROWS: f64 = 0.6;
/// How much of it all rows may take; the rest is for the answer.
const SHARE_OF_ALL_WRITES: f64 = 0.9;

/// The tables and the time of a sync.
pub(super) struct Start {
    pub(super) target_accounts: TargetAccountsTable,
    pub(super) inventory: SourceServerInventoryTable,
    pub(super) region_status: DrsRegionStatusTable,
    pub(super) now: Timestamp,
    pub(super) deadline: Deadline,
    /// When the last row of a server may be sent.
    pub(super) rows_end: Deadline,
    /// When the last row of a region may be sent.
    pub(super) regions_end: Deadline,
    started: Instant,
}

impl Start {
    pub(super) fn of(sync: &InventorySync, request: &SyncRequest) -> Result<Self, ConfigError> {
        let store = &sync.store;
        let (deadline, to_write) = (sync.deadline(request), request.time_to_write);
        Ok(Self {
            inventory: get_source_server_inventory_table(store)?,
            target_accounts: get_target_accounts_table(store)?,
            region_status: get_drs_region_status_table(store)?,
            now: Timestamp::try_from(sync.clock.now()).unwrap_or(Timestamp::UNIX_EPOCH),
            deadline,
            rows_end: deadline.later_by(to_write.mul_f64(SHARE_OF_ROWS)),
            regions_end: deadline.later_by(to_write.mul_f64(SHARE_OF_ALL_WRITES)),
            started: Instant::now(),
        })
    }

    /// The time of the sync as every row carries it: microseconds, and `+00:00`.
    pub(super) fn time(&self) -> String {
        self.now.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// What the accounts of a sync share.
pub(super) struct Run<'a> {
    pub(super) sync: &'a InventorySync,
    pub(super) request: &'a SyncRequest,
    pub(super) start: &'a Start,
    pub(super) hub: Hub,
    pub(super) known: std::sync::Arc<KnownRegions>,
    accounts: HashMap<String, AccountToQuery>,
    claims: Claims,
    /// One permit per account whose rows are in memory.
    writers: Semaphore,
}

impl<'a> Run<'a> {
    pub(super) async fn new(
        (sync, request): (&'a InventorySync, &'a SyncRequest),
        start: &'a Start,
        accounts: &[AccountToQuery],
    ) -> Result<Self, SyncError> {
        let (hub, known) =
            tokio::join!(identify_hub(&sync.aws), sync.regions.known_regions(&start.region_status));
        let accounts = accounts.iter().map(|a| (a.account_id.clone(), a.clone())).collect();
        let writers = Semaphore::new(sync.settings.limits.writers);
        let hub = hub.map_err(|source| SyncError::Identity { source })?;
        let claims = Claims::default();
        Ok(Self { sync, request, start, hub, known, accounts, claims, writers })
    }

    /// As fast as the settings say, and until the sync's end.
    pub(super) fn pace(&self, at_once: usize) -> Pace {
        let calls_per_second = self.sync.settings.limits.calls_per_second;
        Pace { at_once, calls_per_second, deadline: self.start.deadline }
    }

    /// Batches at once, and until when.
    pub(super) fn writing(&self) -> Pace {
        let at_once = self.sync.settings.limits.writes;
        Pace { deadline: self.start.rows_end, ..Pace::of(at_once) }
    }

    pub(super) fn enrichment(&self) -> Enrichment<'_> {
        Enrichment {
            aws: &self.sync.aws,
            credentials: &self.sync.credentials,
            hub: &self.hub,
            accounts: &self.accounts,
            member_role: &self.sync.settings.member_role,
            inventory: &self.start.inventory,
            pace: self.pace(self.sync.settings.limits.ec2_groups),
            writes_end: self.start.rows_end,
        }
    }

    /// The rows of servers that were not listed before, by another account or in another region. `place_of` tells the place of a region's listing.
    pub(super) fn rows(
        &self,
        servers: Vec<SourceServer>,
        place_of: impl Fn(&String) -> Place,
    ) -> Vec<ListedRow> {
        let now = self.start.time();
        let rows = servers.into_iter().map(|server| ListedRow::new(server, &now)).collect();
        self.claims.claim(rows, |row| place_of(&row.region))
    }

    /// Waits until the account may have its rows in memory.
    pub(super) async fn may_write(&self) -> Option<SemaphorePermit<'_>> {
        // Nobody closes the semaphore; without a permit the rows would still be right.
        self.writers.acquire().await.ok()
    }

    /// Writes what was listed more than once, the better row in place of the other.
    pub(super) async fn write_contested(&self) -> Vec<RowFailure> {
        let rows = self.claims.settle();
        write_inventory_to_dynamodb(&self.start.inventory, rows, &self.writing()).await.failed
    }
}
