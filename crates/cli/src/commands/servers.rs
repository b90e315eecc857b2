//! `servers`: what the inventory holds.

use inventory::picture::{NotKnown, not_known};
use inventory::servers::{ServerFilter, query_servers};
use model::environment::Environment;
use store::tables::{get_account_region_status_table, get_source_server_inventory_table};

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
    warn_of_not_known(&not_known(&get_account_region_status_table(&opened)?).await?);
    Ok(exit::OK)
}

/// A list that misses servers must not look like a full one.
fn warn_of_not_known(not_known: &[NotKnown]) {
    if not_known.is_empty() {
        return;
    }
    note(
        "\nThese could not be read when they were last asked; their servers may be missing or out of date:",
    );
    for NotKnown { account_id, region, status, failing_since, .. } in not_known {
        let region = region.as_deref().unwrap_or("(the whole account)");
        let since = failing_since.as_deref().unwrap_or("an unknown time");
        note(&format!("  {account_id} {region}: {status}, since {since}"));
    }
}
