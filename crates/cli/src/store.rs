//! The store that `--store` names: an embedded one in a file, or DynamoDB.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use aws_sdk_dynamodb::Client;
use embedded::Store;
use inventory::aws::Aws;
use inventory::config::Environment;
use inventory::tables::{TableNames, create_tables};

/// The tables, and the client that reaches them.
pub(crate) struct OpenStore {
    pub(crate) client: Client,
    pub(crate) tables: TableNames,
}

/// The word that stands for DynamoDB in place of a path.
const DYNAMODB: &str = "dynamodb";
const INVENTORY_FILE: &str = "inventory.db";

/// For commands that write: an embedded store is made, with its tables, where there is none.
pub(crate) async fn open(
    store: Option<&str>,
    environment: &Environment,
) -> anyhow::Result<OpenStore> {
    if store == Some(DYNAMODB) {
        return Ok(dynamodb(environment).await);
    }
    open_file(&path_of(store)?, environment).await
}

/// For commands that read: a store that is not there is not made.
pub(crate) async fn open_existing(
    store: Option<&str>,
    environment: &Environment,
) -> anyhow::Result<OpenStore> {
    if store == Some(DYNAMODB) {
        return Ok(dynamodb(environment).await);
    }
    let path = path_of(store)?;
    if !path.exists() {
        let path = path.display();
        bail!(
            "there is no store at {path}; run `drs-inventory sync` or `drs-inventory demo` first, or name another with --store"
        );
    }
    open_file(&path, environment).await
}

/// Opens the store at `path`, and makes it, with its tables, where there is none.
pub(crate) async fn open_file(path: &Path, environment: &Environment) -> anyhow::Result<OpenStore> {
    let client = Store::open(path)?.client();
    let tables = TableNames::with_defaults(environment);
    create_tables(&client, &tables.or_defaults())
        .await
        .with_context(|| format!("store {}", path.display()))?;
    Ok(OpenStore { client, tables })
}

/// A file in the user's data directory.
pub(crate) fn data_file(name: &str) -> anyhow::Result<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "drs-inventory")
        .context("there is no home directory; name a file with --store")?;
    Ok(folders.data_dir().join(name))
}

fn path_of(store: Option<&str>) -> anyhow::Result<PathBuf> {
    match store {
        Some("") => bail!("--store is empty; expected the path of a file, or `dynamodb`"),
        Some(path) => Ok(PathBuf::from(path)),
        None => data_file(INVENTORY_FILE),
    }
}

async fn dynamodb(environment: &Environment) -> OpenStore {
    let client = Aws::from_environment(environment).await.dynamodb();
    OpenStore { client, tables: TableNames::from_environment(environment) }
}
