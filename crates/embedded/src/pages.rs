//! A page of a listing, read in parts.
//!
//! Without a limit the engine reads every row that is left, and keeps 1 MB of them: of a table of a
//! hundred pages the last row is read a hundred times. With a limit it reads no more than that. So a page
//! is put together from parts that have a limit each.

use std::collections::HashMap;

use dynoxide::actions::query::{QueryRequest, QueryResponse};
use dynoxide::actions::scan::{ScanRequest, ScanResponse};
use dynoxide::types::{AttributeValue, Item, item_size};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Rows of a part.
const ROWS: usize = 200;
/// A page ends with the part that makes it so large. Source of the size: DynamoDB quotas.
const PAGE_BYTES: usize = 1024 * 1024;
/// A page ends with the part by which so many rows were looked at, let through by a filter or not.
const MOST_ROWS: usize = 25 * ROWS;

type Key = HashMap<String, AttributeValue>;

/// A request of a listing: a scan or a query.
pub(crate) trait Listing: DeserializeOwned {
    /// Its answer.
    type Page: Page + Serialize;

    /// Whether the engine is to answer as it is: it has a limit, or asks for units, which are counted by
    /// the page.
    fn is_for_the_engine(&self) -> bool;

    /// Reads a page after `start`, with at most `limit` rows.
    ///
    /// # Errors
    /// What the engine refuses.
    fn read(
        self,
        database: &Database,
        limit: Option<usize>,
        start: Option<Key>,
    ) -> Result<Self::Page, DynoxideError>;
}

/// An answer to a listing.
pub(crate) trait Page {
    /// Its rows, let through and looked at, and where the next page starts.
    fn parts(&mut self) -> (&mut Option<Vec<Item>>, [&mut usize; 2], &mut Option<Key>);
}

/// Answers the listing in `body`, which was read as `request`.
///
/// # Errors
/// What the engine refuses.
pub(crate) fn page<L: Listing>(
    database: &Database,
    request: L,
    body: &[u8],
) -> Result<L::Page, DynoxideError> {
    if request.is_for_the_engine() {
        return request.read(database, None, None);
    }
    let mut page = request.read(database, Some(ROWS), None)?;
    let mut bytes = size(&mut page);
    while let Some(start) = next_part(&mut page, bytes) {
        let again: L = serde_json::from_slice(body)
            .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?;
        let mut part = again.read(database, Some(ROWS), Some(start))?;
        bytes += size(&mut part);
        add(&mut page, part);
    }
    Ok(page)
}

/// Bytes of the rows.
fn size(page: &mut impl Page) -> usize {
    let (items, _, _) = page.parts();
    items.iter().flatten().map(item_size).sum()
}

/// Where the page of so many bytes goes on; none where it is full, or the listing is at its end.
fn next_part(page: &mut impl Page, bytes: usize) -> Option<Key> {
    let (_, [_, scanned], last) = page.parts();
    let is_full = bytes >= PAGE_BYTES || *scanned >= MOST_ROWS || *scanned % ROWS > 0;
    last.take_if(|_| !is_full)
}

fn add<P: Page>(page: &mut P, mut part: P) {
    let (items, counts, last) = page.parts();
    let (more, more_counts, more_last) = part.parts();
    if let Some(more) = more.take() {
        items.get_or_insert_default().extend(more);
    }
    for (count, more) in counts.into_iter().zip(more_counts) {
        *count += *more;
    }
    *last = more_last.take();
}

macro_rules! listing {
    ($request:ident, $response:ident, $read:ident) => {
        impl Listing for $request {
            type Page = $response;

            fn is_for_the_engine(&self) -> bool {
                self.limit.is_some() || self.return_consumed_capacity.is_some()
            }

            fn read(
                mut self,
                database: &Database,
                limit: Option<usize>,
                start: Option<Key>,
            ) -> Result<$response, DynoxideError> {
                self.limit = limit.or(self.limit);
                if start.is_some() {
                    self.exclusive_start_key = start;
                    self.exclusive_start_key_raw = None;
                }
                database.$read(self)
            }
        }

        impl Page for $response {
            fn parts(&mut self) -> (&mut Option<Vec<Item>>, [&mut usize; 2], &mut Option<Key>) {
                let counts = [&mut self.count, &mut self.scanned_count];
                (&mut self.items, counts, &mut self.last_evaluated_key)
            }
        }
    };
}

listing!(QueryRequest, QueryResponse, query);
listing!(ScanRequest, ScanResponse, scan);
