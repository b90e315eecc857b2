//! `regions`: what came of asking each region, and which of them are closed on purpose.

use anyhow::bail;
use inventory::changes::moment;
use inventory::overview::Verdicts;
use inventory::picture::{Freshness, PictureTables, query_places, query_regions, read_picture};
use inventory::removals::{Acknowledgement, acknowledge_region};
use inventory::words::grouped;
use model::Place;
use model::environment::Environment;
use store::rows::Counts;
use store::tables::{get_account_region_status_table, get_drs_region_status_table};
use store::{Item, attribute, number, string, text};

use crate::args::{AcknowledgeArgs, Format, RegionsArgs, RegionsCommand};
use crate::exit;
use crate::render::rows::Columns;
use crate::render::{note, picture, print, rows};
use crate::store::{open_existing, open_to_read};

const COLUMNS: [(&str, &str); 11] = [
    ("region", "region"),
    ("status", "status"),
    ("servers", "serverCount"),
    ("ready", "ready"),
    ("at risk", "atRisk"),
    ("not ready", "notReady"),
    ("unknown", "unknown"),
    ("accounts", "accountsAsked"),
    ("failed", "accountsFailed"),
    ("last checked", "lastChecked"),
    ("message", "errorMessage"),
];
const ACCOUNT_COLUMNS: [(&str, &str); 9] = [
    ("region", "region"),
    ("status", "status"),
    ("servers", "serverCount"),
    ("ready", "ready"),
    ("at risk", "atRisk"),
    ("not ready", "notReady"),
    ("last checked", "lastChecked"),
    ("last read", "lastSuccess"),
    ("message", "errorMessage"),
];

pub(crate) async fn run(store: Option<&str>, args: RegionsArgs) -> anyhow::Result<u8> {
    let environment = Environment::of_process();
    match args.command {
        None => list(store, &args, &environment).await,
        Some(RegionsCommand::Acknowledge(args)) => acknowledge(store, args, &environment).await,
    }
}

/// Those with servers before those without, each in the order of their names.
fn in_use_first(rows: &mut [Item]) {
    rows.sort_by_cached_key(|row| {
        let servers = number(row, "serverCount").unwrap_or(0_u64);
        (servers == 0, text(row, "region").to_owned())
    });
}

/// A table for people has servers by verdict; every other format the rows as they are.
fn shown(rows: &[Item], columns: Columns<'_>, output: Format) -> anyhow::Result<String> {
    if output != Format::Table {
        return rows::render(rows, columns, output);
    }
    let rows: Vec<Item> = rows.iter().cloned().map(with_verdicts).collect();
    rows::render(&rows, columns, output)
}

/// A row of the legacy sync, or of an earlier version, has none.
fn with_verdicts(mut row: Item) -> Item {
    if let Some(counts) = attribute::<Counts>(&row, "counts") {
        let Verdicts { ready, at_risk, not_ready, unknown } = Verdicts::of(&counts);
        let figures =
            [("ready", ready), ("atRisk", at_risk), ("notReady", not_ready), ("unknown", unknown)];
        row.extend(figures.map(|(name, count)| (name.to_owned(), string(&grouped(count)))));
    }
    row
}

async fn acknowledge(
    store: Option<&str>,
    args: AcknowledgeArgs,
    environment: &Environment,
) -> anyhow::Result<u8> {
    let opened = open_existing(store, environment).await?;
    let AcknowledgeArgs { account_id, region, until, because } = args;
    let Some(until) = moment(&until) else {
        bail!("--until {until:?} is no time; expected one as in 2027-01-31")
    };
    let place = Place::new(&account_id, &region);
    let freshness = Freshness::from_environment(environment)?;
    let ledger = get_account_region_status_table(&opened)?;
    let acknowledgement = Acknowledgement { until, because };
    acknowledge_region(&ledger, &place, &acknowledgement, freshness.now).await?;
    note(&format!("from the next sync until {until} it is no failure that {place} is closed"));
    Ok(exit::OK)
}

async fn list(
    store: Option<&str>,
    args: &RegionsArgs,
    environment: &Environment,
) -> anyhow::Result<u8> {
    let opened = open_to_read(store, environment).await?;
    let table = get_drs_region_status_table(&opened)?;
    let tables = PictureTables::of(&opened)?;
    let freshness = Freshness::from_environment(environment)?;
    let mut regions = query_regions(&table, args.region.as_deref()).await?;
    in_use_first(&mut regions);
    let text = match &args.account {
        Some(account) => {
            let mut own = query_places(&tables.ledger, account, args.region.as_deref()).await?;
            if own.is_empty() && !regions.is_empty() {
                note(&format!("no region holds an answer for the account {account}"));
            }
            in_use_first(&mut own);
            shown(&own, &ACCOUNT_COLUMNS, args.output)?
        }
        None => shown(&regions, &COLUMNS, args.output)?,
    };
    print(&text)?;
    if regions.is_empty() {
        note("no regions; run `drs-inventory sync` first");
    }
    let mut picture = read_picture(&tables, &freshness).await?;
    if let Some(account) = &args.account {
        picture.only_account(account);
    }
    if let Some(region) = &args.region {
        picture.only_region(region);
    }
    picture::warn(&picture);
    Ok(exit::OK)
}
