//! One server, by its ARN or by the id that DRS gave it.
//!
//! - `by_id`: the ARNs that a server with an id may have, and those that are there.

mod by_id;

use std::collections::BTreeSet;

use store::tables::{LISTING_INDEX, LONGEST_KEY, Listing, SourceServerInventoryTable};
use store::{Item, QueryError, text};

use super::ServerTables;

/// Pages of 1 MB that are looked through for an id. An entry of the index has about 200 bytes: these
/// are half a million servers.
const MOST_PAGES: usize = 100;
/// Bytes of an id, so that an ARN that ends with it can be a key. DRS gives 19. Source: DRS API
/// reference.
const LONGEST_ID: usize = 1024;

/// The server was not found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// There is none.
    #[error("the inventory has no source server {id:?}; what happened to it is in the changes")]
    NotFound {
        /// The ARN or id that was asked for, at most its first 100 characters.
        id: String,
    },
    /// There are more servers than one question looks through.
    #[error("there are too many servers to look for the id {id:?} alone; give the server's ARN")]
    TooMany {
        /// The id that was asked for.
        id: String,
    },
    /// The table could not be read.
    #[error(transparent)]
    Read(#[from] QueryError),
}

/// How far a server is looked for by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Where the ledger knows servers. Nothing is scanned but small tables.
    Known,
    /// Everywhere: where the ledger knows no such server, the inventory is scanned.
    Everywhere,
}

/// The row of the server with this ARN or source server id. Where a server has several, as while its
/// staging account changes, the one written last speaks for it.
///
/// # Errors
/// [`FindError::NotFound`] where there is none.
pub async fn find_server(tables: &ServerTables, id: &str, reach: Reach) -> Result<Item, FindError> {
    let mut rows = Vec::new();
    for arn in Box::pin(arns_of(tables, id, reach)).await? {
        rows.extend(rows_of(&tables.inventory, &arn).await?);
    }
    let last = rows.into_iter().max_by_key(|row| text(row, "lastUpdated").to_owned());
    last.ok_or_else(|| FindError::NotFound { id: shown(id) })
}

async fn rows_of(table: &SourceServerInventoryTable, arn: &str) -> Result<Vec<Item>, QueryError> {
    Listing::of_partition(table, "sourceServerArn", arn).every_item().await
}

/// The ARN itself, or those of servers with this id.
async fn arns_of(
    tables: &ServerTables,
    id: &str,
    reach: Reach,
) -> Result<BTreeSet<String>, FindError> {
    if id.is_empty() || id.len() > LONGEST_KEY {
        return Ok(BTreeSet::new());
    }
    if id.starts_with("arn:") {
        return Ok(BTreeSet::from([id.to_owned()]));
    }
    if id.len() > LONGEST_ID {
        return Ok(BTreeSet::new());
    }
    let places = by_id::Search::of(tables, id).await?;
    let arns = places.by_key().await?;
    if !arns.is_empty() {
        return Ok(arns);
    }
    match reach {
        Reach::Known => places.by_arn().await?.ok_or_else(|| FindError::TooMany { id: shown(id) }),
        Reach::Everywhere => everywhere(&tables.inventory, id).await,
    }
}

/// Looks at every server.
async fn everywhere(
    table: &SourceServerInventoryTable,
    id: &str,
) -> Result<BTreeSet<String>, FindError> {
    let of_index = Listing::of_whole_index(table, LISTING_INDEX).containing("sourceServerArn", id);
    let arns = arns_in(of_index, id, |row| text(row, "sourceServerArn").ends_with(&suffix(id)));
    let arns = arns.await?;
    if !arns.is_empty() {
        return Ok(arns);
    }
    // Rows that no place is known to list are not in the index.
    let of_table = Listing::of_table(table).containing("sourceServerID", id);
    arns_in(of_table, id, |row| text(row, "sourceServerID") == id).await
}

/// How the ARN of a server ends.
pub(crate) fn suffix(id: &str) -> String {
    format!(":source-server/{id}")
}

async fn arns_in(
    listing: Listing,
    id: &str,
    fits: impl Fn(&Item) -> bool,
) -> Result<BTreeSet<String>, FindError> {
    let (mut arns, mut pages) = (BTreeSet::new(), listing.pages(None));
    for _ in 0..MOST_PAGES {
        let Some(page) = pages.next().await? else { return Ok(arns) };
        let fitting = page.items.iter().filter(|row| fits(row));
        arns.extend(fitting.map(|row| text(row, "sourceServerArn").to_owned()));
    }
    if arns.is_empty() { Err(FindError::TooMany { id: shown(id) }) } else { Ok(arns) }
}

fn shown(id: &str) -> String {
    id.chars().take(100).collect()
}
