//! Whether a place was known at a moment of the past.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::Place;
use store::QueryError;
use store::rows::ledger::{ACCOUNT_ENTRY, AccountEntry, PlaceEntry};
use store::tables::AccountRegionStatusTable;
use sync::time::iso;

use super::history::Since;
use super::summaries::Ended;
use crate::picture::{Freshness, Why, read_entries};

/// The moment, and what is known around it.
pub(super) struct Moment<'a> {
    /// Of the moment, not of now.
    pub(super) freshness: &'a Freshness,
    /// What happened since.
    pub(super) since: &'a Since,
    /// The last whole sync at the moment.
    pub(super) last: &'a Ended,
}

/// The entries of the ledger, as they are now.
pub(super) struct Entries {
    accounts: BTreeMap<String, AccountEntry>,
    places: BTreeMap<Place, PlaceEntry>,
}

/// What is known of a place at the moment.
pub(super) struct PlaceThen {
    /// When it had last answered; of a whole sync its start.
    pub(super) as_of: Option<String>,
    /// Why nothing is known.
    pub(super) unknown: Option<Why>,
    /// Servers whose rows are older than the place's last answer.
    pub(super) not_stored: Vec<String>,
}

impl Entries {
    /// Those of these places, and of their accounts.
    ///
    /// # Errors
    /// [`QueryError`] names the table.
    pub(super) async fn read(
        ledger: &AccountRegionStatusTable,
        places: &BTreeSet<Place>,
    ) -> Result<Self, QueryError> {
        let keys = places.iter().flat_map(|place| {
            [place.region.as_str(), ACCOUNT_ENTRY]
                .map(|region| (place.account_id.clone(), region.to_owned()))
        });
        let read = read_entries(ledger, keys.collect()).await?;
        let mut entries = Self { accounts: BTreeMap::new(), places: BTreeMap::new() };
        for ((account, region), item) in read {
            if region == ACCOUNT_ENTRY {
                let entry = serde_dynamo::from_item(item).unwrap_or_default();
                entries.accounts.insert(account, entry);
            } else {
                let entry = serde_dynamo::from_item(item).unwrap_or_default();
                entries.places.insert(Place::new(&account, &region), entry);
            }
        }
        Ok(entries)
    }

    /// A place at the moment.
    pub(super) fn then(&self, place: &Place, moment: &Moment<'_>) -> PlaceThen {
        let at = moment.freshness.now;
        let entry = self.places.get(place);
        let last_success = entry.and_then(|entry| entry.last_success.clone());
        let answered_before = last_success.clone().filter(|last| is_before(last, at));
        let as_of = answered_before.clone().or_else(|| Some(iso(moment.last.started)));
        let not_stored = entry.filter(|_| answered_before.is_some());
        let not_stored = not_stored.and_then(|entry| entry.rows_not_stored.clone());
        PlaceThen {
            as_of,
            unknown: self.why_unknown(place, moment, answered_before.as_deref()),
            not_stored: not_stored.map(|rows| rows.arns).unwrap_or_default(),
        }
    }

    fn why_unknown(
        &self,
        place: &Place,
        moment: &Moment<'_>,
        answered_before: Option<&str>,
    ) -> Option<Why> {
        let (at, name) = (moment.freshness.now, place.to_string());
        let account = self.accounts.get(&place.account_id);
        let account_since = account.and_then(|account| account.failing_since.as_deref());
        if account_since.is_some_and(|since| is_before(since, at))
            || moment.last.misses(&place.account_id)
        {
            return Some(Why::NotEntered);
        }
        let entry = self.places.get(place);
        if entry.is_some_and(|entry| entry.last_success.is_none()) {
            return Some(Why::NeverRead);
        }
        let since = entry.and_then(|entry| entry.failing_since.as_deref());
        let fails_since_then = since.is_some_and(|since| is_before(since, at));
        if moment.since.was_failing.get(&name).copied().unwrap_or(fails_since_then) {
            return Some(Why::Failed);
        }
        if moment.last.misses(&name) {
            return Some(Why::NotRead);
        }
        // Its last answer was before the moment, or a later one replaced it: then it answered the last
        // whole sync, which does not miss it.
        let last = iso(moment.last.started);
        let last = answered_before.unwrap_or(&last);
        moment.freshness.is_stale(Some(last), 1).then_some(Why::Stale)
    }
}

fn is_before(time: &str, moment: Timestamp) -> bool {
    time.parse().is_ok_and(|time: Timestamp| time <= moment)
}
