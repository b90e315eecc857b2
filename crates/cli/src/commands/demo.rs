//! `demo`: the whole sync against the world that ships with the project.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ::sim::{Simulator, World};
use anyhow::{Context, bail};
use aws::Aws;
use aws_sdk_dynamodb::types::AttributeValue;
use inventory::Outcome;
use inventory::words::count;
use model::environment::Environment;
use store::tables::{
    SourceServerInventoryTable, TargetAccountsTable, get_source_server_inventory_table,
    get_target_accounts_table,
};
use store::{scan, text};

use super::sync::sync;
use crate::args::{DYNAMODB, DemoArgs};
use crate::exit;
use crate::render::{print, summary};
use crate::serve::{FREE_PORT, Served, listen, serve};
use crate::store::{data_file, open_file, path_of};
use crate::text::shell_word;

const WORLD: &str = include_str!("../../../../worlds/demo.json");
const FILE: &str = "demo.db";

pub(crate) async fn run(store: Option<&str>, args: &DemoArgs) -> anyhow::Result<u8> {
    let world = World::from_json(WORLD)?;
    // Nothing of the user's own set-up is looked at; everything that can be shown is.
    let environment = Environment::of([("READ_DRILLS", "true"), ("FIND_UNPROTECTED", "true")]);
    let path = store_path(store)?;
    let opened = open_file(&path, &environment).await?;
    let accounts = get_target_accounts_table(&opened)?;
    let servers = get_source_server_inventory_table(&opened)?;
    refuse_other_accounts(&accounts, &servers, &world).await?;
    load_accounts(&accounts, &world).await?;

    let simulator = Simulator::start(before_the_failure(&world)).await;
    let simulator = simulator.context("cannot start the simulated AWS")?;
    let aws = Aws::simulated(&simulator.endpoint());
    let first = match sync(aws.clone(), opened.clone(), &environment, &[]).await? {
        Ok(result) => result?,
        Err(ended) => return Ok(ended.exit_code()),
    };
    match &first {
        Outcome::Refactored(report) if report.servers_written > 0 => {
            let stored = count(report.servers_written as u64, "server");
            print(&format!(
                "A first sync stored {stored}. In a second one a region denies the role:\n\n"
            ))?;
        }
        Outcome::Refactored(_) | Outcome::Legacy(_) => {
            bail!("the demo stored no servers; this is a fault of the program")
        }
    }
    simulator.set_world(world);
    let second = match sync(aws.clone(), opened.clone(), &environment, &[]).await? {
        Ok(result) => result?,
        Err(ended) => return Ok(ended.exit_code()),
    };
    print(&summary::summary(&second, path.to_str(), &[]))?;
    print(&how_to_read(&path))?;
    if args.serve {
        let listener = listen(FREE_PORT).await?;
        return serve(Served { aws, store: opened, environment, allow_changes: true }, listener)
            .await;
    }
    print(&how_to_look())?;
    // The demo world has a region that cannot be read: that is what it shows.
    Ok(exit::OK)
}

/// The world as an earlier sync found it: every region with servers still answered, so that their last
/// verdicts are known once one does not.
fn before_the_failure(world: &World) -> World {
    let mut world = world.clone();
    let regions = world.accounts.values_mut().flat_map(|account| account.drs.values_mut());
    for region in regions.filter(|region| !region.source_servers.is_empty()) {
        region.fault.take_if(|fault| fault.count.is_none() && fault.operation.is_none());
    }
    world
}

fn store_path(store: Option<&str>) -> anyhow::Result<PathBuf> {
    match store {
        Some(DYNAMODB) => bail!("the demo writes to an embedded store only; give a path"),
        Some(_) => path_of(store),
        None => {
            let path = data_file(FILE)?;
            remove_store(&path)?;
            Ok(path)
        }
    }
}

/// The demo's own file is made anew each time.
fn remove_store(path: &Path) -> anyhow::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Simulated servers must not mix with real ones. Removed accounts leave their servers behind, so
/// that a store without accounts need not be empty.
async fn refuse_other_accounts(
    accounts: &TargetAccountsTable,
    servers: &SourceServerInventoryTable,
    world: &World,
) -> anyhow::Result<()> {
    let known: Vec<&str> =
        world.target_accounts.iter().filter_map(|a| a["accountId"].as_str()).collect();
    let rows = scan(accounts).await?;
    if rows.is_empty() && !scan(servers).await?.is_empty() {
        bail!("the store holds servers that are not the demo's; give --store a new file");
    }
    for row in rows {
        let account = text(&row, "accountId");
        if !known.contains(&account) {
            bail!(
                "the store holds the account {account}, which is not the demo's; give --store a new file"
            );
        }
    }
    Ok(())
}

async fn load_accounts(table: &TargetAccountsTable, world: &World) -> anyhow::Result<()> {
    for account in &world.target_accounts {
        let item: HashMap<String, AttributeValue> = serde_dynamo::to_item(account)?;
        let put = table.client.put_item().table_name(&table.name).set_item(Some(item));
        put.send().await.context("cannot store the accounts of the demo")?;
    }
    Ok(())
}

/// This program, as it was called.
fn program() -> String {
    shell_word(&std::env::args().next().unwrap_or_else(|| "drs-inventory".to_owned()))
}

fn how_to_look() -> String {
    format!("\nIn a browser:\n  {} demo --serve\n", program())
}

fn how_to_read(path: &Path) -> String {
    let path = shell_word(&path.display().to_string());
    let program = program();
    format!(
        "\nWhat it stored:\n  {program} status --store {path}\n  {program} servers --store {path}\n  {program} regions --store {path}\n"
    )
}
