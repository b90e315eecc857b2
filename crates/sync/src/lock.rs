//! One sync at a time, where several could be started: a row of the region-status table.
//!
//! Two syncs at once would lose nothing, but ask AWS for everything twice. The row is there only
//! while a sync runs; whoever reads region status leaves it out
//! ([`is_region`](super::region_status::is_region)).

use std::collections::HashMap;
use std::time::Duration;

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;
use store::tables::DrsRegionStatusTable;

/// The lock's key. No region is called that.
pub const LOCK_KEY: &str = "#sync-lock";

/// The right to sync, until its lease ends.
#[derive(Debug)]
pub struct SyncLock {
    table: DrsRegionStatusTable,
    owner: String,
}

/// Why the right was not given.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// A sync runs.
    #[error("a sync is running since {since}; it ends within {seconds_left} s at the latest")]
    Busy {
        /// ISO 8601.
        since: String,
        /// Until the lease of the other sync ends.
        seconds_left: i64,
    },
    /// The table does not answer.
    #[error("cannot lock the sync in the table {table}: {source}")]
    Service {
        /// The table's name.
        table: String,
        /// DynamoDB's answer.
        source: ServiceError,
    },
}

/// Takes the lock for at most `lease`. `owner` tells one sync from another.
///
/// # Errors
/// [`LockError::Busy`] while another sync holds it.
pub async fn lock_sync(
    table: &DrsRegionStatusTable,
    owner: &str,
    now: Timestamp,
    lease: Duration,
) -> Result<SyncLock, LockError> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: i64| AttributeValue::N(number.to_string());
    let lease = i64::try_from(lease.as_secs()).unwrap_or(i64::MAX);
    let expires_at = now.as_second().saturating_add(lease);
    let put = table
        .client
        .put_item()
        .table_name(&table.name)
        .item("region", text(LOCK_KEY))
        .item("owner", text(owner))
        .item("since", text(&now.to_string()))
        .item("expiresAt", number(expires_at))
        .item("TTL", number(expires_at))
        .condition_expression("attribute_not_exists(#key) OR expiresAt <= :now")
        .expression_attribute_names("#key", "region")
        .expression_attribute_values(":now", number(now.as_second()))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    match put.send().await {
        Ok(_) => Ok(SyncLock { table: table.clone(), owner: owner.to_owned() }),
        Err(error) => match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(held)) => {
                Err(busy(held.item().unwrap_or(&HashMap::new()), now))
            }
            _ => {
                Err(LockError::Service { table: table.name.clone(), source: service_error(&error) })
            }
        },
    }
}

fn busy(held: &HashMap<String, AttributeValue>, now: Timestamp) -> LockError {
    let since = held.get("since").and_then(|since| since.as_s().ok()).cloned().unwrap_or_default();
    let expires_at = held.get("expiresAt").and_then(|at| at.as_n().ok()?.parse().ok());
    let seconds_left = expires_at.map_or(0, |at: i64| at.saturating_sub(now.as_second()));
    LockError::Busy { since, seconds_left }
}

impl SyncLock {
    /// Gives the lock back. Where the table does not answer, its lease ends by itself.
    pub async fn release(self) {
        let delete = self
            .table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .key("region", AttributeValue::S(LOCK_KEY.to_owned()))
            .condition_expression("#owner = :me")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":me", AttributeValue::S(self.owner));
        if let Err(error) = delete.send().await {
            let cause = service_error(&error).to_string();
            tracing::warn!(cause, "the lock of the sync stays until its lease ends");
        }
    }
}
