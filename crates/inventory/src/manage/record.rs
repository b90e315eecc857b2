//! Rows with a version: what groups and plans have in common.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ManageError;
use crate::aws::{ServiceError, service_error};
use crate::query::{Item, get, text};
use crate::tables::Table;

/// A kind of row: what people call it, its key, and where its name stands.
pub(super) struct Kind {
    pub(super) what: &'static str,
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    /// What an id starts with.
    pub(super) prefix: &'static str,
}

/// The longest name.
const LONGEST_NAME: usize = 64;
/// Bytes of a partition key. Source: DynamoDB quotas.
const LONGEST_KEY: usize = 2048;
/// The longest description.
const LONGEST_DESCRIPTION: usize = 1024;

pub(super) fn new_id(kind: &Kind) -> String {
    format!("{}-{:032x}", kind.prefix, fastrand::u128(..))
}

/// A name that a person can read and find again: 1 to 64 characters, none of them of control.
pub(super) fn check_name(kind: &Kind, name: &str) -> Result<(), ManageError> {
    let length = name.chars().count();
    let is_good = (1..=LONGEST_NAME).contains(&length)
        && name.trim() == name
        && !name.chars().any(char::is_control);
    let expected = "1 to 64 characters, without control characters and spaces at its ends";
    is_good.then_some(()).ok_or_else(|| ManageError::invalid(kind.name, name, expected))
}

pub(super) fn check_description(description: Option<&str>) -> Result<(), ManageError> {
    let text = description.unwrap_or_default();
    let is_good = text.chars().count() <= LONGEST_DESCRIPTION;
    let expected = "at most 1024 characters";
    is_good.then_some(()).ok_or_else(|| ManageError::invalid("description", text, expected))
}

/// Whether another row has the name, in any case of letters. Two writers at the same moment may
/// both be told no.
pub(super) fn check_unique(
    kind: &Kind,
    rows: &[Item],
    name: &str,
    own_id: &str,
) -> Result<(), ManageError> {
    let lower = name.to_lowercase();
    let same =
        |row: &&Item| text(row, kind.key) != own_id && text(row, kind.name).to_lowercase() == lower;
    match rows.iter().find(same) {
        None => Ok(()),
        Some(row) => Err(ManageError::AlreadyExists {
            what: kind.what,
            name: name.to_owned(),
            id: text(row, kind.key).to_owned(),
        }),
    }
}

pub(super) async fn load(table: &Table, kind: &Kind, id: &str) -> Result<Item, ManageError> {
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

pub(super) async fn insert<T: Serialize>(
    table: &Table,
    kind: &Kind,
    id: &str,
    record: &T,
) -> Result<(), ManageError> {
    let put = table
        .client
        .put_item()
        .table_name(&table.name)
        .set_item(Some(to_item(id, record)?))
        .condition_expression("attribute_not_exists(#key)")
        .expression_attribute_names("#key", kind.key);
    settle(table, id, put.send().await.map(drop).map_err(|error| service_error(&error)))
}

/// Puts `record` in the place of `previous`, if nobody changed that since. Attributes that are in
/// neither `known` stay.
pub(super) async fn replace<T: Serialize>(
    table: &Table,
    id: &str,
    (previous, known): (&Item, &[&str]),
    record: &T,
) -> Result<(), ManageError> {
    let mut next = previous.clone();
    next.retain(|name, _| !known.contains(&name.as_str()));
    next.extend(to_item(id, record)?);
    let put = table.client.put_item().table_name(&table.name).set_item(Some(next));
    let put = put.expression_attribute_names("#version", "version");
    let put = match previous.get("version") {
        None => put.condition_expression("attribute_not_exists(#version)"),
        Some(version) => put
            .condition_expression("#version = :read")
            .expression_attribute_values(":read", version.clone()),
    };
    settle(table, id, put.send().await.map(drop).map_err(|error| service_error(&error)))
}

pub(super) async fn remove(table: &Table, kind: &Kind, id: &str) -> Result<(), ManageError> {
    load(table, kind, id).await?;
    let delete = table
        .client
        .delete_item()
        .table_name(&table.name)
        .key(kind.key, AttributeValue::S(id.to_owned()));
    settle(table, id, delete.send().await.map(drop).map_err(|error| service_error(&error)))
}

fn to_item<T: Serialize>(id: &str, record: &T) -> Result<Item, ManageError> {
    serde_dynamo::to_item(record)
        .map_err(|error| ManageError::Unreadable { id: id.to_owned(), reason: error.to_string() })
}

fn settle(table: &Table, id: &str, result: Result<(), ServiceError>) -> Result<(), ManageError> {
    result.map_err(|source| match source.code() {
        "ConditionalCheckFailedException" => ManageError::Contended { id: id.to_owned() },
        _ => ManageError::Service { table: table.name.clone(), source },
    })
}
