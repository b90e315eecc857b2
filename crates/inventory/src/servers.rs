//! Rows of the inventory, by whatever a person knows of them.
//!
//! - `filter`: what a server must fit.
//! - `terms`: what one text of it must be.
//! - `one`: one server, by its id or ARN.
//! - `page`: page by page.
//! - `tables`: what lists, and one server, are read from.
//! - `troubled`: servers that are not ready, by their index.

mod filter;
pub mod one;
pub mod page;
mod tables;
mod terms;
mod troubled;

use std::cmp::Reverse;

use model::lag::lag_seconds;
use store::tables::SourceServerInventoryTable;
use store::{Item, QueryError, by_name, text};

use crate::as_of::Standing;
use crate::readiness::verdict;

pub use filter::ServerFilter;
pub(crate) use filter::is_tagged;
pub use tables::ServerTables;
pub use terms::Terms;
pub use troubled::query_attention;

/// The servers that fit, sorted by hostname, every page. Uses an index where a filter has one. Verdicts
/// are looked at once the rows have them: [`ServerFilter::verdict_fits`].
///
/// # Errors
/// [`QueryError`] names the table; half an answer is never returned.
pub async fn query_servers(
    table: &SourceServerInventoryTable,
    filter: &ServerFilter,
) -> Result<Vec<Item>, QueryError> {
    let rows = filter.listing(table).every_item().await?;
    Ok(fitting(rows, filter))
}

/// As [`query_servers`]; where only servers that are not ready can fit, no row of another is read.
///
/// Only where every row was judged: rows that the legacy sync wrote are in no index of verdicts.
///
/// # Errors
/// [`QueryError`] names the table; half an answer is never returned.
pub async fn query_judged_servers(
    table: &SourceServerInventoryTable,
    filter: &ServerFilter,
) -> Result<Vec<Item>, QueryError> {
    if filter.index().is_some() || !filter.is_of_the_troubled() {
        return query_servers(table, filter).await;
    }
    match Box::pin(query_attention(table)).await {
        Ok(entries) => {
            let in_index = filter.in_attention_index();
            let entries = entries.into_iter().filter(|entry| in_index.fits(entry)).collect();
            Ok(fitting(troubled::whole_rows(table, entries).await?, filter))
        }
        // A table of an earlier version has no such index yet.
        Err(error) => {
            let cause = error.to_string();
            tracing::warn!(cause, "every server is looked at");
            query_servers(table, filter).await
        }
    }
}

/// Of the rows of an answer those that fit, the worst first.
pub fn only_fitting(rows: Vec<Item>, filter: &ServerFilter) -> Vec<Item> {
    let mut rows = fitting(rows, filter);
    rows.retain(|row| filter.verdict_fits(row));
    worst_first(&mut rows);
    rows
}

fn fitting(mut rows: Vec<Item>, filter: &ServerFilter) -> Vec<Item> {
    rows.retain(|row| filter.fits(row));
    rows.sort_by_cached_key(|row| by_name(row, "hostname", "sourceServerArn"));
    rows
}

/// Sorts rows of an answer, the worst and least known first: by verdict, then by lag, then by name.
pub fn worst_first(rows: &mut [Item]) {
    rows.sort_by_cached_key(|row| {
        let lag = lag_seconds(text(row, "lagDuration"));
        let standing = Standing::from_name(verdict(row)).unwrap_or(Standing::Unknown);
        (Reverse(standing), Reverse(lag), by_name(row, "hostname", "sourceServerArn"))
    });
}
