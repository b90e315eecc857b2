//! Every item of a table or of an index, page by page.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use aws::{PageTokens, ServiceError, service_error};

type Item = HashMap<String, AttributeValue>;

/// Every page of a scan.
///
/// # Errors
/// What DynamoDB answered, or that its pages do not end; half a table is never returned.
pub async fn scan_every_item(scan: ScanFluentBuilder) -> Result<Vec<Item>, ServiceError> {
    let (mut items, mut tokens, mut start) = (Vec::new(), PageTokens::of_table(), None);
    loop {
        let page = scan.clone().set_exclusive_start_key(start.take()).send().await;
        let page = page.map_err(|error| service_error(&error))?;
        items.extend(page.items.unwrap_or_default());
        start = page.last_evaluated_key;
        if tokens.next(start.as_ref().map(token))?.is_none() {
            return Ok(items);
        }
    }
}

/// Every page of a query.
///
/// # Errors
/// As [`scan_every_item`].
pub async fn query_every_item(query: QueryFluentBuilder) -> Result<Vec<Item>, ServiceError> {
    let (mut items, mut tokens, mut start) = (Vec::new(), PageTokens::of_table(), None);
    loop {
        let page = query.clone().set_exclusive_start_key(start.take()).send().await;
        let page = page.map_err(|error| service_error(&error))?;
        items.extend(page.items.unwrap_or_default());
        start = page.last_evaluated_key;
        if tokens.next(start.as_ref().map(token))?.is_none() {
            return Ok(items);
        }
    }
}

/// A key as a text that is equal where the key is; none for the empty key, which leads nowhere.
fn token(key: &Item) -> String {
    let attributes: BTreeMap<_, _> = key.iter().collect();
    if attributes.is_empty() { String::new() } else { format!("{attributes:?}") }
}
