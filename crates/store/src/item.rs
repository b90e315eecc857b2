//! A row by its key, and all rows of a table.

use std::collections::HashMap;

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::types::AttributeValue;

use crate::tables::{Table, scan_every_item};

/// A row as DynamoDB holds it.
pub type Item = HashMap<String, AttributeValue>;

/// A table could not be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot read the table {table}: {source}")]
pub struct QueryError {
    /// The table's name.
    pub table: String,
    /// DynamoDB's answer.
    pub source: ServiceError,
}

/// The row of a table without a sort key, by its key.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn get(table: &Table, key: &str, value: &str) -> Result<Option<Item>, QueryError> {
    let get = table.client.get_item().table_name(&table.name).consistent_read(true);
    let get = get.key(key, AttributeValue::S(value.to_owned()));
    let answer = get.send().await;
    answer
        .map(|answer| answer.item)
        .map_err(|error| QueryError { table: table.name.clone(), source: service_error(&error) })
}

/// The order of a list that people read: by a name, whatever the case of its letters, and then by
/// the key.
pub fn by_name(row: &Item, name: &str, key: &str) -> (String, String) {
    (text(row, name).to_lowercase(), text(row, key).to_owned())
}

/// The text of an attribute; empty where it is absent or no text.
pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// Every row of a table.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn scan(table: &Table) -> Result<Vec<Item>, QueryError> {
    let failed = |source| QueryError { table: table.name.clone(), source };
    scan_every_item(table.client.scan().table_name(&table.name)).await.map_err(failed)
}
