//! Step 7: what the sync did and what it could not do.

mod account;
mod entries;

use std::collections::{BTreeMap, BTreeSet};

use model::{Failure, FailureKind, Place, RegionStatus};
use serde::Serialize;

use super::enrich::Ec2Failure;
use super::persist::RowFailure;
use super::place_outcome::PlaceOutcome;
use super::retire::Retired;
use super::roll_up::{RegionRowFailure, Share};

pub use super::verdict_change::{MOST_VERDICT_CHANGES, VerdictChange};
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
    /// Rows that were written.
    pub servers_written: usize,
    /// Rows that say what stands in the table already, and were not written.
    pub servers_unchanged: usize,
    /// Rows of servers that DRS no longer lists, flagged.
    pub servers_missing: u64,
    /// Rows of servers that DRS no longer lists, removed.
    pub servers_removed: u64,
    /// Rows whose removal waits for an approval, by place, or by `installation`.
    pub removals_held: BTreeMap<String, u64>,
    /// Servers by verdict, `UNKNOWN` among them, as the places that were asked now stand.
    pub readiness: BTreeMap<String, u64>,
    /// The longest lag of a server, seconds; none where no server has one.
    #[serde(skip)]
    pub max_lag_seconds: Option<u64>,
    /// The first servers whose verdict changed, at most [`MOST_VERDICT_CHANGES`].
    #[serde(skip)]
    pub verdict_changes: Vec<VerdictChange>,
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
fn log_unread(outcome: &PlaceOutcome, failure: &Failure) {
    let Place { account_id, region } = &outcome.place;
    let (status, code, cause) = (failure.status.name(), &failure.code, &failure.message);
    tracing::warn!(account = account_id, region, status, code, cause, "cannot read known servers");
}

impl Report {
    /// Takes in what came of an account.
    pub fn add_account(&mut self, outcome: &AccountOutcome) {
        let account = &outcome.account_id;
        self.add_verdicts(outcome);
        for (place, failure) in &outcome.unrecorded {
            let region = place.as_ref().map(|place| place.region.clone());
            let row = place.as_ref().map_or_else(|| account.clone(), ToString::to_string);
            self.fail_row(format!("look at {row}"), account, region.as_ref(), failure);
        }
        for (place, failure) in &outcome.unsettled {
            let row = format!("missing rows of {place}");
            self.fail_row(row, account, Some(&place.region), failure);
        }
        if let Some(failure) = &outcome.not_entered {
            let reason = format!("{}: {}", failure.code, failure.message);
            self.accounts_skipped.push(SkippedAccount { account: account.clone(), reason });
            self.fail(FailureKind::Account, account, None, failure);
            return;
        }
        self.accounts_asked += 1;
        self.regions_asked += outcome.places.len();
        self.regions_skipped += outcome.regions_skipped;
        self.servers_found += outcome.servers_found;
        self.servers_enriched += outcome.servers_enriched;
        for place in &outcome.places {
            self.add_place(place);
        }
        for Ec2Failure { account_id, region, failure } in &outcome.ec2_failures {
            self.fail(FailureKind::Ec2, account_id, Some(region), failure);
        }
        self.servers_written += outcome.rows.written;
        self.servers_unchanged += outcome.rows.unchanged;
        self.servers_missing += outcome.servers_missing;
        self.servers_removed += outcome.servers_removed;
        let held = outcome.removals_held.iter();
        self.removals_held.extend(held.map(|(place, count)| (place.to_string(), *count)));
        self.add_row_failures(&outcome.rows.failed);
    }

    fn add_verdicts(&mut self, outcome: &AccountOutcome) {
        let written = outcome.entries.iter().map(Share::of);
        for share in written.chain(outcome.unread.iter().map(Share::unread)) {
            for (verdict, count) in share.counts_now().by_verdict().iter() {
                *self.readiness.entry(verdict.to_string()).or_default() += count;
            }
        }
        self.max_lag_seconds = self.max_lag_seconds.max(outcome.max_lag_seconds);
        let room = MOST_VERDICT_CHANGES.saturating_sub(self.verdict_changes.len());
        self.verdict_changes.extend(outcome.verdict_changes.iter().take(room).cloned());
    }

    fn add_place(&mut self, outcome: &PlaceOutcome) {
        let Place { account_id, region } = &outcome.place;
        self.servers_found += outcome.unreadable.len();
        self.servers_failed += outcome.unreadable.len();
        for failure in &outcome.unreadable {
            self.fail(FailureKind::Server, account_id, Some(region), failure);
        }
        match (outcome.hiding(), &outcome.result) {
            (Some(failure), _) => {
                if failure.status.is_not_in_use() {
                    log_unread(outcome, failure);
                }
                self.fail(FailureKind::Region, account_id, Some(region), failure);
            }
            (None, Err(failure)) => {
                *self.not_in_use.entry(failure.status.name()).or_default() += 1;
            }
            (None, Ok(_)) => {}
        }
    }

    /// Takes in rows of the inventory that could not be stored.
    pub fn add_row_failures(&mut self, failures: &[RowFailure]) {
        self.servers_failed += failures.len();
        for row in failures {
            let RowFailure { account_id, region, failure, .. } = row;
            self.fail_row(row.name(), account_id, Some(region), failure);
        }
    }

    /// Rows that say what DRS lists: written, or unchanged.
    pub fn servers_synced(&self) -> usize {
        self.servers_written + self.servers_unchanged
    }

    /// Takes in that no account is to be asked, though there were some before.
    pub(crate) fn add_no_accounts(&mut self, table: &str) {
        let failure = Failure {
            status: RegionStatus::Error,
            code: "NoAccounts".to_owned(),
            message: format!("the table {table} has no account, though accounts were asked before"),
            retryable: false,
            advice:
                "add the accounts again, or restore the table; nothing of what is known of them \
                     is removed meanwhile"
                    .to_owned(),
        };
        self.fail(FailureKind::Account, "", None, &failure);
    }

    /// Takes in what became of accounts that left the accounts table.
    pub(crate) fn add_retired(&mut self, retired: &Retired) {
        self.servers_missing += retired.missing;
        self.servers_removed += retired.removed;
    }

    /// The accounts and places of which the picture is not known, each once.
    pub(crate) fn not_known(&self) -> Vec<String> {
        let places = self.failed.iter().filter_map(|missing| match missing.kind {
            FailureKind::Account => Some(missing.account.clone()),
            FailureKind::Region | FailureKind::Server => {
                let region = missing.region.as_deref().unwrap_or_default();
                Some(Place::new(&missing.account, region).to_string())
            }
            FailureKind::Ec2 | FailureKind::Row => None,
        });
        places.collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// Takes in rows of the region status that could not be stored.
    pub fn add_region_row_failures(&mut self, failures: &[RegionRowFailure]) {
        for RegionRowFailure { region, failure } in failures {
            self.fail_row(format!("region status of {region}"), "", Some(region), failure);
        }
    }

    fn fail(&mut self, kind: FailureKind, account: &str, region: Option<&String>, f: &Failure) {
        self.failed.push(Missing::of(kind, account, region, f));
    }

    fn fail_row(&mut self, row: String, account: &str, region: Option<&String>, failure: &Failure) {
        let missing = Missing::of(FailureKind::Row, account, region, failure);
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
