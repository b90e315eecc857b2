//! Which rows an index may not know yet, because a look wrote them not long ago.
//!
//! An index that lags shows a row as it was. Where the server is again as it was then, its row would
//! pass for unchanged, and stay as the look in between left it.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use store::rows::RowKey;
use store::rows::ledger::{PlaceEntry, RecentWrites};

use crate::time::{age, iso};

/// So long an index may lag. DynamoDB's indexes follow within a second as a rule; minutes were seen.
const MAY_LAG: SignedDuration = SignedDuration::from_mins(10);
/// More keys than these are not named: the entry is to stay within one write unit.
const MOST_KEYS: usize = 16;
/// Bytes of a key's hash. Two keys of the same one only cost a read.
const HASH_BYTES: usize = 6;

/// The rows of which the index is not believed.
pub(crate) enum Doubtful {
    /// None can be believed.
    All,
    /// Those with these keys.
    Keys(HashSet<String>),
}

impl Doubtful {
    /// By what the ledger has of a place, at the time `now`.
    pub(crate) fn of(entry: &PlaceEntry, now: Timestamp) -> Self {
        let mut keys = HashSet::new();
        for writes in entry.recent_writes.iter().filter(|writes| is_recent(writes, now)) {
            match &writes.keys {
                None => return Self::All,
                Some(named) => keys.extend(named.iter().cloned()),
            }
        }
        Self::Keys(keys)
    }

    /// Whether the index may not know the row yet.
    pub(crate) fn has(&self, key: &RowKey) -> bool {
        match self {
            Self::All => true,
            Self::Keys(keys) => keys.contains(&hash(key)),
        }
    }
}

/// Adds what a look at `now` wrote, and leaves out what every index knows by now.
pub(crate) fn add_writes(entry: &mut PlaceEntry, now: Timestamp, keys: &[RowKey]) {
    entry.recent_writes.retain(|writes| is_recent(writes, now));
    let named: usize =
        entry.recent_writes.iter().filter_map(|writes| writes.keys.as_ref()).map(Vec::len).sum();
    if !keys.is_empty() {
        let few = named + keys.len() <= MOST_KEYS;
        let keys = few.then(|| keys.iter().map(hash).collect());
        entry.recent_writes.push(RecentWrites { at: iso(now), keys });
    }
    // Once there are too many to name, the time of the last is enough.
    if entry.recent_writes.last().is_some_and(|writes| writes.keys.is_none()) {
        entry.recent_writes.drain(..entry.recent_writes.len() - 1);
    }
}

fn is_recent(writes: &RecentWrites, now: Timestamp) -> bool {
    age(Some(&writes.at), now).is_none_or(|age| age < MAY_LAG)
}

fn hash(key: &RowKey) -> String {
    URL_SAFE_NO_PAD.encode(&key.short_hash()[..HASH_BYTES])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> RowKey {
        RowKey { source_server_arn: format!("arn-{number}"), staging_account_id: String::new() }
    }

    #[test]
    fn what_was_written_is_doubtful_for_ten_minutes() {
        let now: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
        let mut entry = PlaceEntry::default();
        add_writes(&mut entry, now, &[key(1)]);
        let later = now + SignedDuration::from_mins(9);
        let doubtful = Doubtful::of(&entry, later);
        assert!(doubtful.has(&key(1)) && !doubtful.has(&key(2)));
        let past = Doubtful::of(&entry, now + SignedDuration::from_mins(10));
        assert!(!past.has(&key(1)));
    }

    #[test]
    fn too_many_are_all_and_few_after_them_do_not_change_that() {
        let now: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
        let many: Vec<RowKey> = (0..=MOST_KEYS).map(key).collect();
        let mut entry = PlaceEntry::default();
        add_writes(&mut entry, now, &many);
        add_writes(&mut entry, now, &[key(1)]);
        assert!(Doubtful::of(&entry, now).has(&key(99)));
        assert!(entry.recent_writes.len() <= 2);
    }
}
