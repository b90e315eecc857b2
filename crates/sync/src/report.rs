//! Step 7: what the sync did and what it could not do, and the response that says so.

use std::collections::BTreeMap;

use model::{Ec2Knowledge, Failure, FailureKind, SourceServer};
use serde::Serialize;

use super::drs::RegionAnswer;
use super::enrich::Ec2Failure;
use super::persist::{RowFailure, WriteOutcome};
use super::region_status::{Attempts, RegionOutcome, RegionRowFailure, is_incomplete};

/// One thing that is missing from the picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// What the entry is about.
    pub kind: FailureKind,
    /// The account.
    pub account: String,
    /// The region, where the entry is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The row's key, or the id of a server without an ARN, where the entry is about a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// The class of the failure.
    pub status: &'static str,
    /// The service's code.
    pub code: String,
    /// The service's text.
    pub message: String,
    /// Whether the next sync can succeed with nothing changed.
    pub retryable: bool,
    /// What to do.
    pub what_to_do: String,
}

/// An account that was not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedAccount {
    /// Its id.
    pub account: String,
    /// Why.
    pub reason: String,
}

/// What came of one account.
#[derive(Debug, Default)]
pub struct AccountOutcome {
    /// Its id.
    pub account_id: String,
    /// Why it could not be entered. Everything else is empty then.
    pub not_entered: Option<Failure>,
    /// Whether it was begun before the sync's deadline.
    pub tried: bool,
    /// Each region asked, and whether the table knew servers of the account there before.
    pub regions: Vec<(RegionOutcome, bool)>,
    /// Regions that are not due.
    pub regions_skipped: usize,
    /// Servers that DRS listed, those that cannot be read among them.
    pub servers_found: usize,
    /// Region and cause of each server that cannot be read.
    pub unreadable: Vec<(String, Failure)>,
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

    /// Takes in the servers that cannot be read.
    pub fn add_unreadable(&mut self, answers: &[RegionAnswer]) {
        for RegionAnswer { region, result } in answers {
            let unreadable = result.iter().flat_map(|listing| &listing.unreadable);
            let named = unreadable.map(|failure| (region.clone(), failure.clone()));
            let before = self.unreadable.len();
            self.unreadable.extend(named);
            self.servers_found += self.unreadable.len() - before;
        }
    }

    /// Notes for the next sync, in the one that started at `now`, whether the account was entered.
    pub(super) fn note_attempt(&self, attempts: &mut Attempts, now: &str) {
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

/// The whole sync.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `refactored`.
    pub implementation: &'static str,
    /// False where anything is in `failed`.
    pub complete: bool,
    /// Milliseconds.
    pub duration_ms: u64,
    /// Accounts that were entered.
    pub accounts_asked: usize,
    /// Accounts that were not.
    pub accounts_skipped: Vec<SkippedAccount>,
    /// Pairs of account and region that were asked.
    pub regions_asked: usize,
    /// Pairs of account and region that were asked not long ago and had no servers.
    pub regions_skipped: usize,
    /// Servers that DRS listed.
    pub servers_found: usize,
    /// Servers of whose instance EC2 told in this sync.
    pub servers_enriched: usize,
    /// Rows in the table.
    pub servers_written: usize,
    /// Servers that could not be read, and rows that could not be stored.
    pub servers_failed: usize,
    /// Pairs of account and region that are not in use, by status.
    pub not_in_use: BTreeMap<&'static str, usize>,
    /// What is missing from the picture, by name.
    pub failed: Vec<Missing>,
    /// When the sync started, ISO 8601: the time that its rows carry.
    #[serde(skip)]
    pub timestamp: String,
}

/// Whoever asks the region does not know of the servers, and takes it for one that is not in use.
fn log_unread(outcome: &RegionOutcome, failure: &Failure) {
    let RegionOutcome { account_id, region, .. } = outcome;
    let (status, code, cause) = (failure.status.name(), &failure.code, &failure.message);
    tracing::warn!(account = account_id, region, status, code, cause, "cannot read known servers");
}

impl Report {
    /// Takes in what came of an account.
    pub fn add_account(&mut self, outcome: &AccountOutcome) {
        let account = &outcome.account_id;
        if let Some(failure) = &outcome.not_entered {
            let reason = format!("{}: {}", failure.code, failure.message);
            self.accounts_skipped.push(SkippedAccount { account: account.clone(), reason });
            self.fail(FailureKind::Account, account, None, failure);
            return;
        }
        self.accounts_asked += 1;
        self.regions_asked += outcome.regions.len();
        self.regions_skipped += outcome.regions_skipped;
        self.servers_found += outcome.servers_found;
        self.servers_enriched += outcome.servers_enriched;
        for (region, servers_known) in &outcome.regions {
            self.add_region(region, *servers_known);
        }
        self.servers_failed += outcome.unreadable.len();
        for (region, failure) in &outcome.unreadable {
            self.fail(FailureKind::Server, account, Some(region), failure);
        }
        for Ec2Failure { account_id, region, failure } in &outcome.ec2_failures {
            self.fail(FailureKind::Ec2, account_id, Some(region), failure);
        }
        self.servers_written += outcome.rows.written;
        self.add_row_failures(&outcome.rows.failed);
    }

    fn add_region(&mut self, outcome: &RegionOutcome, servers_known: bool) {
        let Err(failure) = &outcome.result else { return };
        if failure.status.is_not_in_use() {
            *self.not_in_use.entry(failure.status.name()).or_default() += 1;
        }
        if is_incomplete(failure.status, servers_known) {
            if failure.status.is_not_in_use() {
                log_unread(outcome, failure);
            }
            self.fail(FailureKind::Region, &outcome.account_id, Some(&outcome.region), failure);
        }
    }

    /// Takes in rows of the inventory that could not be stored.
    pub fn add_row_failures(&mut self, failures: &[RowFailure]) {
        self.servers_failed += failures.len();
        for row in failures {
            self.fail(FailureKind::Row, &row.account_id, Some(&row.region), &row.failure);
            if let Some(missing) = self.failed.last_mut() {
                missing.row = Some(row.name());
            }
        }
    }

    /// Takes in rows of the region status that could not be stored.
    pub fn add_region_row_failures(&mut self, failures: &[RegionRowFailure]) {
        for RegionRowFailure { region, failure } in failures {
            self.fail(FailureKind::Row, "", Some(region), failure);
            if let Some(missing) = self.failed.last_mut() {
                missing.row = Some(format!("region status of {region}"));
            }
        }
    }

    fn fail(&mut self, kind: FailureKind, account: &str, region: Option<&String>, f: &Failure) {
        self.failed.push(Missing {
            kind,
            account: account.to_owned(),
            region: region.cloned(),
            row: None,
            status: f.status.name(),
            code: f.code.clone(),
            message: f.message.clone(),
            retryable: f.retryable,
            what_to_do: f.advice.clone(),
        });
    }

    /// Puts what came in any order in one order, and says whether anything is missing.
    pub fn finish(&mut self, timestamp: String, duration: std::time::Duration) {
        self.timestamp = timestamp;
        self.implementation = "refactored";
        self.duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.accounts_skipped.sort_by(|a, b| a.account.cmp(&b.account));
        self.failed.sort_by(|a, b| {
            let key = |missing: &Missing| {
                (missing.account.clone(), missing.kind, missing.region.clone(), missing.row.clone())
            };
            key(a).cmp(&key(b))
        });
        // Several accounts may have servers of one origin: its EC2 is missing once.
        self.failed.dedup_by(|next, kept| {
            next.kind == FailureKind::Ec2
                && (next.kind, &next.account, &next.region)
                    == (kept.kind, &kept.account, &kept.region)
        });
        self.complete = self.failed.is_empty();
    }
}
