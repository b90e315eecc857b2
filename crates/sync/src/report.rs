//! Step 7: what the sync did and what it could not do.

mod account;
mod entries;

use std::collections::BTreeMap;

use model::{Failure, FailureKind};
use serde::Serialize;

use super::enrich::Ec2Failure;
use super::persist::RowFailure;
use super::region_status::{RegionOutcome, RegionRowFailure};

pub use account::{AccountOutcome, Found};
pub use entries::{Missing, SkippedAccount};

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
        for region in &outcome.regions {
            self.add_region(region);
        }
        for Ec2Failure { account_id, region, failure } in &outcome.ec2_failures {
            self.fail(FailureKind::Ec2, account_id, Some(region), failure);
        }
        self.servers_written += outcome.rows.written;
        self.add_row_failures(&outcome.rows.failed);
    }

    fn add_region(&mut self, outcome: &RegionOutcome) {
        let RegionOutcome { account_id, region, .. } = outcome;
        self.servers_found += outcome.unreadable.len();
        self.servers_failed += outcome.unreadable.len();
        for failure in &outcome.unreadable {
            self.fail(FailureKind::Server, account_id, Some(region), failure);
        }
        let unused = outcome.result.as_ref().err().filter(|it| it.status.is_not_in_use());
        if let Some(failure) = unused {
            *self.not_in_use.entry(failure.status.name()).or_default() += 1;
        }
        if let Some(failure) = outcome.hiding() {
            if unused.is_some() {
                log_unread(outcome, failure);
            }
            self.fail(FailureKind::Region, account_id, Some(region), failure);
        }
    }

    /// Takes in rows of the inventory that could not be stored.
    pub fn add_row_failures(&mut self, failures: &[RowFailure]) {
        self.servers_failed += failures.len();
        for row in failures {
            let RowFailure { account_id, region, failure, .. } = row;
            self.fail_row(row.name(), account_id, region, failure);
        }
    }

    /// Takes in rows of the region status that could not be stored.
    pub fn add_region_row_failures(&mut self, failures: &[RegionRowFailure]) {
        for RegionRowFailure { region, failure } in failures {
            self.fail_row(format!("region status of {region}"), "", region, failure);
        }
    }

    fn fail(&mut self, kind: FailureKind, account: &str, region: Option<&String>, f: &Failure) {
        self.failed.push(Missing::of(kind, account, region, f));
    }

    fn fail_row(&mut self, row: String, account: &str, region: &String, failure: &Failure) {
        let missing = Missing::of(FailureKind::Row, account, Some(region), failure);
        self.failed.push(Missing { row: Some(row), ..missing });
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
