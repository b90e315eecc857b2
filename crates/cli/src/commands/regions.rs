//! `regions`: what came of asking each region.

use inventory::picture::{Freshness, PictureTables, query_places, query_regions, read_picture};
use model::environment::Environment;
use store::tables::get_drs_region_status_table;

use crate::args::RegionsArgs;
use crate::exit;
use crate::render::{note, picture, print, rows};
use crate::store::open_to_read;

const COLUMNS: [(&str, &str); 7] = [
    ("region", "region"),
    ("status", "status"),
    ("servers", "serverCount"),
    ("accounts", "accountsAsked"),
    ("failed", "accountsFailed"),
    ("last checked", "lastChecked"),
    ("message", "errorMessage"),
];
const ACCOUNT_COLUMNS: [(&str, &str); 6] = [
    ("region", "region"),
    ("status", "status"),
    ("servers", "serverCount"),
    ("last checked", "lastChecked"),
    ("last read", "lastSuccess"),
    ("message", "errorMessage"),
];

pub(crate) async fn run(store: Option<&str>, args: RegionsArgs) -> anyhow::Result<u8> {
    let environment = Environment::of_process();
    let opened = open_to_read(store, &environment).await?;
    let table = get_drs_region_status_table(&opened)?;
    let tables = PictureTables::of(&opened)?;
    let freshness = Freshness::from_environment(&environment)?;
    let regions = query_regions(&table, args.region.as_deref()).await?;
    let text = match &args.account {
        Some(account) => {
            let own = query_places(&tables.ledger, account, args.region.as_deref()).await?;
            if own.is_empty() && !regions.is_empty() {
                note(&format!("no region holds an answer for the account {account}"));
            }
            rows::render(&own, &ACCOUNT_COLUMNS, args.output)?
        }
        None => rows::render(&regions, &COLUMNS, args.output)?,
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
