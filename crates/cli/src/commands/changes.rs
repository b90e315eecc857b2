//! `changes`: what happened.

use anyhow::{Context, bail};
use inventory::changes::{ChangeFilter, only_server, query_changes, time_of};
use inventory::picture::{Freshness, PictureTables, read_picture};
use inventory::servers::ServerTables;
use inventory::servers::one::Reach;
use store::tables::get_inventory_changes_table;

use crate::args::ChangesArgs;
use crate::exit;
use crate::render::history::HISTORY;
use crate::render::{note, picture};
use crate::setup::Setup;
use crate::store::open_to_read;

/// Entries that are shown where nobody says how many.
const MOST_ENTRIES: u32 = 1000;

pub(crate) async fn run(setup: &Setup, args: ChangesArgs) -> anyhow::Result<u8> {
    let environment = &setup.environment;
    let opened = open_to_read(setup).await?;
    let table = get_inventory_changes_table(&opened)?;
    let (tables, freshness) =
        (PictureTables::of(&opened)?, Freshness::from_environment(environment)?);
    let ChangesArgs { server, account, region, kind: kinds, since, list } = args;
    let since = match since.as_deref() {
        None => None,
        Some(text) => match time_of(text, freshness.now) {
            None => bail!("--since {text:?} is no time; expected one as in 2h, 3d or 2026-11-25"),
            since => since,
        },
    };
    let mut filter = ChangeFilter { account, region, kinds, since, ..ChangeFilter::default() };
    if let Some(id) = &server {
        let servers = ServerTables::of(&opened, environment)?;
        filter = only_server(filter, &servers, (id, Reach::Everywhere)).await?;
    }
    let limit =
        usize::try_from(list.limit.unwrap_or(MOST_ENTRIES)).context("--limit is too large")?;
    let (mut entries, mut token) = (Vec::new(), None::<String>);
    let mut looked_back_to;
    loop {
        let page = (limit - entries.len(), token.as_deref());
        let changes = query_changes(&table, &filter, page, freshness.now).await?;
        entries.extend(changes.entries);
        (token, looked_back_to) = (changes.next, changes.looked_back_to);
        if token.is_none() || entries.len() >= limit {
            break;
        }
    }
    let none = entries.is_empty();
    HISTORY.show(entries, &list)?;
    let time = looked_back_to.unwrap_or_else(|| "the beginning".to_owned());
    match (&token, none) {
        (Some(_), _) => note(&format!("these are the last, back to {time}; there may be more")),
        (None, true) => note(&format!("no changes since {time}")),
        (None, false) => {}
    }
    picture::warn(&read_picture(&tables, &freshness).await?);
    Ok(exit::OK)
}
