//! `removals`: what waits for an approval, and giving it.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail};
use aws_sdk_dynamodb::types::AttributeValue;
use inventory::picture::{HeldBecause, HeldRemoval};
use inventory::removals::{Seen, Waiting, approve_removal, held_removal, list_removals};
use model::Place;
use store::Item;
use store::tables::{AccountRegionStatusTable, get_account_region_status_table};

use super::restore;
use crate::args::{ApproveArgs, Format, RemovalsCommand};
use crate::exit;
use crate::render::listing::Listing;
use crate::render::{note, picture};
use crate::setup::Setup;
use crate::store::{open_existing, open_to_read};

const COLUMNS: [(&str, &str); 6] = [
    ("account", "accountId"),
    ("region", "region"),
    ("servers", "count"),
    ("since", "since"),
    ("because", "because"),
    ("status", "status"),
];

pub(crate) async fn run(setup: &Setup, command: RemovalsCommand) -> anyhow::Result<u8> {
    match command {
        RemovalsCommand::List(asked) => {
            let opened = open_to_read(setup).await?;
            let held = list_removals(&get_account_region_status_table(&opened)?).await?;
            let lines = held.iter().map(|removal| line(removal, asked.output)).collect();
            Listing { further: &["installation"], ..Listing::of(&COLUMNS) }.show(lines, &asked)?;
            if held.is_empty() {
                note("no removal waits for an approval");
            }
        }
        RemovalsCommand::Approve(args) => {
            let opened = open_existing(setup).await?;
            approve(&get_account_region_status_table(&opened)?, args).await?;
        }
        RemovalsCommand::Restore { arn } => {
            restore::run(&open_existing(setup).await?, &arn).await?;
        }
    }
    Ok(exit::OK)
}

fn line(removal: &HeldRemoval, output: Format) -> Item {
    let HeldRemoval { account_id, region, because, status, count, since, is_approved: _ } = removal;
    let because = match because {
        HeldBecause::TooMany => "TOO_MANY",
        HeldBecause::Closed => "CLOSED",
    };
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let mut line = Item::from([
        ("region".to_owned(), text(region.as_deref().unwrap_or_default())),
        ("count".to_owned(), AttributeValue::N(count.to_string())),
        ("since".to_owned(), text(since)),
        ("because".to_owned(), text(because)),
        ("status".to_owned(), text(status.as_deref().unwrap_or_default())),
    ]);
    let (name, value) = match (account_id, output.is_for_people()) {
        (Some(account), _) => ("accountId", text(account)),
        // What `removals approve` takes.
        (None, true) => ("accountId", text("--installation")),
        (None, false) => ("installation", AttributeValue::Bool(true)),
    };
    line.insert(name.to_owned(), value);
    line
}

async fn approve(ledger: &AccountRegionStatusTable, args: ApproveArgs) -> anyhow::Result<()> {
    let ApproveArgs { account_id, region, installation: _, count, since } = args;
    let waiting = match (account_id, region) {
        (Some(account), Some(region)) => Waiting::Place(Place::new(&account, &region)),
        _ => Waiting::Installation,
    };
    let seen = match count.zip(since) {
        Some((count, since)) => Seen { count, since },
        None => show(&held_removal(ledger, &waiting).await?)?,
    };
    approve_removal(ledger, &waiting, &seen).await?;
    let count = seen.count;
    note(&format!("approved: the next sync removes up to {count} servers of {waiting}"));
    Ok(())
}

/// Shows what waits to whoever sits at the terminal, and lets them say whether that is to go.
fn show(held: &HeldRemoval) -> anyhow::Result<Seen> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        bail!(
            "say what you saw with --count and --since, as `drs-inventory removals list` shows it"
        );
    }
    note(&format!("{}\nRemove them? Their rows stay in the history. [y/N]", picture::held(held)));
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).context("cannot read the answer")?;
    if !matches!(answer.trim(), "y" | "Y" | "yes") {
        bail!("nothing was approved");
    }
    Ok(Seen { count: held.count, since: held.since.clone() })
}
