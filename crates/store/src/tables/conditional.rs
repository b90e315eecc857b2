//! Writes that arrive only where the row is still as it was read.
//!
//! Whoever loses is told so by [`WriteError::Changed`], and reads again. No write goes over what
//! somebody else wrote in between.

use std::collections::HashMap;

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use super::Table;
use crate::item::Item;

/// What a write must find.
#[derive(Debug, Clone, Copy)]
pub enum Expected<'a> {
    /// No row with this key.
    Nothing,
    /// A row with this key, whatever it holds.
    Row,
    /// The row with this attribute as it was read: its version, or what is to change.
    Unchanged {
        /// The attribute's name.
        attribute: &'a str,
        /// Its value; none where the row did not have it.
        read: Option<&'a AttributeValue>,
    },
}

/// Nothing was written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WriteError {
    /// The row is not what was expected.
    #[error("the row in the table {table} was changed by somebody else; read it again")]
    Changed {
        /// The table's name.
        table: String,
    },
    /// DynamoDB refused.
    #[error("cannot write to the table {table}: {source}")]
    Service {
        /// The table's name.
        table: String,
        /// DynamoDB's answer.
        source: ServiceError,
    },
}

/// Puts a row into a table whose partition key is `key`, in the place of what is there.
///
/// # Errors
/// [`WriteError::Changed`] where something else than `expected` is there.
pub async fn put_if(
    table: &Table,
    key: &str,
    row: Item,
    expected: Expected<'_>,
) -> Result<(), WriteError> {
    let condition = Condition::of(key, expected);
    let put = table.client.put_item().table_name(&table.name).set_item(Some(row));
    let put = put
        .condition_expression(condition.expression)
        .set_expression_attribute_names(Some(condition.names))
        .set_expression_attribute_values(some(condition.values));
    settle(table, put.send().await.map(drop).map_err(|error| service_error(&error)))
}

/// Sets and removes single attributes of the row whose partition key `key` is `value`: each change
/// is a name and what it becomes, none where it goes. Everything else of the row stays.
///
/// # Errors
/// As [`put_if`].
pub async fn update_if(
    table: &Table,
    (key, value): (&str, &str),
    changes: Vec<(&str, Option<AttributeValue>)>,
    expected: Expected<'_>,
) -> Result<(), WriteError> {
    let condition = Condition::of(key, expected);
    let update = table
        .client
        .update_item()
        .table_name(&table.name)
        .key(key, AttributeValue::S(value.to_owned()))
        .condition_expression(condition.expression)
        .set_expression_attribute_names(Some(condition.names))
        .set_expression_attribute_values(some(condition.values));
    let update = set_and_remove(update, changes);
    settle(table, update.send().await.map(drop).map_err(|error| service_error(&error)))
}

/// Makes `update` set and remove single attributes: each change is a name and what it becomes, none
/// where it goes. What the update has of names and values stays.
pub fn set_and_remove<'a>(
    mut update: UpdateItemFluentBuilder,
    changes: impl IntoIterator<Item = (&'a str, Option<AttributeValue>)>,
) -> UpdateItemFluentBuilder {
    let (mut set, mut remove) = (Vec::new(), Vec::new());
    for (place, (name, value)) in changes.into_iter().enumerate() {
        let alias = format!("#change{place}");
        update = update.expression_attribute_names(&alias, name);
        match value {
            Some(value) => {
                update = update.expression_attribute_values(format!(":change{place}"), value);
                set.push(format!("{alias} = :change{place}"));
            }
            None => remove.push(alias),
        }
    }
    let parts = [("SET", set), ("REMOVE", remove)].into_iter();
    let parts = parts.filter(|(_, list)| !list.is_empty());
    let parts: Vec<_> = parts.map(|(verb, list)| format!("{verb} {}", list.join(", "))).collect();
    update.update_expression(parts.join(" "))
}

/// Deletes the row whose partition key `key` is `value`.
///
/// # Errors
/// As [`put_if`].
pub async fn delete_if(
    table: &Table,
    (key, value): (&str, &str),
    expected: Expected<'_>,
) -> Result<(), WriteError> {
    let condition = Condition::of(key, expected);
    let delete = table
        .client
        .delete_item()
        .table_name(&table.name)
        .key(key, AttributeValue::S(value.to_owned()))
        .condition_expression(condition.expression)
        .set_expression_attribute_names(Some(condition.names))
        .set_expression_attribute_values(some(condition.values));
    settle(table, delete.send().await.map(drop).map_err(|error| service_error(&error)))
}

struct Condition {
    expression: &'static str,
    names: HashMap<String, String>,
    values: Item,
}

impl Condition {
    fn of(key: &str, expected: Expected<'_>) -> Self {
        let mut names = HashMap::from([("#key".to_owned(), key.to_owned())]);
        let mut values = Item::new();
        let expression = match expected {
            Expected::Nothing => "attribute_not_exists(#key)",
            Expected::Row => "attribute_exists(#key)",
            Expected::Unchanged { attribute, read } => {
                names.insert("#read".to_owned(), attribute.to_owned());
                match read {
                    Some(read) => {
                        values.insert(":read".to_owned(), read.clone());
                        "attribute_exists(#key) AND #read = :read"
                    }
                    None => "attribute_exists(#key) AND attribute_not_exists(#read)",
                }
            }
        };
        Self { expression, names, values }
    }
}

/// DynamoDB refuses an empty list of values.
fn some(values: Item) -> Option<Item> {
    (!values.is_empty()).then_some(values)
}

fn settle(table: &Table, result: Result<(), ServiceError>) -> Result<(), WriteError> {
    let table = table.name.clone();
    result.map_err(|source| match source.code() {
        "ConditionalCheckFailedException" => WriteError::Changed { table },
        _ => WriteError::Service { table, source },
    })
}
