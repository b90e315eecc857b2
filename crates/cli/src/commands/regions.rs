//! `regions`: what came of asking each region.

use inventory::picture::{query_places, query_regions};
use model::environment::Environment;
use store::tables::{get_account_region_status_table, get_drs_region_status_table};

use crate::args::RegionsArgs;
use crate::exit;
use crate::render::{note, print, rows};
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
    let opened = open_to_read(store, &Environment::of_process()).await?;
    let table = get_drs_region_status_table(&opened)?;
    let regions = query_regions(&table, args.region.as_deref()).await?;
    let text = match &args.account {
        Some(account) => {
            let ledger = get_account_region_status_table(&opened)?;
            let own = query_places(&ledger, account, args.region.as_deref()).await?;
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
    Ok(exit::OK)
}
