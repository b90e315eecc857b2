//! Which servers a group means.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use store::tables::SourceServerInventoryTable;
use store::{Item, by_name, text};

use super::Definition;
use crate::ManageError;
use crate::servers::{ServerFilter, Terms, is_tagged, query_servers};

/// The servers of a group, as the inventory knows them.
#[derive(Debug, Default)]
pub struct Resolved {
    /// Rows of the inventory, one per server, sorted by hostname.
    pub servers: Vec<Item>,
    /// Ids that the inventory does not have in this region and account.
    pub missing: Vec<String>,
}

impl Resolved {
    /// Ids of servers that DRS no longer lists, and whose rows are still there.
    pub fn no_longer_listed(&self) -> Vec<&str> {
        let flagged = self.servers.iter().filter(|row| row.contains_key("missingSince"));
        flagged.map(|row| text(row, "sourceServerID")).collect()
    }
}

/// The servers of a group, by the index of their region.
///
/// # Errors
/// [`ManageError::Read`] names the table.
pub async fn resolve_protection_group(
    inventory: &SourceServerInventoryTable,
    definition: &Definition,
) -> Result<Resolved, ManageError> {
    let filter =
        ServerFilter { region: Terms::only(&definition.region), ..ServerFilter::default() };
    let mut servers = one_row_each(query_servers(inventory, &filter).await?);
    let account = definition.account_id.as_deref();
    servers.retain(|row| account.is_none_or(|id| text(row, "sourceAccountId") == id));
    if let Some(tags) = &definition.server_selection_tags {
        servers.retain(|row| has_tags(row, tags));
        return Ok(Resolved { servers, missing: Vec::new() });
    }
    let wanted = definition.source_server_ids.iter().flatten();
    let wanted: BTreeSet<&str> = wanted.map(String::as_str).collect();
    servers.retain(|row| wanted.contains(text(row, "sourceServerID")));
    let found: BTreeSet<&str> = servers.iter().map(|row| text(row, "sourceServerID")).collect();
    let missing = wanted.difference(&found).map(|id| (*id).to_owned()).collect();
    Ok(Resolved { servers, missing })
}

/// A server whose staging account changed has a row of each; the one written last speaks for it.
fn one_row_each(mut rows: Vec<Item>) -> Vec<Item> {
    rows.sort_by_cached_key(|row| Reverse(text(row, "lastUpdated").to_owned()));
    let mut seen = HashSet::new();
    rows.retain(|row| seen.insert(text(row, "sourceServerArn").to_owned()));
    rows.sort_by_cached_key(|row| by_name(row, "hostname", "sourceServerArn"));
    rows
}

/// Whether a row is of a server of the group.
pub fn is_in_group(row: &Item, definition: &Definition) -> bool {
    let ids = definition.source_server_ids.as_ref();
    text(row, "replicationRegion") == definition.region
        && definition.account_id.as_deref().is_none_or(|id| text(row, "sourceAccountId") == id)
        && (ids.is_some_and(|ids| ids.iter().any(|id| id == text(row, "sourceServerID")))
            || definition.server_selection_tags.as_ref().is_some_and(|tags| has_tags(row, tags)))
}

fn has_tags(row: &Item, tags: &BTreeMap<String, String>) -> bool {
    tags.iter().all(|(key, value)| is_tagged(row, key, value))
}
