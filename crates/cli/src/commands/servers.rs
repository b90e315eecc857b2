//! `servers`: what the inventory holds.

use inventory::regions::{Stale, query_regions, stale};
use inventory::servers::{ServerFilter, query_servers};
use model::environment::Environment;
use store::tables::{get_drs_region_status_table, get_source_server_inventory_table};

use crate::args::ServersArgs;
use crate::exit;
use crate::render::{note, print, rows};
use crate::store::open_to_read;

const COLUMNS: [(&str, &str); 11] = [
    ("hostname", "hostname"),
    ("server", "sourceServerID"),
    ("account", "sourceAccountId"),
    ("region", "replicationRegion"),
    ("state", "replicationState"),
    ("lag", "lagDuration"),
    ("last seen", "lastSeen"),
    ("os", "osName"),
    ("instance", "instanceId"),
    ("ip", "primaryIp"),
    ("updated", "lastUpdated"),
];

pub(crate) async fn run(store: Option<&str>, args: ServersArgs) -> anyhow::Result<u8> {
    let opened = open_to_read(store, &Environment::of_process()).await?;
    let table = get_source_server_inventory_table(&opened)?;
    let ServersArgs { account, staging_account, region, state, hostname, tag, output } = args;
    let filter = ServerFilter {
        account,
        staging_account,
        region,
        state,
        hostname,
        tag,
        ..ServerFilter::default()
    };
    let servers = query_servers(&table, &filter).await?;
    print(&rows::render(&servers, &COLUMNS, output)?)?;
    if servers.is_empty() {
        note("no servers");
    }
    let regions = get_drs_region_status_table(&opened)?;
    warn_of_stale(&stale(&query_regions(&regions, filter.region.as_deref()).await?));
    Ok(exit::OK)
}

/// A list that misses servers must not look like a full one.
fn warn_of_stale(stale: &[Stale]) {
    if stale.is_empty() {
        return;
    }
    note(
        "\nThese could not be read when they were last asked; their servers may be missing or out of date:",
    );
    for Stale { account_id, region, status, last_success } in stale {
        let since = last_success.as_deref().unwrap_or("never");
        note(&format!("  {account_id} {region}: {status}, last read: {since}"));
    }
}
