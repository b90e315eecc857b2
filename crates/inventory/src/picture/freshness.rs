//! What time makes of an entry of the ledger: after a while it says nothing about now.

use std::time::Duration;

use jiff::Timestamp;
use model::Place;
use model::environment::{ConfigError, Environment};
use store::rows::ledger::{AccountEntry, PlaceEntry};
use sync::settings::{discovery_interval, stale_after};
use sync::time::age;

use super::not_known::{NotKnown, Why};

/// How old an answer may be, and what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// The time that ages are counted to.
    pub now: Timestamp,
    /// A place with servers that was last read longer ago is not known. `STALE_AFTER_MINUTES`.
    pub stale_after: Duration,
    /// What is added for a place without servers. `DISCOVERY_INTERVAL_MINUTES`.
    pub discovery_interval: Duration,
}

impl Freshness {
    /// As the environment says, now.
    ///
    /// # Errors
    /// The variable that cannot be used.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            now: Timestamp::now(),
            stale_after: stale_after(environment)?,
            discovery_interval: discovery_interval(environment)?,
        })
    }

    /// Whether a time is longer ago than it may be for something with so many servers. What never
    /// was is.
    pub(crate) fn is_stale(&self, time: Option<&str>, servers: u64) -> bool {
        let allowed = match servers {
            0 => self.stale_after.saturating_add(self.discovery_interval),
            _ => self.stale_after,
        };
        age(time, self.now).is_none_or(|age| !age.is_negative() && age.unsigned_abs() > allowed)
    }
}

/// Why what is stored of a place says nothing about now; none where it does.
pub(crate) fn judge(
    place: &Place,
    entry: Option<&PlaceEntry>,
    account: Option<&AccountEntry>,
    freshness: &Freshness,
) -> Option<NotKnown> {
    if let Some(account) = account.filter(|account| account.failing_since.is_some()) {
        return Some(NotKnown::not_entered(account));
    }
    let Some(entry) = entry else {
        return Some(NotKnown::place(place, &PlaceEntry::default(), Why::NeverRead));
    };
    let servers = entry.server_count + entry.counts.missing();
    let last = entry.last_success.as_deref();
    let why = match (entry.failing_since.is_some(), last) {
        (_, None) => Why::NeverRead,
        (true, Some(_)) => Why::Failed,
        (false, Some(_)) if freshness.is_stale(last, servers) => Why::Stale,
        (false, Some(_)) => return None,
    };
    Some(NotKnown::place(place, entry, why))
}
