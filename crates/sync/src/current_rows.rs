//! Rows of the inventory as they stand, the latest writes included.

use std::collections::HashMap;

use aws::{ServiceError, classify};
use futures::{StreamExt, TryStreamExt, stream};
use model::Failure;
use store::rows::RowKey;
use store::tables::{KEYS_PER_BATCH, ReadAs, SourceServerInventoryTable, read_batch};
use store::{Item, string, text};

use super::pace::Pace;
use super::patience::Patience;

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
    let read = stream::iter(batches).map(|batch| read_until_all(table, batch, attributes, pace));
    let read: Vec<Vec<Item>> = read.buffer_unordered(pace.at_once).try_collect().await?;
    Ok(read.into_iter().flatten().map(|row| (key_of(&row), row)).collect())
}

async fn read_until_all(
    table: &SourceServerInventoryTable,
    keys: Vec<RowKey>,
    attributes: Option<&str>,
    pace: &Pace,
) -> Result<Vec<Item>, Failure> {
    let mut rows = Vec::with_capacity(keys.len());
    let mut open: Vec<Item> = keys.into_iter().map(key_item).collect();
    let mut patience = Patience::until(pace.deadline);
    let read_as = ReadAs { attributes, consistent: true };
    while !open.is_empty() {
        let read = patience.call(|| read_batch(table, open.clone(), read_as)).await?;
        let read = read.map_err(|error| classify(&error))?;
        rows.extend(read.rows);
        open = read.unread;
        if !open.is_empty() && !patience.wait().await {
            return Err(throttled());
        }
    }
    Ok(rows)
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
        ("sourceServerArn".to_owned(), string(&key.source_server_arn)),
        ("stagingAccountId".to_owned(), string(&key.staging_account_id)),
    ])
}

fn key_of(row: &Item) -> RowKey {
    RowKey {
        source_server_arn: text(row, "sourceServerArn").to_owned(),
        staging_account_id: text(row, "stagingAccountId").to_owned(),
    }
}
