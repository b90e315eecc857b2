//! `servers`: what the inventory holds.

use inventory::picture::{Freshness, PictureTables, picture_of_servers};
use inventory::servers::{ServerFilter, query_servers};
use model::environment::Environment;
use store::tables::get_source_server_inventory_table;

use crate::args::ServersArgs;
use crate::exit;
use crate::render::{note, picture, print, rows};
use crate::store::open_to_read;

const COLUMNS: [(&str, &str); 12] = [
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
    ("as of", "asOf"),
    ("known", "known"),
];

pub(crate) async fn run(store: Option<&str>, args: ServersArgs) -> anyhow::Result<u8> {
    let environment = Environment::of_process();
    let opened = open_to_read(store, &environment).await?;
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
    let tables = PictureTables::of(&opened)?;
    let freshness = Freshness::from_environment(&environment)?;
    let mut servers = query_servers(&table, &filter).await?;
    let mut picture = picture_of_servers(&tables, &mut servers, &freshness).await?;
    if let Some(region) = &filter.region {
        picture.only_region(region);
    }
    print(&rows::render(&servers, &COLUMNS, output)?)?;
    if servers.is_empty() {
        note("no servers");
    }
    picture::warn(&picture);
    Ok(exit::OK)
}
