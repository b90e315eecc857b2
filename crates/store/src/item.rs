//! A row as it is stored, and that none could be read.

use std::collections::HashMap;
use std::str::FromStr;

use aws::ServiceError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;

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

/// The order of a list that people read: by a name, whatever the case of its letters, and then by
/// the key.
pub fn by_name(row: &Item, name: &str, key: &str) -> (String, String) {
    (text(row, name).to_lowercase(), text(row, key).to_owned())
}

/// An attribute that is a text.
pub fn string(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// The text of an attribute; empty where it is absent or no text.
pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// The number of an attribute; none where it is absent, no number, or one that `T` cannot hold.
pub fn number<T: FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// An attribute as the type that it was written from; none where it is absent or says something else.
pub fn attribute<T: DeserializeOwned>(item: &Item, name: &str) -> Option<T> {
    serde_dynamo::from_attribute_value(item.get(name)?.clone()).ok()
}
