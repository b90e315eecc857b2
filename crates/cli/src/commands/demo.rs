//! `demo`: the whole sync against the world that ships with the project.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ::sim::{Simulator, World};
use anyhow::{Context, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use inventory::aws::{Aws, CallPolicy};
use inventory::config::Environment;
use inventory::query::servers::scan;
use inventory::query::text;
use inventory::tables::{Table, get_target_accounts_table};

use super::sync::sync;
use crate::exit;
use crate::render::{print, summary};
use crate::store::{OpenStore, data_file, open_file};

const WORLD: &str = include_str!("../../../../worlds/demo.json");
const FILE: &str = "demo.db";

pub(crate) async fn run(store: Option<&str>) -> anyhow::Result<u8> {
    let world = World::from_json(WORLD)?;
    // Nothing of the user's own set-up is looked at.
    let environment = Environment::of([]);
    let path = store_path(store)?;
    let opened = open_file(&path, &environment).await?;
    let accounts = get_target_accounts_table(&opened.client, &opened.tables)?;
    load_accounts(&accounts, &world).await?;

    let simulator = Simulator::start(world).await.context("cannot start the simulated AWS")?;
    let aws = Aws::new(sdk_config(&simulator.endpoint()), CallPolicy::default());
    let store = OpenStore { client: opened.client.clone(), tables: opened.tables.clone() };
    let response = sync(aws, store, environment).await?;

    let stored = response.body["totalSynced"].as_u64().unwrap_or(0);
    if stored == 0 {
        bail!("the demo stored no servers; this is a fault of the program");
    }
    print(&summary::summary(&response))?;
    print(&how_to_read(&path))?;
    // The demo world has a region that cannot be read: that is what it shows.
    Ok(exit::OK)
}

fn store_path(store: Option<&str>) -> anyhow::Result<PathBuf> {
    match store {
        Some("dynamodb") => bail!("the demo writes to an embedded store only; give a path"),
        Some(path) => Ok(PathBuf::from(path)),
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

/// Refuses a store of other accounts: simulated servers must not mix with real ones.
async fn load_accounts(table: &Table, world: &World) -> anyhow::Result<()> {
    let known: Vec<&str> =
        world.target_accounts.iter().filter_map(|a| a["accountId"].as_str()).collect();
    for row in scan(table).await? {
        let account = text(&row, "accountId");
        if !known.contains(&account) {
            bail!(
                "the store holds the account {account}, which is not the demo's; give --store a new file"
            );
        }
    }
    for account in &world.target_accounts {
        let item: HashMap<String, AttributeValue> = serde_dynamo::to_item(account)?;
        let put = table.client.put_item().table_name(&table.name).set_item(Some(item));
        put.send().await.context("cannot store the accounts of the demo")?;
    }
    Ok(())
}

fn sdk_config(endpoint: &str) -> SdkConfig {
    let hub = Credentials::new("AKIADEMO", "demo", None, None, "demo");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(hub))
        .endpoint_url(endpoint)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

fn how_to_read(path: &Path) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "drs-inventory".to_owned());
    let path = quoted(&path.display().to_string());
    let program = quoted(&program);
    format!(
        "\nWhat it stored:\n  {program} servers --store {path}\n  {program} regions --store {path}\n"
    )
}

/// As a shell takes it.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:".contains(c);
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
