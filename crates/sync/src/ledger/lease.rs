//! A right that one sync holds for a time: to work in an account, or to sync at all.
//!
//! A lease is an attribute of an entry of the ledger, and ends by itself. Whoever holds it makes it
//! longer while at work, so that a sync that was killed is in nobody's way for long.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use aws_smithy_async::time::SharedTimeSource;
use jiff::Timestamp;
use store::rows::ledger::entry_key;
use store::tables::{AccountRegionStatusTable, set_and_remove};
use store::{Item, string, text};
use tokio::time::{Instant, sleep};

use crate::time::{iso, now};

/// How long a lease lasts, from when it was taken or last made longer.
pub(crate) const LEASE: Duration = Duration::from_secs(120);
/// How often it is made longer.
const EXTEND_EVERY: Duration = Duration::from_secs(30);

/// Where a lease is, and what its attributes are called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeaseKind {
    /// Who holds it.
    pub(crate) owner: &'static str,
    /// Until when, ISO 8601.
    pub(crate) until: &'static str,
    /// Since when, ISO 8601.
    pub(crate) since: &'static str,
}

/// A lease that is held.
pub(crate) struct Lease {
    table: AccountRegionStatusTable,
    key: (String, String),
    kind: LeaseKind,
    owner: String,
    clock: SharedTimeSource,
    /// Whether the one who held it before did not give it back.
    abandoned: bool,
    /// Counted from before the request that took it was sent: by a clock that nobody sets, and by one
    /// that goes on while the machine sleeps.
    until: Mutex<(Instant, Timestamp)>,
}

/// Why a lease was not given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LeaseError {
    /// Somebody else holds it.
    #[error("held by {by} since {since}")]
    Held {
        /// Who.
        by: String,
        /// Since when, ISO 8601.
        since: String,
        /// Seconds until it ends by itself.
        seconds_left: i64,
    },
    /// The table does not answer.
    #[error(transparent)]
    Service(ServiceError),
}

impl Lease {
    /// Takes the lease of the entry `key` (account, region) where nobody holds it, or where it has
    /// ended.
    pub(crate) async fn take(
        table: &AccountRegionStatusTable,
        key: (&str, &str),
        kind: LeaseKind,
        (owner, clock): (&str, &SharedTimeSource),
    ) -> Result<Self, LeaseError> {
        let (at, started) = (now(clock), Instant::now());
        let mut lease = Self {
            table: table.clone(),
            key: (key.0.to_owned(), key.1.to_owned()),
            kind,
            owner: owner.to_owned(),
            clock: clock.clone(),
            abandoned: false,
            until: Mutex::new((started + LEASE, at + LEASE)),
        };
        let update = lease
            .update()
            .update_expression("SET #owner = :me, #until = :until, #since = :since")
            .condition_expression("attribute_not_exists(#until) OR #until <= :now OR #owner = :me")
            .expression_attribute_names("#until", kind.until)
            .expression_attribute_names("#since", kind.since)
            .expression_attribute_values(":until", string(&iso(at + LEASE)))
            .expression_attribute_values(":since", string(&iso(at)))
            .expression_attribute_values(":now", string(&iso(at)))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(answer) => {
                let before = answer.attributes.unwrap_or_default();
                let holder = text(&before, kind.owner);
                lease.abandoned = !holder.is_empty() && holder != owner;
                Ok(lease)
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(held)) => {
                    Err(held_by(held.item().unwrap_or(&Item::new()), kind, at))
                }
                _ => Err(LeaseError::Service(service_error(&error))),
            },
        }
    }

    /// Whether the one who held it before did not give it back: it was killed, or could not.
    pub(crate) fn was_abandoned(&self) -> bool {
        self.abandoned
    }

    /// How long it is still held for certain.
    pub(crate) fn left(&self) -> Duration {
        let (until, by_the_clock) = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = by_the_clock.duration_since(now(&self.clock));
        let left = Duration::try_from(left).unwrap_or_default();
        until.saturating_duration_since(Instant::now()).min(left)
    }

    /// Does `work`, and makes the lease longer meanwhile. Where that fails, the lease ends by
    /// itself, and [`left`](Self::left) tells.
    pub(crate) async fn keep<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            done = work => done,
            never = self.extend_for_ever() => never,
        }
    }

    async fn extend_for_ever<T>(&self) -> T {
        loop {
            sleep(EXTEND_EVERY).await;
            if let Err(error) = self.extend().await {
                let (account, region) = &self.key;
                let cause = error.to_string();
                tracing::warn!(account, region, cause, "cannot make the claim longer");
            }
        }
    }

    async fn extend(&self) -> Result<(), ServiceError> {
        let (at, started) = (now(&self.clock), Instant::now());
        let update = self
            .update()
            .update_expression("SET #until = :until")
            .condition_expression("#owner = :me")
            .expression_attribute_names("#until", self.kind.until)
            .expression_attribute_values(":until", string(&iso(at + LEASE)));
        update.send().await.map_err(|error| service_error(&error))?;
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = (started + LEASE, at + LEASE);
        Ok(())
    }

    /// Gives the lease back, and sets or removes the attributes of its entry in `changes`: one that
    /// has no value goes. Where somebody else holds the lease by now, nothing is changed.
    ///
    /// # Errors
    /// The table does not answer; the lease ends by itself.
    pub(crate) async fn release(
        &self,
        changes: Vec<(&'static str, Option<AttributeValue>)>,
    ) -> Result<(), ServiceError> {
        let ended = [self.kind.owner, self.kind.until, self.kind.since].map(|name| (name, None));
        let update = self.update().condition_expression("#owner = :me");
        let update = set_and_remove(update, changes.into_iter().chain(ended));
        match update.send().await.map_err(|error| service_error(&error)) {
            Err(error) if error.code() != "ConditionalCheckFailedException" => Err(error),
            _ => Ok(()),
        }
    }

    /// Ends the lease, and leaves it as that of a holder who never gave it back: whoever takes it next
    /// is told so.
    ///
    /// # Errors
    /// The table does not answer; the lease ends by itself.
    pub(crate) async fn leave_abandoned(&self) -> Result<(), ServiceError> {
        let update = self
            .update()
            .update_expression("SET #until = :now")
            .condition_expression("#owner = :me")
            .expression_attribute_names("#until", self.kind.until)
            .expression_attribute_values(":now", string(&iso(now(&self.clock))));
        update.send().await.map(|_| ()).map_err(|error| service_error(&error))
    }

    fn update(&self) -> UpdateItemFluentBuilder {
        self.table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(entry_key(&self.key.0, &self.key.1)))
            .expression_attribute_names("#owner", self.kind.owner)
            .expression_attribute_values(":me", string(&self.owner))
    }
}

fn held_by(entry: &Item, kind: LeaseKind, at: Timestamp) -> LeaseError {
    let until: Option<Timestamp> = text(entry, kind.until).parse().ok();
    LeaseError::Held {
        by: text(entry, kind.owner).to_owned(),
        since: text(entry, kind.since).to_owned(),
        seconds_left: until.map_or(0, |until| until.duration_since(at).as_secs().max(0)),
    }
}
