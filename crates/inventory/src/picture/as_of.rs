//! Rows of servers, each as of the last answer of the place that lists it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use model::Place;
use model::readiness::UNKNOWN;
use store::rows::ledger::{ACCOUNT_ENTRY, AccountEntry, PlaceEntry};
use store::tables::AccountRegionStatusTable;
use store::{Item, QueryError, text};

use super::entries::read_entries;
use super::freshness::{Freshness, judge};
use super::not_known::{NotKnown, Why};

/// The attribute of an answer that says as of when a server is: ISO 8601.
pub const AS_OF: &str = "asOf";
/// The attribute of an answer that says whether the row tells how the server is now.
pub const KNOWN: &str = "known";
/// The attribute of an answer that has the last verdict of a server whose verdict is not known now.
pub const LAST_VERDICT: &str = "lastReadiness";

/// What is known of a place.
#[derive(Default)]
struct PlaceKnowledge {
    as_of: Option<String>,
    not_known: Option<NotKnown>,
    /// Servers whose rows are older than the place's last answer.
    not_stored: Vec<String>,
    not_stored_count: u64,
}

/// Gives each row [`AS_OF`] and [`KNOWN`], and tells which of the places that list them are not known.
/// Each place is read once, however many rows it lists.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn add_as_of(
    ledger: &AccountRegionStatusTable,
    rows: &mut [Item],
    freshness: &Freshness,
) -> Result<Vec<NotKnown>, QueryError> {
    let mut knowledge = Knowledge::new(ledger, freshness);
    knowledge.add_to(rows).await?;
    Ok(knowledge.not_known())
}

/// What is known of places, for rows that come a few at a time.
pub(crate) struct Knowledge<'a> {
    ledger: &'a AccountRegionStatusTable,
    freshness: &'a Freshness,
    places: BTreeMap<Place, PlaceKnowledge>,
    without_place: u64,
}

impl<'a> Knowledge<'a> {
    /// Of no place yet.
    pub(crate) fn new(ledger: &'a AccountRegionStatusTable, freshness: &'a Freshness) -> Self {
        Self { ledger, freshness, places: BTreeMap::new(), without_place: 0 }
    }

    /// Gives each row [`AS_OF`] and [`KNOWN`]. Places that were not asked for before are read.
    ///
    /// # Errors
    /// [`QueryError`] names the table.
    pub(crate) async fn add_to(&mut self, rows: &mut [Item]) -> Result<(), QueryError> {
        let places = rows.iter().filter_map(listed_in);
        let new: BTreeSet<Place> =
            places.filter(|place| !self.places.contains_key(place)).collect();
        self.places.extend(read_knowledge(self.ledger, new, self.freshness).await?);
        rows.iter_mut().for_each(|row| self.judge(row));
        Ok(())
    }

    fn judge(&mut self, row: &mut Item) {
        let place = listed_in(row).and_then(|place| self.places.get(&place));
        self.without_place += u64::from(place.is_none());
        let as_of = place.and_then(|place| place.as_of.as_deref());
        let as_of = as_of.unwrap_or_else(|| text(row, "lastUpdated")).to_owned();
        let arn = text(row, "sourceServerArn");
        let known = place.is_some_and(|place| {
            place.not_known.is_none() && !place.not_stored.iter().any(|other| other == arn)
        });
        row.insert(AS_OF.to_owned(), AttributeValue::S(as_of));
        row.insert(KNOWN.to_owned(), AttributeValue::Bool(known));
        if !known {
            unjudge(row);
        }
    }

    /// Which of the places are not known.
    pub(crate) fn not_known(self) -> Vec<NotKnown> {
        let mut not_known: Vec<NotKnown> =
            self.places.into_iter().filter_map(not_known_of).collect();
        not_known.dedup();
        if self.without_place > 0 {
            not_known
                .push(NotKnown { servers: self.without_place, ..NotKnown::whole(Why::NoPlace) });
        }
        not_known
    }
}

/// What is not known is never shown as ready: the last verdict stands beside it.
fn unjudge(row: &mut Item) {
    let unknown = AttributeValue::S(UNKNOWN.to_owned());
    if let Some(last) = row.insert("readiness".to_owned(), unknown) {
        row.insert(LAST_VERDICT.to_owned(), last);
    }
}

fn not_known_of((place, known): (Place, PlaceKnowledge)) -> Option<NotKnown> {
    let not_stored = || {
        let why = Why::NotStored;
        let unstored = NotKnown::place(&place, &PlaceEntry::default(), why);
        let last_success = known.as_of.clone();
        NotKnown { servers: known.not_stored_count, last_success, ..unstored }
    };
    let stored_all = known.not_stored_count == 0;
    known.not_known.clone().or_else(|| (!stored_all).then(not_stored))
}

fn listed_in(row: &Item) -> Option<Place> {
    Place::parse(text(row, "listedIn"))
}

async fn read_knowledge(
    ledger: &AccountRegionStatusTable,
    places: BTreeSet<Place>,
    freshness: &Freshness,
) -> Result<BTreeMap<Place, PlaceKnowledge>, QueryError> {
    let keys = places.iter().flat_map(|place| {
        [place.region.as_str(), ACCOUNT_ENTRY]
            .map(|region| (place.account_id.clone(), region.to_owned()))
    });
    let mut entries = read_entries(ledger, keys.collect()).await?;
    let mut known = BTreeMap::new();
    for place in places {
        let account = entries.get(&(place.account_id.clone(), ACCOUNT_ENTRY.to_owned())).cloned();
        let account: Option<AccountEntry> = account.and_then(|it| serde_dynamo::from_item(it).ok());
        let entry = entries.remove(&(place.account_id.clone(), place.region.clone()));
        let entry: Option<PlaceEntry> = entry.and_then(|it| serde_dynamo::from_item(it).ok());
        let not_known = judge(&place, entry.as_ref(), account.as_ref(), freshness);
        let entry = entry.unwrap_or_default();
        let not_stored = entry.rows_not_stored.unwrap_or_default();
        let as_of = entry.last_success;
        let knowledge = PlaceKnowledge {
            as_of,
            not_known,
            not_stored: not_stored.arns,
            not_stored_count: not_stored.count,
        };
        known.insert(place, knowledge);
    }
    Ok(known)
}
