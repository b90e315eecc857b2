//! A batch of rows in one transaction.
//!
//! DynamoDB writes each row of a batch by itself, and so does the engine: for each row a transaction, and
//! the row's JSON once more for each index. The engine's import does that work once for all rows.

use std::collections::HashSet;

use dynoxide::actions::batch_write_item::{BatchWriteItemRequest, WriteRequest};
use dynoxide::storage::TableMetadata;
use dynoxide::types::{AttributeValue, Item, KeySchemaElement, MAX_ITEM_SIZE, item_size};
use dynoxide::{Database, DynoxideError, ImportOptions};

/// Rows of one `BatchWriteItem`. Source: DynamoDB API reference.
const ROWS_PER_BATCH: usize = 25;

/// Does what `body` asks for, where it puts rows into one table and nothing is wrong with any of them,
/// and tells whether it did. Where it did not, nothing was written: the engine's own operation knows
/// what to do, or how to refuse it.
///
/// # Errors
/// The engine cannot read the table or write to it.
pub(crate) fn put_at_once(database: &Database, body: &[u8]) -> Result<bool, DynoxideError> {
    let Some((table, items)) = serde_json::from_slice(body).ok().and_then(only_puts) else {
        return Ok(false);
    };
    let Some(metadata) = database.get_table_metadata(&table)? else { return Ok(false) };
    if !are_sound(&items) || !has_each_key_once(&items, &metadata) {
        return Ok(false);
    }
    match database.import_items(&table, items, ImportOptions::default()) {
        Ok(_) => Ok(true),
        Err(DynoxideError::ValidationException(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The table and its rows, where the request asks for nothing else.
fn only_puts(request: BatchWriteItemRequest) -> Option<(String, Vec<Item>)> {
    let BatchWriteItemRequest {
        request_items,
        return_consumed_capacity: None,
        return_item_collection_metrics: None,
    } = request
    else {
        return None;
    };
    let mut tables = request_items.into_iter();
    let (Some((table, writes)), None) = (tables.next(), tables.next()) else { return None };
    let put = |write| match write {
        WriteRequest { put_request: Some(put), delete_request: None } => Some(put.item),
        WriteRequest { .. } => None,
    };
    Some((table, writes.into_iter().map(put).collect::<Option<_>>()?))
}

/// What the import does not look at.
fn are_sound(items: &[Item]) -> bool {
    (1..=ROWS_PER_BATCH).contains(&items.len())
        && items.iter().all(|item| item_size(item) <= MAX_ITEM_SIZE && !has_empty_name(item))
}

fn has_empty_name(item: &Item) -> bool {
    fn is_within(value: &AttributeValue) -> bool {
        match value {
            AttributeValue::M(map) => has_empty_name(map),
            AttributeValue::L(list) => list.iter().any(is_within),
            _ => false,
        }
    }
    item.iter().any(|(name, value)| name.is_empty() || is_within(value))
}

/// The import would keep the last row of a key; DynamoDB refuses the batch.
fn has_each_key_once(items: &[Item], metadata: &TableMetadata) -> bool {
    let Ok(schema) = serde_json::from_str::<Vec<KeySchemaElement>>(&metadata.key_schema) else {
        return false;
    };
    let part = |item: &Item, key: &KeySchemaElement| item.get(&key.attribute_name)?.to_key_string();
    let key_of = |item| schema.iter().map(|key| part(item, key)).collect::<Option<Vec<String>>>();
    let keys: Option<HashSet<Vec<String>>> = items.iter().map(key_of).collect();
    keys.is_some_and(|keys| keys.len() == items.len())
}
