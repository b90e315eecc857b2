//! Rows of the inventory page by page, for callers that take only so much at once.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use store::json::Json;
use store::tables::SourceServerInventoryTable;
use store::{Item, QueryError, text};

use super::ServerFilter;

/// Bytes of JSON on a page: an answer of a Lambda function has 6 MB, and an answer through API
/// Gateway quotes it once more. Source: Lambda quotas, invocation payload.
pub(crate) const PAGE_BYTES: usize = 2_500_000;

/// Some rows, and where to go on.
#[derive(Debug)]
pub struct Page {
    /// In the order of their keys.
    pub rows: Vec<Item>,
    /// Opaque; none after the last page.
    pub next: Option<String>,
}

/// A page could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The token is not one that this filter's last page carried.
    #[error(
        "it is not the nextToken of an earlier answer to the same filters; start anew without it"
    )]
    Token,
    /// The table could not be read.
    #[error(transparent)]
    Read(#[from] QueryError),
}

/// The servers that fit `filter`, at most `limit`, after the page that carried `token`. A row that
/// comes or goes between two pages may be missed; no row comes twice.
///
/// # Errors
/// [`PageError`] names what is wrong.
pub async fn query_servers_page(
    table: &SourceServerInventoryTable,
    filter: &ServerFilter,
    limit: usize,
    token: Option<&str>,
) -> Result<Page, PageError> {
    let start = token.map(|token| decode(token, filter)).transpose()?;
    let mut pages = filter.listing(table).pages(start);
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(read) = pages.next().await? {
        let end = read.items.len();
        for (position, item) in read.items.into_iter().enumerate() {
            if !filter.fits(&item) {
                continue;
            }
            bytes += serde_json::to_string(&Json(&item)).map_or(0, |json| json.len());
            rows.push(item);
            let is_last = read.is_last && position + 1 == end;
            if !is_last && (rows.len() == limit || bytes >= PAGE_BYTES) {
                let next = rows.last().map(|row| encode(row, filter));
                return Ok(Page { rows, next });
            }
        }
    }
    Ok(Page { rows, next: None })
}

#[derive(Serialize, Deserialize)]
struct Token {
    filter: ServerFilter,
    key: BTreeMap<String, String>,
}

fn key_names(filter: &ServerFilter) -> Vec<&'static str> {
    let mut names = vec!["sourceServerArn", "stagingAccountId"];
    let index = filter.index().map(|(_, attribute, _)| attribute);
    names.extend(index.filter(|attribute| *attribute != "stagingAccountId"));
    names
}

fn encode(row: &Item, filter: &ServerFilter) -> String {
    let names = key_names(filter).into_iter();
    let key = names.map(|name| (name.to_owned(), text(row, name).to_owned())).collect();
    let token = Token { filter: filter.clone(), key };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&token).unwrap_or_default())
}

fn decode(text: &str, filter: &ServerFilter) -> Result<Item, PageError> {
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| PageError::Token)?;
    let token: Token = serde_json::from_slice(&json).map_err(|_| PageError::Token)?;
    let mut names = key_names(filter);
    names.sort_unstable();
    let is_of_index = filter.index().is_none_or(|(_, attribute, value)| {
        token.key.get(attribute).is_some_and(|of_token| of_token == value)
    });
    let is_of_filter = token.filter == *filter
        && is_of_index
        && token.key.keys().eq(names)
        && token.key.values().all(|value| !value.is_empty());
    if !is_of_filter {
        return Err(PageError::Token);
    }
    Ok(token.key.into_iter().map(|(name, value)| (name, AttributeValue::S(value))).collect())
}
