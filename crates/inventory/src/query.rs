//! What can be asked of the inventory.

pub mod json;
pub mod regions;
pub mod servers;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::ServiceError;

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

/// The text of an attribute; empty where it is absent or no text.
pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}
