//! Rows by their keys, one request at a time.

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::Table;
use crate::item::Item;

/// Keys of one `BatchGetItem`. Source: DynamoDB API reference.
pub const KEYS_PER_BATCH: usize = 100;

/// How rows are read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadAs<'a> {
    /// A projection expression; none for whole rows.
    pub attributes: Option<&'a str>,
    /// Whether the latest writes are included; costs twice as much.
    pub consistent: bool,
}

/// What one request gave.
#[derive(Debug, Clone)]
pub struct BatchRead {
    /// The rows that are there.
    pub rows: Vec<Item>,
    /// Keys that DynamoDB was too busy to read. Whether they are asked for again is the caller's
    /// patience.
    pub unread: Vec<Item>,
}

/// How often a reader asks for keys that DynamoDB left unread.
const ATTEMPTS: usize = 5;

/// Reads at most [`KEYS_PER_BATCH`] rows by their keys, and asks again for those that DynamoDB leaves
/// unread, a few times: for readers, who have little time.
///
/// # Errors
/// What DynamoDB answered, or that keys stay unread; half an answer is never returned.
pub async fn read_all(table: &Table, mut keys: Vec<Item>) -> Result<Vec<Item>, ServiceError> {
    let mut rows = Vec::new();
    for _ in 0..ATTEMPTS {
        let read = read_batch(table, keys, ReadAs::default()).await?;
        rows.extend(read.rows);
        if read.unread.is_empty() {
            return Ok(rows);
        }
        keys = read.unread;
    }
    let message = "DynamoDB leaves keys unread; try again".to_owned();
    Err(ServiceError::Unusable { code: "KeysUnread", message })
}

/// Reads at most [`KEYS_PER_BATCH`] rows by their keys. A row that is not there is absent.
///
/// # Errors
/// What DynamoDB answered.
pub async fn read_batch(
    table: &Table,
    keys: Vec<Item>,
    read_as: ReadAs<'_>,
) -> Result<BatchRead, ServiceError> {
    let keys = KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(read_as.consistent)
        .set_projection_expression(read_as.attributes.map(str::to_owned))
        .build()
        .map_err(|error| ServiceError::Unusable {
            code: "InvalidRequest",
            message: error.to_string(),
        })?;
    let read = table.client.batch_get_item().request_items(&table.name, keys);
    let answer = read.send().await.map_err(|error| service_error(&error))?;
    let rows = answer.responses.unwrap_or_default().remove(&table.name).unwrap_or_default();
    let unread = answer.unprocessed_keys.unwrap_or_default().remove(&table.name);
    Ok(BatchRead { rows, unread: unread.map(|unread| unread.keys).unwrap_or_default() })
}
