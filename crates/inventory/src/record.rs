//! Rows with a version: what groups and plans have in common.
//!
//! A row is written in the version that was read. What no single row can promise, as a name that no
//! other has, is looked at before a write and once more after it: of two writers at the same moment
//! at least one sees the other's row, and takes its own back; see [`change`].

mod change;
mod changes;
mod checks;

use std::collections::HashMap;

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;
use store::tables::{Table, scan_every_item};
use store::{Item, QueryError, by_name, get, text};

use super::ManageError;

pub(super) use change::{change, load_to_change};
pub(crate) use changes::given;
pub(super) use checks::{check_description, check_name, check_unique};

/// A kind of row: what people call it, its key, and where its name stands.
pub(super) struct Kind {
    pub(super) what: &'static str,
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    /// What an id starts with.
    pub(super) prefix: &'static str,
}

impl Kind {
    /// A row as people call it: kind, name and id.
    pub(super) fn called(&self, row: &Item) -> String {
        format!("{} {} ({})", self.what, text(row, self.name), text(row, self.key))
    }
}

/// Bytes of a partition key. Source: DynamoDB quotas.
const LONGEST_KEY: usize = 2048;
/// Goes up with every change.
const VERSION: &str = "version";
/// While a change is looked at once more: the row that it replaces, empty where there was none.
const REPLACES: &str = "replaces";

pub(super) fn new_id(kind: &Kind) -> String {
    format!("{}-{:032x}", kind.prefix, fastrand::u128(..))
}

/// Every row, the latest writes included.
pub(super) async fn all(table: &Table) -> Result<Vec<Item>, ManageError> {
    let scan = table.client.scan().table_name(&table.name).consistent_read(true);
    let failed = |source| QueryError { table: table.name.clone(), source }.into();
    scan_every_item(scan).await.map_err(failed)
}

/// Every row, sorted by name.
pub(super) async fn list(table: &Table, kind: &Kind) -> Result<Vec<Item>, ManageError> {
    let mut rows = all(table).await?;
    rows.iter_mut().for_each(hide_replaced);
    rows.sort_by_cached_key(|row| by_name(row, kind.name, kind.key));
    Ok(rows)
}

/// A row as readers get it.
pub(super) async fn load(table: &Table, kind: &Kind, id: &str) -> Result<Item, ManageError> {
    let mut row = load_as_stored(table, kind, id).await?;
    hide_replaced(&mut row);
    Ok(row)
}

async fn load_as_stored(table: &Table, kind: &Kind, id: &str) -> Result<Item, ManageError> {
    let not_found = || ManageError::NotFound { what: kind.what, id: id.to_owned() };
    // No row has such a key; DynamoDB would refuse the question.
    if id.is_empty() || id.len() > LONGEST_KEY {
        return Err(not_found());
    }
    get(table, kind.key, id).await?.ok_or_else(not_found)
}

pub(super) fn read<T: DeserializeOwned>(kind: &Kind, row: &Item) -> Result<T, ManageError> {
    serde_dynamo::from_item(row.clone()).map_err(|error| ManageError::Unreadable {
        id: text(row, kind.key).to_owned(),
        reason: error.to_string(),
    })
}

/// A row, and where a change of it is under way, what it may come back to.
pub(super) fn versions(row: &Item) -> impl Iterator<Item = &Item> {
    std::iter::once(row).chain(replaced(row))
}

fn replaced(row: &Item) -> Option<&Item> {
    row.get(REPLACES).and_then(|row| row.as_m().ok())
}

fn hide_replaced(row: &mut Item) {
    row.remove(REPLACES);
}

/// A row may hold any number.
pub(super) fn next_version(version: u64) -> u64 {
    version.saturating_add(1)
}

/// Puts a row where none is.
pub(super) async fn bring_back(table: &Table, kind: &Kind, row: &Item) -> Result<(), ManageError> {
    let put = table
        .client
        .put_item()
        .table_name(&table.name)
        .set_item(Some(row.clone()))
        .condition_expression("attribute_not_exists(#key)")
        .expression_attribute_names("#key", kind.key);
    let result = put.send().await.map(drop).map_err(|error| service_error(&error));
    settle(table, text(row, kind.key), result)
}

/// Puts `next` in the place of `previous`, if nobody changed that since.
async fn put_over(
    table: &Table,
    kind: &Kind,
    previous: &Item,
    next: &Item,
) -> Result<(), ManageError> {
    let unchanged = Unchanged::since(previous);
    let put = table
        .client
        .put_item()
        .table_name(&table.name)
        .set_item(Some(next.clone()))
        .condition_expression(unchanged.condition)
        .expression_attribute_names("#key", kind.key)
        .expression_attribute_names("#version", VERSION)
        .set_expression_attribute_values(unchanged.values);
    let result = put.send().await.map(drop).map_err(|error| service_error(&error));
    settle(table, text(previous, kind.key), result)
}

/// Deletes `row`, if nobody changed it since it was read.
pub(super) async fn remove(table: &Table, kind: &Kind, row: &Item) -> Result<(), ManageError> {
    let id = text(row, kind.key);
    let unchanged = Unchanged::since(row);
    let delete = table
        .client
        .delete_item()
        .table_name(&table.name)
        .key(kind.key, AttributeValue::S(id.to_owned()))
        .condition_expression(unchanged.condition)
        .expression_attribute_names("#key", kind.key)
        .expression_attribute_names("#version", VERSION)
        .set_expression_attribute_values(unchanged.values);
    settle(table, id, delete.send().await.map(drop).map_err(|error| service_error(&error)))
}

/// The condition that a row is still as it was read.
struct Unchanged {
    condition: &'static str,
    values: Option<HashMap<String, AttributeValue>>,
}

impl Unchanged {
    fn since(row: &Item) -> Self {
        match row.get(VERSION) {
            Some(version) => Self {
                condition: "attribute_exists(#key) AND #version = :read",
                values: Some(HashMap::from([(":read".to_owned(), version.clone())])),
            },
            None => Self {
                condition: "attribute_exists(#key) AND attribute_not_exists(#version)",
                values: None,
            },
        }
    }
}

fn settle(table: &Table, id: &str, result: Result<(), ServiceError>) -> Result<(), ManageError> {
    result.map_err(|source| match source.code() {
        "ConditionalCheckFailedException" => ManageError::Contended { id: id.to_owned() },
        _ => ManageError::Service { table: table.name.clone(), source },
    })
}
