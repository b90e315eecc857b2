//! The history: what happened to a server, to an account and region, or to an account; the last first.
//!
//! Of one subject it is read by its key. Of all others by the days of `DayIndex`, from the last
//! backwards, the partitions of a day together. Every question ends: it has a limit of entries, bytes,
//! pages and time, and says where it stopped.
//!
//! - `filter`: which entries.
//! - `walk`: the entries in their order, page by page.
//! - `fold`: equal entries that follow each other are one.
//! - `server`: of a server, by its ARN or its id.
//! - `since`: how far back, as people say it.
//! - `words`: what happened, as people say it.

mod filter;
mod fold;
mod server;
mod since;
mod walk;
mod words;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::Item;
use store::tables::InventoryChangesTable;
use sync::time::iso;

use crate::servers::page::PageError;

pub use filter::ChangeFilter;
pub use server::only_server;
pub use since::{moment, time_of};
pub use words::{subject_in_words, what_happened};

use fold::fold;
use walk::{Cursor, Walk};

/// How far back a question goes that names neither a subject nor a time.
const DEFAULT_DAYS: i64 = 7;
/// Before the first entry that there can be: a key of an index is no empty text.
const BEGINNING: &str = "0";

/// Some entries, and where to go on.
#[derive(Debug)]
pub struct Changes {
    /// As the table has them, but for: `at` is the time alone, `key` what the table calls `at`;
    /// `count` says how many equal entries it stands for, and `firstAt` when the first of them was.
    pub entries: Vec<Item>,
    /// Opaque; none where there are no more.
    pub next: Option<String>,
    /// How far back this answer looked, ISO 8601; none where it looked at everything.
    pub looked_back_to: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Token {
    filter: ChangeFilter,
    since: String,
    before: Cursor,
}

/// Entries that fit `filter`, at most `limit`, after those of the answer that carried `token`.
///
/// # Errors
/// [`PageError`] names what is wrong.
pub async fn query_changes(
    table: &InventoryChangesTable,
    filter: &ChangeFilter,
    (limit, token): (usize, Option<&str>),
    now: Timestamp,
) -> Result<Changes, PageError> {
    let (since, before) = match token {
        Some(token) => decode(token, filter)?,
        None => (beginning(filter, now), Cursor::until(filter.until.unwrap_or(now))),
    };
    let mut walk = Walk::new(table, filter, since.clone(), before);
    let walked = walk.take(limit).await?;
    let stopped = walked.stopped_at.as_ref().map(Cursor::time);
    let next = walked.stopped_at.map(|before| encode(filter, &since, before));
    let looked_back_to = (since != BEGINNING).then_some(since);
    let looked_back_to = stopped.or(looked_back_to);
    Ok(Changes { entries: fold(walked.entries), next, looked_back_to })
}

fn beginning(filter: &ChangeFilter, now: Timestamp) -> String {
    let default = || now - SignedDuration::from_hours(24 * DEFAULT_DAYS);
    match (filter.since, &filter.subject) {
        (Some(since), _) => iso(since),
        (None, Some(_)) => BEGINNING.to_owned(),
        (None, None) => iso(default()),
    }
}

/// Times are those of the first answer: said as `2h`, they would be others at each.
fn encode(filter: &ChangeFilter, since: &str, before: Cursor) -> String {
    let token = Token { filter: filter.without_times(), since: since.to_owned(), before };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&token).unwrap_or_default())
}

fn decode(text: &str, filter: &ChangeFilter) -> Result<(String, Cursor), PageError> {
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| PageError::Token)?;
    let token: Token = serde_json::from_slice(&json).map_err(|_| PageError::Token)?;
    let is_of_filter = token.filter == filter.without_times() && !token.since.is_empty();
    if !is_of_filter || !token.before.is_usable() {
        return Err(PageError::Token);
    }
    Ok((token.since, token.before))
}
