//! Word that something happened in an account and region: it is read at once, and nothing else.
//!
//! Words are cheap: many may come of one outage, twice, late, or of a place that is none of this
//! installation's. So a place is left alone unless it is known, nobody is at work there, and it was not
//! read just before.

use std::time::Duration;

use inventory::Outcome;
use jiff::{SignedDuration, Timestamp};
use model::Place;
use model::region::is_asked;
use serde_json::{Value, json};
use store::tables::get_account_region_status_table;
use sync::ledger::{ACCOUNT_BUSY, KnownPlaces, read_places};
use sync::time::age;
use sync::{InventorySync, Report, SyncRequest};

use super::Queries;
use super::syncing::{Call, request_of, summarize};
use crate::failure::Failure;

/// A place that was read so long ago is not read again because of one more word.
const READ_JUST_NOW: SignedDuration = SignedDuration::from_mins(1);

/// What came of the word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noticed {
    /// The place was read.
    Synced {
        /// Rows stored or unchanged.
        total_synced: usize,
        /// Everything incomplete.
        total_errors: usize,
    },
    /// It was not, for this reason. That is no failure: the schedule reads it.
    LeftAlone(&'static str),
}

impl Noticed {
    /// As it is answered.
    pub fn to_json(&self, place: &Place) -> Value {
        let Place { account_id, region } = place;
        match self {
            Self::Synced { total_synced, total_errors } => json!({
                "outcome": "synced", "accountId": account_id, "region": region,
                "totalSynced": total_synced, "totalErrors": total_errors,
            }),
            Self::LeftAlone(reason) => json!({
                "outcome": "skipped", "accountId": account_id, "region": region, "reason": reason,
            }),
        }
    }
}

impl Queries {
    /// Reads one account and region now, unless there is a reason to leave it to the schedule.
    ///
    /// # Errors
    /// Accounts or ledger cannot be read, or the sync could not be done at all.
    pub async fn notice(&self, place: &Place, call: &dyn Call) -> Result<Noticed, Failure> {
        if let Err(failure) = self.must_be_refactored() {
            tracing::info!(reason = failure.message, "left to the schedule");
            return Ok(Noticed::LeftAlone("the legacy sync reads no single place"));
        }
        let sync = self.sync.as_ref().map_err(|error| Failure::from(error.clone()))?;
        if let Some(reason) = self.reason_to_leave_alone(sync, place).await? {
            return Ok(Noticed::LeftAlone(reason));
        }
        let request = SyncRequest {
            accounts: vec![place.account_id.clone()],
            regions: Some(vec![place.region.clone()]),
            // The overview is to tell it, too.
            rolls_up: true,
            waits_for_others: Duration::ZERO,
            ..request_of(call)
        };
        // Boxed, since every operation has its place in the future of any.
        let synced = Box::pin(self.run(request)).await?;
        if let Ok(Outcome::Refactored(report)) = &synced.result
            && is_busy(report)
        {
            return Ok(Noticed::LeftAlone(AT_WORK));
        }
        call.synced(synced.scope, &synced.result, synced.took, &self.environment);
        let outcome = synced.result?;
        summarize(&outcome);
        Ok(match outcome {
            Outcome::Refactored(report) => Noticed::Synced {
                total_synced: report.servers_synced(),
                total_errors: report.failed.len(),
            },
            Outcome::Legacy(_) => Noticed::LeftAlone("the legacy sync reads no single place"),
        })
    }

    async fn reason_to_leave_alone(
        &self,
        sync: &InventorySync,
        place: &Place,
    ) -> Result<Option<&'static str>, Failure> {
        let known = sync.knows_account(&place.account_id).await;
        if !known.map_err(inventory::outcome::OutcomeError::from)? {
            return Ok(Some("the account is neither a target nor a staging account"));
        }
        let ledger = get_account_region_status_table(&self.store)?;
        let entries = read_places(&ledger, &place.account_id).await?;
        if !is_asked(sync.settings.regions.as_deref(), &place.region)
            && !entries.places.contains_key(&place.region)
        {
            return Ok(Some("the region is none that the sync asks"));
        }
        Ok(left_to_others(&entries, &place.region, sync::time::now(&sync.clock)))
    }
}

const AT_WORK: &str = "another sync is at work in the account";

fn left_to_others(entries: &KnownPlaces, region: &str, now: Timestamp) -> Option<&'static str> {
    let claimed_until = entries.account.as_ref().and_then(|it| it.claimed_until.as_deref());
    if age(claimed_until, now).is_some_and(|age| age.is_negative()) {
        return Some(AT_WORK);
    }
    let last_checked = entries.places.get(region).and_then(|it| it.last_checked.as_deref());
    let is_just_now = |age: SignedDuration| age.abs() < READ_JUST_NOW;
    age(last_checked, now)
        .is_some_and(is_just_now)
        .then_some("the account and region was read less than a minute ago")
}

/// Another sync claimed the account in the meantime.
fn is_busy(report: &Report) -> bool {
    report.accounts_asked == 0 && report.failed.iter().any(|it| it.code == ACCOUNT_BUSY)
}
