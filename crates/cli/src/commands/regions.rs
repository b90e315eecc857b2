//! `regions`: what came of asking each region, and which of them are closed on purpose.

use anyhow::bail;
use aws_sdk_dynamodb::types::AttributeValue;
use inventory::changes::moment;
use inventory::overview::Verdicts;
use inventory::picture::{Freshness, PictureTables, query_places, query_regions, read_picture};
use inventory::removals::{Acknowledgement, acknowledge_region};
use inventory::words::grouped;
use model::Place;
use store::rows::Counts;
use store::tables::{get_account_region_status_table, get_drs_region_status_table};
use store::{Item, attribute, number, text};

use crate::args::{AcknowledgeArgs, RegionsArgs, RegionsCommand};
use crate::exit;
use crate::render::listing::Listing;
use crate::render::rows::{Columns, Said};
use crate::render::{note, picture};
use crate::setup::Setup;
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

pub(crate) async fn run(setup: &Setup, args: RegionsArgs) -> anyhow::Result<u8> {
    match args.command {
        None => list(setup, &args).await,
        Some(RegionsCommand::Acknowledge(args)) => acknowledge(setup, args).await,
    }
}

/// Those with servers before those without, each in the order of their names.
fn in_use_first(rows: &mut [Item]) {
    rows.sort_by_cached_key(|row| {
        let servers = number(row, "serverCount").unwrap_or(0_u64);
        (servers == 0, text(row, "region").to_owned())
    });
}

/// Servers by verdict. A row of the legacy sync, or of an earlier version, has none.
struct ByVerdict;

impl ByVerdict {
    fn count(row: &Item, name: &str) -> Option<u64> {
        let counts = || attribute::<Counts>(row, "counts");
        let figure: fn(Verdicts) -> u64 = match name {
            "ready" => |it| it.ready,
            "atRisk" => |it| it.at_risk,
            "notReady" => |it| it.not_ready,
            "unknown" => |it| it.unknown,
            _ => return None,
        };
        counts().map(|counts| figure(Verdicts::of(&counts)))
    }
}

impl Said for ByVerdict {
    fn words(&self, row: &Item, name: &str) -> Option<String> {
        Self::count(row, name).map(grouped)
    }

    fn made(&self, row: &Item, name: &str) -> Option<AttributeValue> {
        Self::count(row, name).map(|count| AttributeValue::N(count.to_string()))
    }
}

/// What a row may have beyond the columns.
const FURTHER: [&str; 14] = [
    "accountId",
    "lastUpdated",
    "counts",
    "errorCode",
    "retryable",
    "failingSince",
    "refreshedAt",
    "rowsNotStored",
    "removals",
    "removalHeld",
    "removalApproved",
    "acknowledgedUntil",
    "acknowledgedBecause",
    "trouble",
];

fn listing<'a>(columns: Columns<'a>) -> Listing<'a> {
    Listing { further: &FURTHER, said: &ByVerdict, ..Listing::of(columns) }
}

async fn acknowledge(setup: &Setup, args: AcknowledgeArgs) -> anyhow::Result<u8> {
    let opened = open_existing(setup).await?;
    let AcknowledgeArgs { account_id, region, until, because } = args;
    let Some(until) = moment(&until) else {
        bail!("--until {until:?} is no time; expected one as in 2027-01-31")
    };
    let place = Place::new(&account_id, &region);
    let freshness = Freshness::from_environment(&setup.environment)?;
    let ledger = get_account_region_status_table(&opened)?;
    let acknowledgement = Acknowledgement { until, because };
    acknowledge_region(&ledger, &place, &acknowledgement, freshness.now).await?;
    note(&format!("from the next sync until {until} it is no failure that {place} is closed"));
    Ok(exit::OK)
}

async fn list(setup: &Setup, args: &RegionsArgs) -> anyhow::Result<u8> {
    let opened = open_to_read(setup).await?;
    let table = get_drs_region_status_table(&opened)?;
    let tables = PictureTables::of(&opened)?;
    let freshness = Freshness::from_environment(&setup.environment)?;
    let mut regions = query_regions(&table, args.region.as_deref()).await?;
    in_use_first(&mut regions);
    let none = regions.is_empty();
    match &args.account {
        Some(account) => {
            let mut own = query_places(&tables.ledger, account, args.region.as_deref()).await?;
            if own.is_empty() && !none {
                note(&format!("no region holds an answer for the account {account}"));
            }
            in_use_first(&mut own);
            listing(&ACCOUNT_COLUMNS).show(own, &args.list)?;
        }
        None => listing(&COLUMNS).show(regions, &args.list)?,
    }
    if none {
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
