//! The store that `--store` names: an embedded one in a file, or DynamoDB.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use embedded::OpenError;
use model::environment::Environment;
use store::tables::{TableNames, create_tables};
use store::{Indexes, Store};

use crate::args::DYNAMODB;
use crate::render::note;
use crate::setup::Setup;
use crate::text::store_option;

const INVENTORY_FILE: &str = "inventory.db";

/// What a command does with its store.
enum Use {
    /// Writes; makes what is not there.
    Write,
    /// Makes tables itself.
    MakeTables,
    /// Changes what is there.
    Change,
    /// Reads what is there.
    Read,
}

/// For commands that write: an embedded store is made, with its tables, where there is none.
pub(crate) async fn open(setup: &Setup) -> anyhow::Result<Store> {
    open_for(Use::Write, setup).await
}

/// For `tables create`, which tells the tables it made from those that were there.
pub(crate) async fn open_as_it_is(setup: &Setup) -> anyhow::Result<Store> {
    open_for(Use::MakeTables, setup).await
}

/// For commands that change what is there: a store that is not there is not made.
pub(crate) async fn open_existing(setup: &Setup) -> anyhow::Result<Store> {
    open_for(Use::Change, setup).await
}

/// For commands that read: nothing is made, nothing is waited for, and a file that may only be
/// read is enough.
pub(crate) async fn open_to_read(setup: &Setup) -> anyhow::Result<Store> {
    open_for(Use::Read, setup).await
}

async fn open_for(purpose: Use, setup: &Setup) -> anyhow::Result<Store> {
    let (store, environment) = (setup.store(), &setup.environment);
    if store == Some(DYNAMODB) {
        let client = setup.aws().await?.dynamodb();
        return Ok(Store {
            client,
            names: TableNames::from_environment(environment),
            indexes: Indexes::MayLag,
        });
    }
    let path = path_of(store)?;
    match purpose {
        Use::MakeTables => embedded(&path, environment),
        Use::Read => match embedded::Store::open_to_read(&path) {
            Ok(opened) => Ok(over(&opened, environment)),
            Err(OpenError::Nothing { path }) => Err(nothing_at(&path, store)),
            Err(error) => Err(error.into()),
        },
        Use::Change if !path.exists() => Err(nothing_at(&path, store)),
        Use::Change | Use::Write => open_file(&path, environment).await,
    }
}

fn nothing_at(path: &Path, store: Option<&str>) -> anyhow::Error {
    let (path, option) = (path.display(), store_option(store));
    anyhow!(
        "there is no store at {path}; run `drs-inventory sync{option}` first, or `drs-inventory demo` and read the store that it names"
    )
}

/// Opens the store at `path`, and makes it, with its tables, where there is none.
pub(crate) async fn open_file(path: &Path, environment: &Environment) -> anyhow::Result<Store> {
    let opened = embedded(path, environment)?;
    let names = opened.names.or_defaults();
    create_tables(&Store { names, ..opened.clone() })
        .await
        .with_context(|| format!("store {}", path.display()))?;
    Ok(opened)
}

fn embedded(path: &Path, environment: &Environment) -> anyhow::Result<Store> {
    let opened = embedded::Store::open(path)?;
    if !opened.is_private() {
        note(&format!(
            "others can read {}, which holds external ids; let its owner run `chmod 600` on it",
            path.display()
        ));
    }
    Ok(over(&opened, environment))
}

fn over(opened: &embedded::Store, environment: &Environment) -> Store {
    Store {
        client: opened.client(),
        names: TableNames::with_defaults(environment),
        indexes: Indexes::FollowAtOnce,
    }
}

/// A file in the user's data directory.
pub(crate) fn data_file(name: &str) -> anyhow::Result<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "drs-inventory")
        .context("there is no home directory; name a file with --store")?;
    Ok(folders.data_dir().join(name))
}

/// The file that `--store` names.
pub(crate) fn path_of(store: Option<&str>) -> anyhow::Result<PathBuf> {
    match store {
        Some("") => bail!("--store is empty; expected the path of a file, or `dynamodb`"),
        Some(path) => Ok(PathBuf::from(path)),
        None => data_file(INVENTORY_FILE),
    }
}
