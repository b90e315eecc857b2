//! A look at one account and region.

use jiff::Timestamp;
use model::Place;
use store::rows::ledger::PlaceEntry;
use store::{Item, text};

use super::pace::Pace;

/// A look at a place, before its rows are written.
pub(crate) struct PlaceLook<'a> {
    /// The account and region.
    pub(crate) place: Place,
    /// When DRS was asked.
    pub(crate) asked_at: Timestamp,
    /// What the ledger has of the place.
    pub(crate) previous: Option<&'a PlaceEntry>,
    /// Whether every page was read, every member was readable and every server has an ARN.
    pub(crate) is_complete: bool,
    /// Whether the sync that worked in the account before did not come to its end: nobody recorded
    /// which rows it wrote.
    pub(crate) is_first_after_a_crash: bool,
    /// Batches at once, and until when: while the account is claimed for certain.
    pub(crate) writing: Pace,
}

/// Whether the row says that this place lists its server.
pub(crate) fn is_held(row: &Item, place: &Place) -> bool {
    text(row, "listedIn") == place.to_string()
}
