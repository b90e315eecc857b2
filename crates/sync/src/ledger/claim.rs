//! One sync at a time works in an account, so that an older answer never replaces a newer one.

use std::time::Duration;

use aws::classify;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_async::time::SharedTimeSource;
use model::{Failure, RegionStatus};
use store::rows::ledger::{ACCOUNT_ENTRY, AccountEntry, LONGEST_MESSAGE};
use store::tables::AccountRegionStatusTable;
use tokio::time::{Instant, sleep};

use super::lease::{Lease, LeaseError, LeaseKind};
use super::look::cut;
use crate::pace::Deadline;

/// At most so long between two attempts.
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(2);

/// The code of a failure to claim an account in which another sync works.
pub const ACCOUNT_BUSY: &str = "AccountBusy";

const CLAIM: LeaseKind =
    LeaseKind { owner: "claimedBy", until: "claimedUntil", since: "claimedSince" };

/// How entering an account went.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entered<'a> {
    /// It was entered, and so many of its regions could not be read.
    Yes {
        /// Of those asked.
        regions_failed: usize,
    },
    /// It could not be entered.
    No(&'a Failure),
    /// Some of its regions were asked, or were to be: that says nothing of the account.
    InPart,
}

/// Claims an account for the sync `owner`; waits for another one that has it, as long as `patience`.
///
/// # Errors
/// `AccountBusy` where the other one is not done by then; the ledger does not answer.
pub(crate) async fn claim_account(
    table: &AccountRegionStatusTable,
    account_id: &str,
    (owner, clock): (&str, &SharedTimeSource),
    (ends, patience): (Deadline, Duration),
) -> Result<Lease, Failure> {
    let started = Instant::now();
    loop {
        let taken = Lease::take(table, (account_id, ACCOUNT_ENTRY), CLAIM, (owner, clock));
        match ends.within(taken).await? {
            Ok(claim) => return Ok(claim),
            Err(LeaseError::Service(error)) => return Err(classify(&error)),
            Err(LeaseError::Held { by, since, .. }) => {
                let wait = BETWEEN_ATTEMPTS.mul_f64(0.5 + fastrand::f64() / 2.0);
                if started.elapsed() + wait > patience {
                    return Err(busy(&by, &since));
                }
                ends.within(sleep(wait)).await?;
            }
        }
    }
}

/// Releases an account, and records how entering it went in the sync that asked at `asked_at`.
///
/// # Errors
/// The ledger does not answer: the claim ends by itself, and the record stays as it was.
pub(crate) async fn release_account(
    claim: &Lease,
    previous: Option<&AccountEntry>,
    entered: Entered<'_>,
    asked_at: &str,
) -> Result<(), Failure> {
    let text = |text: &str| Some(AttributeValue::S(text.to_owned()));
    let changes = match entered {
        Entered::InPart if claim.was_abandoned() => {
            // The next sync of the whole account reads what the one before left half done.
            return claim.leave_abandoned().await.map_err(|error| classify(&error));
        }
        Entered::InPart => Vec::new(),
        Entered::Yes { regions_failed } => vec![
            ("lastChecked", text(asked_at)),
            ("lastSuccess", text(asked_at)),
            ("regionsFailed", Some(AttributeValue::N(regions_failed.to_string()))),
            ("failingSince", None),
            ("errorCode", None),
            ("errorMessage", None),
            ("trouble", None),
            ("leftSince", None),
        ],
        Entered::No(failure) => {
            let since = previous.and_then(|entry| entry.failing_since.as_deref());
            let was_read = previous.is_some_and(|entry| entry.last_success.is_some());
            let trouble = if was_read { "FAILED" } else { "NEVER_READ" };
            let message = cut(&failure.message, LONGEST_MESSAGE);
            vec![
                ("lastChecked", text(asked_at)),
                ("failingSince", text(since.unwrap_or(asked_at))),
                ("errorCode", text(&failure.code)),
                ("errorMessage", text(&message)),
                ("trouble", text(trouble)),
                ("leftSince", None),
            ]
        }
    };
    claim.release(changes).await.map_err(|error| classify(&error))
}

fn busy(by: &str, since: &str) -> Failure {
    Failure {
        status: RegionStatus::Error,
        code: ACCOUNT_BUSY.to_owned(),
        message: format!("another sync ({by}) has been at work in the account since {since}"),
        retryable: true,
        advice: "nothing, where the other sync ends well: its answers are in the inventory; else \
                 sync again in two minutes"
            .to_owned(),
    }
}
