//! `server`: one server, as of when, and what happened to it.

use std::collections::BTreeSet;
use std::fmt::Write;

use inventory::changes::{ChangeFilter, Changes, query_changes};
use inventory::picture::{Freshness, NotKnown, Picture, PictureTables, add_as_of};
use inventory::readiness::explained;
use inventory::servers::ServerTables;
use inventory::servers::one::{Reach, find_server};
use jiff::Timestamp;
use model::readiness::Policy;
use serde_json::{Value, json};
use store::json::Json;
use store::tables::get_inventory_changes_table;
use store::{Item, text};
use sync::settings::policy;

use crate::args::{ServerArgs, SyncOutput};
use crate::exit;
use crate::render::history::HISTORY;
use crate::render::rows::cell;
use crate::render::{note, picture, print};
use crate::setup::Setup;
use crate::store::open_to_read;
use crate::text::one_line;

/// Entries of the history that are shown.
const MOST_ENTRIES: usize = 100;
/// What is shown first; everything else follows by its name.
const FIRST: [&str; 16] = [
    "hostname",
    "sourceServerID",
    "readiness",
    "lastReadiness",
    "asOf",
    "known",
    "missingSince",
    "replicationState",
    "lagDuration",
    "lastSeen",
    "listedIn",
    "sourceAccountId",
    "sourceRegion",
    "replicationRegion",
    "stagingAccountId",
    "sourceServerArn",
];
/// What only the sync needs, and reasons, which are told in words.
const LEFT_OUT: [&str; 3] = ["contentHash", "attention", "readinessReasons"];

pub(crate) async fn run(setup: &Setup, args: ServerArgs) -> anyhow::Result<u8> {
    let environment = &setup.environment;
    let opened = open_to_read(setup).await?;
    let tables = PictureTables::of(&opened)?;
    let freshness = Freshness::from_environment(environment)?;
    let servers = ServerTables::of(&opened, environment)?;
    let mut row = [find_server(&servers, &args.id, Reach::Everywhere).await?];
    let not_known = add_as_of(&tables.ledger, &mut row, &freshness).await?;
    let [row] = row;
    let filter = ChangeFilter::of(text(&row, "sourceServerArn"));
    let table = get_inventory_changes_table(&opened)?;
    let changes = query_changes(&table, &filter, (MOST_ENTRIES, None), freshness.now).await?;
    match args.output {
        SyncOutput::Text => {
            let policy = policy(environment)?;
            print(&facts(&row))?;
            print(&reasons(&row, &policy, freshness.now))?;
            show_history(&changes)?;
        }
        SyncOutput::Json => print(&format!("{:#}\n", answer(&row, &changes, &not_known)))?,
    }
    picture::warn(&Picture { not_known, ..Picture::default() });
    Ok(exit::OK)
}

fn facts(row: &Item) -> String {
    let others: BTreeSet<&str> = row.keys().map(String::as_str).collect();
    let others =
        others.into_iter().filter(|name| !FIRST.contains(name) && !LEFT_OUT.contains(name));
    let names = FIRST.into_iter().filter(|name| row.contains_key(*name)).chain(others);
    let mut text = String::new();
    for name in names {
        let value = one_line(&cell(row, name));
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:<20} {value}");
        }
    }
    text
}

/// Each reason with the fact that it rests on, and what to do.
fn reasons(row: &Item, policy: &Policy, now: Timestamp) -> String {
    let mut text = String::new();
    for reason in explained(row, policy, now) {
        let (code, fact) = (reason.code, one_line(&reason.fact));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{code}: {fact}\n  {}", reason.what_to_do);
    }
    text
}

fn show_history(changes: &Changes) -> anyhow::Result<()> {
    if changes.entries.is_empty() {
        note("\nnothing is known to have happened to it");
        return Ok(());
    }
    print(&format!("\n{}", HISTORY.table(&changes.entries)?))?;
    if changes.next.is_some() {
        note(&format!("these are the last {MOST_ENTRIES}; `changes --server` shows more"));
    }
    Ok(())
}

fn answer(row: &Item, changes: &Changes, not_known: &[NotKnown]) -> Value {
    let history: Vec<Value> = changes.entries.iter().map(|it| Json(it).to_value()).collect();
    json!({
        "server": Json(row).to_value(),
        "count": history.len(),
        "history": history,
        "complete": not_known.is_empty(),
        "notKnown": not_known,
    })
}
