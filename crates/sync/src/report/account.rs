//! What came of one account, gathered while its regions answer.

use model::{Ec2Knowledge, Failure, SourceServer};

use crate::enrich::Ec2Failure;
use crate::persist::WriteOutcome;
use crate::region_status::{Attempts, RegionOutcome};

/// What came of one account.
#[derive(Debug, Default)]
pub struct AccountOutcome {
    /// Its id.
    pub account_id: String,
    /// Why it could not be entered. Everything else is empty then.
    pub not_entered: Option<Failure>,
    /// Whether it was begun before the sync's deadline.
    pub tried: bool,
    /// Each region asked.
    pub regions: Vec<RegionOutcome>,
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
}

/// How many servers an account has.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    servers: usize,
    enriched: usize,
}

impl Found {
    /// Counts `servers`, and those of whose instance EC2 told.
    pub fn of(servers: &[SourceServer]) -> Self {
        let enriched = |server: &&SourceServer| matches!(server.ec2, Ec2Knowledge::Current(_));
        let enriched = servers.iter().filter(enriched).count();
        Self { servers: servers.len(), enriched }
    }
}

impl AccountOutcome {
    /// An account that could not be entered.
    pub fn not_entered(account_id: &str, failure: Failure, tried: bool) -> Self {
        let (account_id, not_entered) = (account_id.to_owned(), Some(failure));
        Self { account_id, not_entered, tried, ..Self::default() }
    }

    /// An account whose regions are asked; nothing came of it yet.
    pub fn entered(account_id: &str, regions_skipped: usize) -> Self {
        let account_id = account_id.to_owned();
        Self { account_id, tried: true, regions_skipped, ..Self::default() }
    }

    /// Notes for the next sync, in the one that started at `now`, whether the account was entered.
    pub(crate) fn note_attempt(&self, attempts: &mut Attempts, now: &str) {
        match (&self.not_entered, self.tried) {
            (None, _) => attempts.entered(&self.account_id),
            (Some(_), true) => attempts.tried_in_vain(&self.account_id, now),
            (Some(_), false) => {}
        }
    }

    /// Takes in servers, and the EC2 groups of theirs that could not be asked.
    pub fn add_servers(&mut self, found: Found, failures: Vec<Ec2Failure>) {
        self.servers_found += found.servers;
        self.servers_enriched += found.enriched;
        self.ec2_failures.extend(failures);
    }

    /// Takes in what became of rows.
    pub fn add_rows(&mut self, rows: WriteOutcome) {
        self.rows.written += rows.written;
        self.rows.merged += rows.merged;
        self.rows.failed.extend(rows.failed);
    }
}
