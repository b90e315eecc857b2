//! Removals that wait for an approval.

use model::RegionStatus;
use serde::Serialize;
use store::rows::ledger::{LAST_ENTRY, LastSync, PlaceEntry, RemovalHeld};
use store::{Item, text};

/// Why rows wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HeldBecause {
    /// More of them are missing at once than may go unasked.
    TooMany,
    /// The region is not in use any more, and its servers are still known.
    Closed,
}

/// Rows of a place, or of the whole installation, that leave the inventory only once somebody says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldRemoval {
    /// None where it is the whole installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// None where it is the whole installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Why.
    pub because: HeldBecause,
    /// What the last query ended as; none where it is the whole installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How many rows.
    pub count: u64,
    /// Since when, ISO 8601.
    pub since: String,
    /// Whether somebody let so many go, so that the next sync removes them. Programs see `removalApproved`
    /// in the ledger.
    #[serde(skip)]
    pub is_approved: bool,
}

impl HeldRemoval {
    pub(crate) fn installation(held: RemovalHeld, approved: Option<&RemovalHeld>) -> Self {
        let RemovalHeld { count, since } = held;
        let (because, is_approved) = (HeldBecause::TooMany, is_approved(count, approved));
        Self { account_id: None, region: None, because, status: None, count, since, is_approved }
    }

    /// Of an entry, where something of it waits.
    pub(crate) fn of(entry: &PlaceEntry) -> Option<Self> {
        let (because, held) = match held(entry) {
            Some(held) => (HeldBecause::TooMany, held),
            None => (HeldBecause::Closed, closed(entry)?),
        };
        Some(Self {
            account_id: Some(entry.account_id.clone()),
            region: Some(entry.region.clone()),
            because,
            status: Some(entry.status.clone()),
            is_approved: is_approved(held.count, entry.removal_approved.as_ref()),
            count: held.count,
            since: held.since,
        })
    }
}

/// What waits, of the entries of whole syncs and of places: first the whole installation, then by
/// account and region.
pub(crate) fn held_of<'a>(
    sync: &[Item],
    places: impl IntoIterator<Item = &'a Item>,
) -> Vec<HeldRemoval> {
    let last = sync.iter().find(|entry| text(entry, "region") == LAST_ENTRY).cloned();
    let last: LastSync = serde_dynamo::from_item(last.unwrap_or_default()).unwrap_or_default();
    let LastSync { removal_held, removal_approved, .. } = last;
    let whole = removal_held.map(|held| HeldRemoval::installation(held, removal_approved.as_ref()));
    let places = places.into_iter().filter_map(|entry| {
        let entry: PlaceEntry = serde_dynamo::from_item(entry.clone()).ok()?;
        HeldRemoval::of(&entry)
    });
    let mut held: Vec<HeldRemoval> = whole.into_iter().chain(places).collect();
    held.sort_by(|a, b| (&a.account_id, &a.region).cmp(&(&b.account_id, &b.region)));
    held
}

/// As the sync takes it: an approval is of the set that somebody saw, and not of one that has grown.
fn is_approved(count: u64, approved: Option<&RemovalHeld>) -> bool {
    approved.is_some_and(|approved| count <= approved.count)
}

/// The missing rows of a place that are too many to go unasked.
fn held(entry: &PlaceEntry) -> Option<RemovalHeld> {
    entry.removal_held.clone()
}

/// The rows of a place that is not in use any more. They stay until somebody approves that they go.
fn closed(entry: &PlaceEntry) -> Option<RemovalHeld> {
    let is_closed = RegionStatus::from_name(&entry.status).is_some_and(RegionStatus::is_not_in_use);
    let listed = entry.server_count.saturating_sub(entry.counts.not_held);
    let count = listed + entry.counts.missing();
    // An acknowledged one fails no more; when it last answered does not move either.
    let since = entry.failing_since.clone().or_else(|| entry.last_success.clone());
    (is_closed && count > 0).then(|| RemovalHeld { count, since: since.unwrap_or_default() })
}
