//! What came of one account, gathered while its regions answer.

use model::lag::lag_seconds;
use model::{Ec2Knowledge, Failure, Place, SourceServer};
use store::rows::ledger::PlaceEntry;

use crate::enrich::Ec2Failure;
use crate::listed_server::ListedServer;
use crate::persist::WriteOutcome;
use crate::place_outcome::PlaceOutcome;
use crate::record::Settled;
use crate::verdict_change::VerdictChange;

/// What came of one account.
#[derive(Debug, Default)]
pub struct AccountOutcome {
    /// Its id.
    pub account_id: String,
    /// Why it could not be entered. Everything else is empty then.
    pub not_entered: Option<Failure>,
    /// Each region asked.
    pub places: Vec<PlaceOutcome>,
    /// Regions that are not due.
    pub regions_skipped: usize,
    /// Servers that DRS listed and that can be read.
    pub servers_found: usize,
    /// Servers of whose instance EC2 told in this sync.
    pub servers_enriched: usize,
    /// EC2 groups that could not be asked.
    pub ec2_failures: Vec<Ec2Failure>,
    /// What became of the rows.
    pub rows: WriteOutcome,
    /// Rows of servers that DRS no longer lists, still in the table.
    pub servers_missing: u64,
    /// Rows that left the table.
    pub servers_removed: u64,
    /// Places whose removals wait for an approval, and how many rows each has.
    pub removals_held: Vec<(Place, u64)>,
    /// The entries of the ledger that were written.
    pub entries: Vec<PlaceEntry>,
    /// The entries of places with servers that were not asked, and whether what they say still holds.
    pub unread: Vec<(PlaceEntry, bool)>,
    /// The longest lag of its servers, seconds; none where no server has one.
    pub max_lag_seconds: Option<u64>,
    /// Servers whose verdict is another one than before.
    pub verdict_changes: Vec<VerdictChange>,
    /// Entries that could not be written: of a place, or of the account itself.
    pub unrecorded: Vec<(Option<Place>, Failure)>,
    /// What is kept of the servers until the end of the account.
    pub(crate) listed: Vec<ListedServer>,
    /// Places with rows that could not be flagged or removed.
    pub unsettled: Vec<(Place, Failure)>,
}

/// How many servers an account has.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    servers: usize,
    enriched: usize,
    max_lag_seconds: Option<u64>,
}

impl Found {
    /// Counts `servers`, and those of whose instance EC2 told.
    pub fn of(servers: &[SourceServer]) -> Self {
        let enriched = |server: &&SourceServer| matches!(server.ec2, Ec2Knowledge::Current(_));
        let enriched = servers.iter().filter(enriched).count();
        let lags = servers.iter().filter_map(|server| lag_seconds(&server.lag_duration));
        Self { servers: servers.len(), enriched, max_lag_seconds: lags.max() }
    }
}

impl AccountOutcome {
    /// An account that could not be entered.
    pub fn not_entered(account_id: &str, failure: Failure) -> Self {
        let (account_id, not_entered) = (account_id.to_owned(), Some(failure));
        Self { account_id, not_entered, ..Self::default() }
    }

    /// An account whose regions are asked; nothing came of it yet.
    pub fn entered(account_id: &str, regions_skipped: usize) -> Self {
        let account_id = account_id.to_owned();
        Self { account_id, regions_skipped, ..Self::default() }
    }

    /// Regions whose answer is missing.
    pub(crate) fn regions_failed(&self) -> usize {
        self.places.iter().filter(|place| place.hiding().is_some()).count()
    }

    /// Takes in what came of a place.
    pub(crate) fn add_place(&mut self, settled: Settled) {
        let Settled { outcome, entry, absence, unread: _ } = settled;
        self.servers_missing += absence.missing;
        self.servers_removed += absence.removed;
        self.verdict_changes.extend(absence.verdict_changes);
        let place = &outcome.place;
        self.removals_held.extend(absence.held.map(|held| (place.clone(), held.count)));
        self.unsettled.extend(absence.failure.map(|failure| (place.clone(), failure)));
        match entry {
            Some(Ok(entry)) => self.entries.push(entry),
            Some(Err(failure)) => self.unrecorded.push((Some(place.clone()), failure)),
            None => {}
        }
        self.places.push(outcome);
    }

    /// Takes in servers, and the EC2 groups of theirs that could not be asked.
    pub fn add_servers(&mut self, found: Found, failures: Vec<Ec2Failure>) {
        self.servers_found += found.servers;
        self.servers_enriched += found.enriched;
        self.max_lag_seconds = self.max_lag_seconds.max(found.max_lag_seconds);
        self.ec2_failures.extend(failures);
    }

    /// Takes in what became of rows.
    pub fn add_rows(&mut self, mut rows: WriteOutcome) {
        self.verdict_changes.append(&mut rows.verdict_changes);
        self.rows = std::mem::take(&mut self.rows).and(rows);
    }
}
