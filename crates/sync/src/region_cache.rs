//! Which other places are being read, asked once a minute at most.

use std::time::{Duration, SystemTime};

use aws_smithy_async::time::SharedTimeSource;
use jiff::Timestamp;
use model::Place;
use moka::future::Cache;
use store::tables::AccountRegionStatusTable;

use super::ledger::last_success;
use super::time::age;

/// An answer is believed for this long.
const GOOD_FOR: Duration = Duration::from_secs(60);
/// Places that are kept; others are asked again.
const PLACES: u64 = 10_000;

/// When places last answered, as the ledger said at most a minute ago. Clones share it.
#[derive(Clone)]
pub struct RegionCache {
    read: Cache<Place, (Option<String>, SystemTime)>,
    clock: SharedTimeSource,
}

impl RegionCache {
    /// An empty cache.
    pub fn new(clock: SharedTimeSource) -> Self {
        Self { read: Cache::new(PLACES), clock }
    }

    /// Whether a place answered within `stale_after`. Where the ledger cannot be read it counts as
    /// read: nothing is taken from it.
    pub(crate) async fn is_read(
        &self,
        table: &AccountRegionStatusTable,
        place: &Place,
        now: Timestamp,
        stale_after: Duration,
    ) -> bool {
        let asked_at = self.clock.now();
        let is_old = |(_, at): &(_, SystemTime)| {
            asked_at.duration_since(*at).is_ok_and(|age| age >= GOOD_FOR)
        };
        if let Some(known) = self.read.get(place).await.filter(|known| !is_old(known)) {
            return is_fresh(known.0.as_deref(), now, stale_after);
        }
        match last_success(table, place).await {
            Ok(success) => {
                let fresh = is_fresh(success.as_deref(), now, stale_after);
                self.read.insert(place.clone(), (success, asked_at)).await;
                fresh
            }
            Err(error) => {
                let (place, cause) = (place.to_string(), error.to_string());
                tracing::warn!(place, cause, "cannot read who holds a row; it stays theirs");
                true
            }
        }
    }
}

fn is_fresh(success: Option<&str>, now: Timestamp, stale_after: Duration) -> bool {
    age(success, now).is_some_and(|age| age.is_negative() || age.unsigned_abs() < stale_after)
}

/// Forgets what was read, so that the next sync sees what this one wrote.
pub fn invalidate_region_cache(cache: &RegionCache) {
    cache.read.invalidate_all();
}
