//! Whether every source server is known that could name an instance of an account.

use std::collections::BTreeSet;

use crate::ledger::KnownPlaces;
use crate::report::AccountOutcome;

/// Regions that a doubt names.
const MOST_NAMED: usize = 3;

/// Why a source server may be there that nobody knows of; none where DRS was read in every region of
/// the account, and the inventory told what others list.
pub(super) fn doubt(
    known: &KnownPlaces,
    outcome: &AccountOutcome,
    others_are_known: bool,
    exclusions_are_known: bool,
) -> Option<String> {
    let mut unread: BTreeSet<&str> = BTreeSet::new();
    let mut asked: BTreeSet<&str> = BTreeSet::new();
    for place in &outcome.places {
        let region = place.place.region.as_str();
        asked.insert(region);
        if place.hiding().is_some() || !place.unreadable.is_empty() {
            unread.insert(region);
        }
    }
    let before = known.places.iter().filter(|(region, _)| !asked.contains(region.as_str()));
    let failing = before.filter(|(_, entry)| entry.failing_since.is_some());
    unread.extend(failing.map(|(region, _)| region.as_str()));
    if !unread.is_empty() {
        let named: Vec<&str> = unread.iter().copied().take(MOST_NAMED).collect();
        let more = unread.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        return Some(format!("DRS could not be read in {}{more}", named.join(", ")));
    }
    if !others_are_known {
        return Some("the servers that other accounts list are not known".to_owned());
    }
    (!exclusions_are_known).then(|| "the exclusions could not be read".to_owned())
}
