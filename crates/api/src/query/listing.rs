//! One page of the list of servers, as of when, and what it could not know.

use inventory::picture::Picture;
use inventory::servers::ServerFilter;
use inventory::servers::page::{Budget, query_servers_page};
use store::Item;

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
        let tables = self.server_tables()?;
        let (_, freshness) = self.picture()?;
        let picture = (*self.recent_picture().await?).clone();
        let reading = (&Budget::default(), Some(picture));
        let page = query_servers_page(&tables, filter, (limit, token), reading, &freshness);
        let mut page = Box::pin(page).await?;
        if let Some(region) = filter.region.single() {
            page.picture.only_region(region);
        }
        let stopped_after = page.stopped.map(|stopped| stopped.looked_at);
        Ok(Listed { rows: page.rows, next: page.next, stopped_after, picture: page.picture })
    }
}
