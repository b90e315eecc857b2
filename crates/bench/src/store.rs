//! The store of a run, and the time that its rows take to be written alone.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use model::environment::Environment;
use store::rows::InventoryRow;
use store::tables::{
    TableNames, create_tables, get_account_region_status_table, get_source_server_inventory_table,
    get_target_accounts_table,
};
use store::{Indexes, Item, Store, scan};
use sync::listed_row::ListedRow;
use sync::pace::Pace;
use sync::persist::write_inventory_to_dynamodb;
use sync::settings::{Limits, Settings};
use sync::time::iso;

use crate::shape::Shape;
use crate::world::target_accounts;

/// The limits that a sync started from here has.
pub(crate) fn limits() -> anyhow::Result<Limits> {
    let environment = Environment::of_process();
    Ok(Settings::from_environment(&environment)?.limits)
}

/// A new store in a file, with all tables and the accounts of the world.
pub(crate) async fn prepare(path: &Path, shape: Shape) -> anyhow::Result<()> {
    fill(&open(path).await?, shape).await
}

/// Writes the accounts of the world.
pub(crate) async fn fill(store: &Store, shape: Shape) -> anyhow::Result<()> {
    let table = get_target_accounts_table(store)?;
    for account in target_accounts(shape) {
        let item = serde_dynamo::to_item(account)?;
        let put = table.client.put_item().table_name(&table.name).set_item(Some(item));
        put.send().await.context("cannot write a target account")?;
    }
    Ok(())
}

/// The time that the rows of a synced store take to be written alone, into an empty table of a store
/// of their own at `scratch`.
pub(crate) async fn time_alone(synced: &Path, scratch: &Path) -> anyhow::Result<Duration> {
    let table = get_source_server_inventory_table(&open(synced).await?)?;
    let rows = scan(&table).await?.into_iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
    let table = get_source_server_inventory_table(&open(scratch).await?)?;
    let pace = Pace::of(limits()?.writes);
    let given = rows.len();
    let started = Instant::now();
    let outcome = write_inventory_to_dynamodb(&table, rows, &pace).await;
    let took = started.elapsed();
    ensure!(outcome.written == given, "{} of {given} rows written", outcome.written);
    Ok(took)
}

/// Makes the looks of a synced store as old as if they had been so much earlier.
pub(crate) async fn set_back(path: &Path, by: SignedDuration) -> anyhow::Result<()> {
    let table = get_account_region_status_table(&open(path).await?)?;
    for item in scan(&table).await? {
        let item: Item = item.into_iter().map(|(name, value)| (name, earlier(value, by))).collect();
        let put = table.client.put_item().table_name(&table.name).set_item(Some(item));
        put.send().await.context("cannot set the ledger back")?;
    }
    Ok(())
}

/// The value with all times in it.
fn earlier(value: AttributeValue, by: SignedDuration) -> AttributeValue {
    match value {
        AttributeValue::S(text) => AttributeValue::S(match text.parse::<Timestamp>() {
            Ok(time) => iso(time - by),
            Err(_) => text,
        }),
        AttributeValue::L(values) => {
            AttributeValue::L(values.into_iter().map(|value| earlier(value, by)).collect())
        }
        AttributeValue::M(values) => AttributeValue::M(
            values.into_iter().map(|(name, value)| (name, earlier(value, by))).collect(),
        ),
        other => other,
    }
}

async fn open(path: &Path) -> anyhow::Result<Store> {
    with_tables(embedded::Store::open(path)?.client()).await
}

/// All tables, under the names that they have where nobody says otherwise.
pub(crate) async fn with_tables(client: Client) -> anyhow::Result<Store> {
    let store = Store {
        client,
        names: TableNames::with_defaults(&Environment::of([])),
        indexes: Indexes::MayLag,
    };
    create_tables(&store).await?;
    Ok(store)
}

/// The row as the sync gave it to the table.
fn row(item: Item) -> anyhow::Result<ListedRow> {
    let row = InventoryRow::from_item(item)?;
    let (account_id, region) = (row.source_account_id.clone(), row.replication_region.clone());
    Ok(ListedRow { row, account_id, region, ..ListedRow::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_set_back_wherever_they_stand_and_nothing_else_is() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let looks = |time| AttributeValue::L(vec![text(time), text("us-east-1"), text("2026")]);
        let before = looks("2026-11-28T10:00:00Z");
        let after = looks("2026-11-28T09:49:00.000000+00:00");
        assert_eq!(earlier(before, SignedDuration::from_mins(11)), after);
        let number = AttributeValue::N("7".to_owned());
        assert_eq!(earlier(number.clone(), SignedDuration::from_mins(11)), number);
    }
}
