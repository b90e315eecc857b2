//! Step 5: the rows, into the inventory table.

use std::collections::HashMap;

use aws::{ServiceError, classify, service_error};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use model::Failure;
use store::rows::RowKey;
use store::tables::SourceServerInventoryTable;

use super::duplicates::merge_duplicates;
use super::listed_row::ListedRow;
use super::pace::{Deadline, Pace};
use super::patience::Patience;

/// Items of one `BatchWriteItem`. Source: DynamoDB API reference.
pub const ITEMS_PER_BATCH: usize = 25;

/// What became of the rows. `written + failed.len() + merged` is the number given.
#[derive(Debug, Default)]
pub struct WriteOutcome {
    /// Rows that are in the table.
    pub written: usize,
    /// Rows that are not, by name.
    pub failed: Vec<RowFailure>,
    /// Rows that gave way to another one with the same key.
    pub merged: usize,
}

/// A row that could not be stored. What the table held under its key before is still there.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFailure {
    /// The row's key. Its ARN is empty where DRS gives the server none.
    pub key: RowKey,
    /// The server's id in DRS, empty where DRS gives none.
    pub source_server_id: String,
    /// The account that listed the server.
    pub account_id: String,
    /// The region that listed the server.
    pub region: String,
    /// Why.
    pub failure: Failure,
}

impl RowFailure {
    /// What a person finds the server by: its key; without an ARN its id.
    pub fn name(&self) -> String {
        let RowKey { source_server_arn, staging_account_id } = &self.key;
        match (source_server_arn.as_str(), self.source_server_id.as_str()) {
            ("", "") => "(a server without an id)".to_owned(),
            ("", id) => id.to_owned(),
            (arn, _) => format!("{arn} {staging_account_id}"),
        }
    }
}

/// Writes `rows` in batches of 25, as many batches at once and as long as `pace` says, and counts
/// what was stored.
///
/// Rows with the same key are merged first. What DynamoDB throttles or leaves unprocessed is sent
/// again with backoff, until a limit; a row that it refuses costs itself and no other. A batch on
/// its way when the time ends is reported as not stored, though it may be.
pub async fn write_inventory_to_dynamodb(
    table: &SourceServerInventoryTable,
    rows: Vec<ListedRow>,
    pace: &Pace,
) -> WriteOutcome {
    let given = rows.len();
    let rows = merge_duplicates(rows);
    let merged = given - rows.len();
    let (kept_back, rows): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.kept_back.is_some());
    let mut failed: Vec<RowFailure> = kept_back
        .into_iter()
        .filter_map(|row| row.kept_back.clone().map(|failure| fail(row, failure)))
        .collect();

    let sendable = rows.len();
    let batches: Vec<Vec<ListedRow>> = into_batches(rows);
    let refused: Vec<Vec<RowFailure>> = stream::iter(batches)
        .map(|batch| write_batch(table, batch, pace.deadline))
        .buffer_unordered(pace.at_once)
        .collect()
        .await;
    let refused: Vec<RowFailure> = refused.into_iter().flatten().collect();
    let written = sendable - refused.len();
    failed.extend(refused);
    log_failures(&failed);
    WriteOutcome { written, failed, merged }
}

fn into_batches(rows: Vec<ListedRow>) -> Vec<Vec<ListedRow>> {
    let mut rows = rows.into_iter().peekable();
    let mut batches = Vec::new();
    while rows.peek().is_some() {
        batches.push(rows.by_ref().take(ITEMS_PER_BATCH).collect());
    }
    batches
}

/// Sends one batch until nothing of it is left undone. Returns the rows that are not stored.
fn write_batch(
    table: &SourceServerInventoryTable,
    rows: Vec<ListedRow>,
    ends: Deadline,
) -> BoxFuture<'_, Vec<RowFailure>> {
    async move {
        let mut open = rows;
        let mut patience = Patience::until(ends);
        loop {
            match patience.call(|| send(table, &open)).await {
                Ok(Ok(unprocessed)) => open.retain(|row| unprocessed.contains(&row.key())),
                Ok(Err(error)) if is_about_a_row(&error) => {
                    return isolate(table, open, &error, ends).await;
                }
                Ok(Err(error)) => return fail_all(open, &classify(&error)),
                Err(time_is_up) => return fail_all(open, &time_is_up),
            }
            if open.is_empty() {
                return Vec::new();
            }
            if !patience.wait().await {
                return fail_all(open, &unprocessed_failure());
            }
        }
    }
    .boxed()
}

/// A batch is refused whole for one bad row. Halving finds it, and stores the others.
async fn isolate(
    table: &SourceServerInventoryTable,
    mut rows: Vec<ListedRow>,
    error: &ServiceError,
    ends: Deadline,
) -> Vec<RowFailure> {
    if rows.len() == 1 {
        let mut failure = classify(error);
        failure.advice = "the row is refused as it is: look at the server's ARN, and at the size \
                          of its tags (a row holds 400 KB)"
            .to_owned();
        return fail_all(rows, &failure);
    }
    let second = rows.split_off(rows.len() / 2);
    let mut failed = write_batch(table, rows, ends).await;
    failed.extend(write_batch(table, second, ends).await);
    failed
}

/// The keys that DynamoDB left unprocessed.
async fn send(
    table: &SourceServerInventoryTable,
    rows: &[ListedRow],
) -> Result<Vec<RowKey>, ServiceError> {
    let requests = rows.iter().map(put).collect::<Result<Vec<_>, _>>()?;
    let answer = table
        .client
        .batch_write_item()
        .request_items(&table.name, requests)
        .send()
        .await
        .map_err(|error| service_error(&error))?;
    let unprocessed = answer.unprocessed_items.unwrap_or_default().remove(&table.name);
    let puts = unprocessed.unwrap_or_default().into_iter().filter_map(|write| write.put_request);
    Ok(puts.filter_map(|put| key_of(&put.item)).collect())
}

fn put(row: &ListedRow) -> Result<WriteRequest, ServiceError> {
    let item = row.row.to_item().map_err(|error| unusable(&error))?;
    let put =
        PutRequest::builder().set_item(Some(item)).build().map_err(|error| unusable(&error))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

fn unusable(error: &dyn std::error::Error) -> ServiceError {
    ServiceError::Unusable { code: "InvalidRequest", message: error.to_string() }
}

fn key_of(item: &HashMap<String, AttributeValue>) -> Option<RowKey> {
    let text = |name: &str| item.get(name)?.as_s().ok().cloned();
    Some(RowKey {
        source_server_arn: text("sourceServerArn")?,
        staging_account_id: text("stagingAccountId")?,
    })
}

fn is_about_a_row(error: &ServiceError) -> bool {
    matches!(
        error.code(),
        "ValidationException"
            | "SerializationException"
            | "ItemCollectionSizeLimitExceededException"
            | "HTTP 413"
    )
}

fn unprocessed_failure() -> Failure {
    classify(&ServiceError::Answered {
        http_status: 400,
        code: "ProvisionedThroughputExceededException".to_owned(),
        message: "the table left the row unprocessed, however often it was sent".to_owned(),
    })
}

fn fail_all(rows: Vec<ListedRow>, failure: &Failure) -> Vec<RowFailure> {
    rows.into_iter().map(|row| fail(row, failure.clone())).collect()
}

fn fail(row: ListedRow, failure: Failure) -> RowFailure {
    let key = row.key();
    let ListedRow { row, account_id, region, .. } = row;
    RowFailure { key, source_server_id: row.source_server_id, account_id, region, failure }
}

fn log_failures(failed: &[RowFailure]) {
    for row in failed {
        let RowFailure { account_id, region, failure, .. } = row;
        let (code, cause) = (&failure.code, &failure.message);
        tracing::warn!(
            row = row.name(),
            account = account_id,
            region,
            code,
            cause,
            "row not stored"
        );
    }
}
