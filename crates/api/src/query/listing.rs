//! One page of the list of servers, as of when, and what it could not know.

use inventory::picture::{Picture, picture_of_servers};
use inventory::servers::ServerFilter;
use inventory::servers::page::query_servers_page;
use store::Item;
use store::tables::get_source_server_inventory_table;

use super::Queries;
use crate::failure::Failure;

/// Some servers that fit.
pub(crate) struct Listed {
    pub(crate) rows: Vec<Item>,
    /// Where to go on; none after the last page.
    pub(crate) next: Option<String>,
    /// Servers that were looked at when the time was up; none where the page is whole.
    pub(crate) stopped_after: Option<u64>,
    pub(crate) picture: Picture,
}

impl Queries {
    /// At most `limit` servers that fit, after the page that carried `token`.
    ///
    /// # Errors
    /// A token of other filters, a table that cannot be read, or a setting that is wrong.
    pub(crate) async fn list_servers(
        &self,
        filter: &ServerFilter,
        limit: usize,
        token: Option<&str>,
    ) -> Result<Listed, Failure> {
        let table = get_source_server_inventory_table(&self.store)?;
        let (tables, freshness) = self.picture()?;
        let mut page = query_servers_page(&table, filter, limit, token).await?;
        let mut picture = picture_of_servers(&tables, &mut page.rows, &freshness).await?;
        page.rows.retain(|row| filter.verdict_fits(row));
        if let Some(region) = filter.region.single() {
            picture.only_region(region);
        }
        Ok(Listed { rows: page.rows, next: page.next, stopped_after: None, picture })
    }
}
