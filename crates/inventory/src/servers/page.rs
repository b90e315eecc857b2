//! Rows of the inventory page by page, for callers that take only so much at once. No table and no
//! index of it is scanned: a list is a chain of segments, each one value of one index.
//!
//! - `plan`: which segments, and in which order.
//! - `chain`: the segments that are still to read.
//! - `segment`: one of them, read in the order of its keys.
//! - `walk`: the servers of one page.
//! - `budget`: what a page may cost.
//! - `token`: where a list goes on.

mod budget;
mod chain;
mod plan;
mod segment;
mod token;
mod walk;

use store::{Item, QueryError};

use super::{ServerFilter, ServerTables};
use crate::picture::{Freshness, Picture, read_picture};

use plan::Plan;
use segment::Kind;
use token::Cursor;
use walk::{Walk, Walked};

pub(crate) use budget::PAGE_BYTES;
pub use budget::{Budget, Stopped};

/// Some rows, and where to go on.
#[derive(Debug)]
pub struct Page {
    /// Segment by segment, each in the order of its keys. Each has its
    /// [`AS_OF`](crate::picture::AS_OF), and whether what it says is
    /// [`KNOWN`](crate::picture::KNOWN).
    pub rows: Vec<Item>,
    /// Opaque; none after the last page.
    pub next: Option<String>,
    /// Where the page ended because its budget was spent. There is a `next` then.
    pub stopped: Option<Stopped>,
    /// The picture that the list is a part of.
    pub picture: Picture,
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

/// The servers that fit `filter`, their verdicts included, at most `limit`, after the page that carried
/// `token`. No row comes twice, and none that stays as it is is missed. One that comes or goes between
/// two pages may be missed; where a list is of verdicts alone, one whose verdict changes between two
/// pages may be missed or come again.
///
/// Rows without a `replicationRegion`, which no sync writes, are in lists of an account alone.
///
/// `known` is the picture, where somebody has just read it.
///
/// # Errors
/// [`PageError`] names what is wrong.
pub async fn query_servers_page(
    tables: &ServerTables,
    filter: &ServerFilter,
    (limit, token): (usize, Option<&str>),
    (budget, known): (&Budget, Option<Picture>),
    freshness: &Freshness,
) -> Result<Page, PageError> {
    let cursor = token.map(|token| token::decode(token, filter).ok_or(PageError::Token));
    let cursor = cursor.transpose()?;
    let picture = async {
        match known {
            Some(picture) => Ok(picture),
            None => read_picture(&tables.picture, freshness).await,
        }
    };
    let walk = || Walk::new(tables, filter, (limit, budget), freshness);
    let (mut picture, walked) = if filter.is_of_the_unknown() {
        let picture = Box::pin(picture).await?;
        let plan = Plan { tables, filter, picture: Some(&picture) };
        let walked = Box::pin(servers(&plan, cursor, walk)).await?;
        (picture, walked)
    } else {
        let plan = Plan { tables, filter, picture: None };
        let picture = async { Ok::<_, PageError>(Box::pin(picture).await?) };
        futures::try_join!(Box::pin(picture), Box::pin(servers(&plan, cursor, walk)))?
    };
    picture.add(walked.not_known);
    let next = walked.next.map(|cursor| token::encode(filter, cursor));
    Ok(Page { rows: walked.rows, next, stopped: walked.stopped, picture })
}

async fn servers<'a>(
    plan: &Plan<'_>,
    cursor: Option<Cursor>,
    walk: impl Fn() -> Walk<'a>,
) -> Result<Walked, PageError> {
    if let Some(cursor) = cursor {
        let chain = plan.resume(cursor).await?.ok_or(PageError::Token)?;
        return Ok(walk().along(chain).await?);
    }
    let chain = plan.start().await?;
    let is_by_verdict = chain.kind == Kind::Attention;
    match walk().along(chain).await {
        // A table of an earlier version has no such index yet.
        Err(error) if is_by_verdict && lacks_index(&error) => {
            let cause = error.to_string();
            tracing::warn!(cause, "servers are looked for in every region");
            Ok(walk().along(plan.by_regions().await?).await?)
        }
        walked => Ok(walked?),
    }
}

fn lacks_index(error: &QueryError) -> bool {
    ["ValidationException", "ResourceNotFoundException"].contains(&error.source.code())
}
