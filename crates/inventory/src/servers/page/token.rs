//! Where a list goes on, as a text for whoever asks for the next page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::super::ServerFilter;
use super::segment::{Kind, RowKey};

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    pub(super) kind: Kind,
    /// The segment.
    pub(super) value: String,
    /// The last row of it that was looked at; none at its start.
    pub(super) after: Option<RowKey>,
    /// Segments that were looked through, where their order may change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) done: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Token {
    filter: ServerFilter,
    #[serde(flatten)]
    cursor: Cursor,
}

pub(super) fn encode(filter: &ServerFilter, cursor: Cursor) -> String {
    let token = Token { filter: filter.clone(), cursor };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&token).unwrap_or_default())
}

/// None where it is no token of this filter.
pub(super) fn decode(text: &str, filter: &ServerFilter) -> Option<Cursor> {
    let json = URL_SAFE_NO_PAD.decode(text).ok()?;
    let token: Token = serde_json::from_slice(&json).ok()?;
    let cursor = token.cursor;
    let is_row = cursor.after.as_ref().is_none_or(|(arn, account)| {
        // A key of a staging account's index has its value once.
        let is_of_index = cursor.kind != Kind::StagingAccount || *account == cursor.value;
        !arn.is_empty() && !account.is_empty() && is_of_index
    });
    (token.filter == *filter && !cursor.value.is_empty() && is_row).then_some(cursor)
}
