//! What a table looks like, without a look at its rows.
//!
//! The engine counts the rows of a table and of all its indexes whenever it is asked what the table looks
//! like, and the command line asks at each start. DynamoDB tells counts of hours ago.

use dynoxide::storage::TableMetadata;
use dynoxide::{Database, DynoxideError};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeTable {
    table_name: String,
}

/// Answers `DescribeTable`; none where the table is not there, or the request is not as it should be:
/// the engine's own operation knows how to refuse it.
///
/// # Errors
/// The engine cannot read what it knows of its tables.
pub(crate) fn describe(database: &Database, body: &[u8]) -> Result<Option<Value>, DynoxideError> {
    let Ok(DescribeTable { table_name }) = serde_json::from_slice(body) else { return Ok(None) };
    Ok(database.get_table_metadata(&table_name)?.as_ref().and_then(table))
}

fn table(metadata: &TableMetadata) -> Option<Value> {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    let mut indexes = match &metadata.gsi_definitions {
        Some(definitions) => read(definitions)?,
        None => Value::Array(Vec::new()),
    };
    for index in indexes.as_array_mut()? {
        // The engine answers nobody while it builds one.
        index.as_object_mut()?.insert("IndexStatus".to_owned(), "ACTIVE".into());
    }
    Some(json!({"Table": {
        "TableName": metadata.table_name,
        "TableStatus": metadata.table_status,
        "KeySchema": read(&metadata.key_schema)?,
        "AttributeDefinitions": read(&metadata.attribute_definitions)?,
        "GlobalSecondaryIndexes": indexes,
    }}))
}
