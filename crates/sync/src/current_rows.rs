//! Rows of the inventory as they stand, the latest writes included.

use std::collections::HashMap;

use aws::{ServiceError, classify, service_error};
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemOutput;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures::{StreamExt, TryStreamExt, stream};
use model::Failure;
use store::rows::RowKey;
use store::tables::SourceServerInventoryTable;
use store::{Item, text};

use super::pace::Pace;
use super::patience::Patience;

/// Keys of one `BatchGetItem`. Source: DynamoDB API reference.
const KEYS_PER_BATCH: usize = 100;

/// Reads the rows with these keys, as many batches at once and as long as `pace` says. A row that is
/// not there is absent.
///
/// # Errors
/// The table does not answer; half an answer is never returned.
pub(crate) async fn read_rows(
    table: &SourceServerInventoryTable,
    keys: Vec<RowKey>,
    attributes: Option<&str>,
    pace: &Pace,
) -> Result<HashMap<RowKey, Item>, Failure> {
    let batches: Vec<Vec<RowKey>> = keys.chunks(KEYS_PER_BATCH).map(<[RowKey]>::to_vec).collect();
    let read = stream::iter(batches).map(|batch| read_batch(table, batch, attributes, pace));
    let read: Vec<Vec<Item>> = read.buffer_unordered(pace.at_once).try_collect().await?;
    Ok(read.into_iter().flatten().map(|row| (key_of(&row), row)).collect())
}

async fn read_batch(
    table: &SourceServerInventoryTable,
    keys: Vec<RowKey>,
    attributes: Option<&str>,
    pace: &Pace,
) -> Result<Vec<Item>, Failure> {
    let mut rows = Vec::with_capacity(keys.len());
    let mut open: Vec<Item> = keys.into_iter().map(key_item).collect();
    let mut patience = Patience::until(pace.deadline);
    while !open.is_empty() {
        let keys = request(open, attributes)?;
        let answered = patience.call(|| send(table, keys.clone())).await?;
        let answer = answered.map_err(|error| classify(&error))?;
        rows.extend(answer.responses.unwrap_or_default().remove(&table.name).unwrap_or_default());
        let rest = answer.unprocessed_keys.unwrap_or_default().remove(&table.name);
        open = rest.map(|rest| rest.keys).unwrap_or_default();
        if !open.is_empty() && !patience.wait().await {
            return Err(throttled());
        }
    }
    Ok(rows)
}

async fn send(
    table: &SourceServerInventoryTable,
    keys: KeysAndAttributes,
) -> Result<BatchGetItemOutput, ServiceError> {
    let read = table.client.batch_get_item().request_items(&table.name, keys);
    read.send().await.map_err(|error| service_error(&error))
}

fn request(keys: Vec<Item>, attributes: Option<&str>) -> Result<KeysAndAttributes, Failure> {
    KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(true)
        .set_projection_expression(attributes.map(str::to_owned))
        .build()
        .map_err(|error| {
            let message = error.to_string();
            classify(&ServiceError::Unusable { code: "InvalidRequest", message })
        })
}

fn throttled() -> Failure {
    classify(&ServiceError::Answered {
        http_status: 400,
        code: "ProvisionedThroughputExceededException".to_owned(),
        message: "the table left keys unread, however often it was asked".to_owned(),
    })
}

/// The key as DynamoDB takes it.
pub(crate) fn key_item(key: RowKey) -> Item {
    Item::from([
        ("sourceServerArn".to_owned(), AttributeValue::S(key.source_server_arn)),
        ("stagingAccountId".to_owned(), AttributeValue::S(key.staging_account_id)),
    ])
}

fn key_of(row: &Item) -> RowKey {
    RowKey {
        source_server_arn: text(row, "sourceServerArn").to_owned(),
        staging_account_id: text(row, "stagingAccountId").to_owned(),
    }
}
