//! The region-status table as it was read last.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_async::time::SharedTimeSource;
use jiff::Timestamp;
use moka::future::Cache;
use store::tables::{DrsRegionStatusTable, scan_every_item};

use super::attempts::Attempts;
use super::row::{AccountStatus, RegionRow, is_region};

/// The table is read once in this time.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// What is known of regions from earlier syncs. Empty where the table could not be read.
#[derive(Debug, Default)]
pub struct KnownRegions {
    rows: HashMap<String, RegionRow>,
    attempts: Attempts,
}

/// The last time that an account was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The start of the sync that did.
    pub at: Timestamp,
    /// Whether it could not be entered, or one of its regions not be read.
    pub failed: bool,
}

impl KnownRegions {
    /// From rows of the table.
    pub fn new(rows: impl IntoIterator<Item = RegionRow>) -> Self {
        let rows = rows.into_iter().map(|row| (row.region.clone(), row)).collect();
        Self { rows, attempts: Attempts::default() }
    }

    /// From all items of the table.
    pub(crate) fn from_items(items: &[HashMap<String, AttributeValue>]) -> Self {
        let regions = items.iter().filter(|item| is_region(item)).map(RegionRow::from_item);
        let attempts = items.iter().find_map(Attempts::from_item).unwrap_or_default();
        Self { attempts, ..Self::new(regions) }
    }

    /// The accounts that could not be entered.
    pub fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    /// When the account was last looked at; none where it never was.
    pub fn last_look(&self, account_id: &str) -> Option<Look> {
        let regions = self.rows.values().filter_map(|row| row.accounts.get(account_id));
        let looks = regions.filter_map(|account| {
            let at = account.last_checked.as_ref()?.parse().ok()?;
            Some((at, account.has_failed()))
        });
        let tried = self.attempts.of(account_id).and_then(|time| time.parse().ok());
        // Of looks at the same time one that failed is the greater.
        let last = looks.chain(tried.map(|at| (at, true))).max()?;
        Some(Look { at: last.0, failed: last.1 })
    }

    /// The row of a region.
    pub(super) fn row(&self, region: &str) -> Option<&RegionRow> {
        self.rows.get(region)
    }

    /// What is known of an account in a region.
    pub fn account(&self, account_id: &str, region: &str) -> Option<&AccountStatus> {
        self.row(region)?.accounts.get(account_id)
    }

    /// Whether the account had servers in the region.
    pub(crate) fn had_servers(&self, account_id: &str, region: &str) -> bool {
        self.account(account_id, region).is_some_and(|account| account.server_count > 0)
    }

    /// The regions where the account had servers.
    pub fn regions_with_servers<'a>(
        &'a self,
        account_id: &'a str,
    ) -> impl Iterator<Item = &'a String> {
        let has_servers =
            move |row: &RegionRow| row.accounts.get(account_id).is_some_and(|a| a.server_count > 0);
        self.rows.iter().filter(move |(_, row)| has_servers(row)).map(|(region, _)| region)
    }
}

/// Reads the table at most once a minute, however many accounts ask. Clones share it.
#[derive(Clone)]
pub struct RegionCache {
    read: Cache<String, (Arc<KnownRegions>, SystemTime)>,
    clock: SharedTimeSource,
}

impl RegionCache {
    /// An empty cache.
    pub fn new(clock: SharedTimeSource) -> Self {
        Self { read: Cache::new(1), clock }
    }

    /// The table, as it was at most a minute ago. Nothing is known where it cannot be read:
    /// every region is asked then.
    pub async fn known_regions(&self, table: &DrsRegionStatusTable) -> Arc<KnownRegions> {
        let now = self.clock.now();
        let read = async {
            let known = read_table(table).await.unwrap_or_else(|error| {
                let (table, cause) = (&table.name, error.to_string());
                tracing::warn!(table, cause, "cannot read region status; every region is asked");
                KnownRegions::default()
            });
            (Arc::new(known), now)
        };
        let is_old =
            |(_, at): &(_, SystemTime)| now.duration_since(*at).is_ok_and(|age| age >= GOOD_FOR);
        self.read.entry(table.name.clone()).or_insert_with_if(read, is_old).await.into_value().0
    }
}

/// Forgets what was read, so that the next sync sees what this one wrote.
pub fn invalidate_region_cache(cache: &RegionCache) {
    cache.read.invalidate_all();
}

async fn read_table(table: &DrsRegionStatusTable) -> Result<KnownRegions, aws::ServiceError> {
    let items = scan_every_item(table.client.scan().table_name(&table.name)).await?;
    Ok(KnownRegions::from_items(&items))
}
