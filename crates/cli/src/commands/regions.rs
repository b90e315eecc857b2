//! `regions`: what came of asking each region.

use aws_sdk_dynamodb::types::AttributeValue;
use inventory::regions::query_regions;
use model::environment::Environment;
use store::Item;
use store::tables::get_drs_region_status_table;

use crate::args::{Format, RegionsArgs};
use crate::exit;
use crate::render::{note, print, rows};
use crate::store::open_to_read;

const COLUMNS: [(&str, &str); 6] = [
    ("region", "region"),
    ("status", "status"),
    ("servers", "serverCount"),
    ("accounts", "accounts"),
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
    let mut regions = query_regions(&table, args.region.as_deref()).await?;
    let text = match &args.account {
        Some(account) => {
            let own = regions.iter().filter_map(|row| own_entry(row, account)).collect::<Vec<_>>();
            if own.is_empty() && !regions.is_empty() {
                note(&format!("no region holds an answer for the account {account}"));
            }
            rows::render(&own, &ACCOUNT_COLUMNS, args.output)?
        }
        None => {
            if args.output == Format::Table {
                regions.iter_mut().for_each(count_accounts);
            }
            rows::render(&regions, &COLUMNS, args.output)?
        }
    };
    print(&text)?;
    if regions.is_empty() {
        note("no regions; run `drs-inventory sync` first");
    }
    Ok(exit::OK)
}

/// What one account got, with the region's name.
fn own_entry(row: &Item, account: &str) -> Option<Item> {
    let mut entry = row.get("accounts")?.as_m().ok()?.get(account)?.as_m().ok()?.clone();
    entry.insert("region".to_owned(), row.get("region")?.clone());
    Some(entry)
}

/// In a table, the map of accounts is too wide; how many there are is not.
fn count_accounts(row: &mut Item) {
    if let Some(AttributeValue::M(accounts)) = row.get("accounts") {
        let count = AttributeValue::N(accounts.len().to_string());
        row.insert("accounts".to_owned(), count);
    }
}
