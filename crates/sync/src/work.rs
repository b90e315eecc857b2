//! What the work in one account rests on.

use aws::AccountSession;
use store::rows::ledger::PlaceEntry;

use super::ec2_listing::Ec2Listings;
use super::enrich::Enrichment;
use super::ledger::KnownPlaces;
use super::ledger::lease::Lease;
use super::run::Run;

/// What the work in one account rests on.
pub(super) struct Work<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) claim: &'a Lease,
    /// What the ledger has of the account; none where it could not be read.
    pub(super) known: Option<&'a KnownPlaces>,
    pub(super) session: &'a AccountSession,
    /// The account's place in the accounts table.
    pub(super) position: usize,
    /// The account's instances; none where nothing unprotected is looked for.
    pub(super) listings: Option<Ec2Listings>,
}

impl Work<'_> {
    pub(super) fn enrichment(&self) -> Enrichment<'_> {
        Enrichment { listings: self.listings.as_ref(), ..self.run.enrichment() }
    }

    pub(super) fn previous(&self, region: &str) -> Option<&PlaceEntry> {
        self.known.and_then(|known| known.places.get(region))
    }
}
