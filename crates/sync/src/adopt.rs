//! Rows that do not say who listed them: of the legacy sync, and of versions before the ledger.

use std::collections::BTreeSet;

use aws::{classify, service_error};
use aws_sdk_dynamodb::types::AttributeValue;
use model::{Failure, Place};
use store::rows::RowKey;
use store::rows::ledger::{ACCOUNT_ENTRY, entry_key};
use store::tables::SourceServerInventoryTable;
use store::{Item, text};

use super::current_rows::key_item;
use super::patience::{Patience, write_if};
use super::run::Run;

/// Gives each row without a place the one that its ARN names. Returns how many.
///
/// It comes at the end of a sync, so that no row is found missing by the sync that gave it a place.
///
/// # Errors
/// The table does not answer, or the time is up; rows that have a place by then keep it.
pub(crate) async fn adopt_rows(run: &Run<'_>) -> Result<usize, Failure> {
    let table = &run.start.inventory;
    let mut adopted = BTreeSet::new();
    let mut rows = 0;
    let mut start = None;
    loop {
        let scan = table
            .client
            .scan()
            .table_name(&table.name)
            .filter_expression("attribute_not_exists(listedIn)")
            .projection_expression("sourceServerArn, stagingAccountId")
            .set_exclusive_start_key(start);
        let send = || async { scan.clone().send().await.map_err(|error| service_error(&error)) };
        let page = Patience::until(run.start.looks_end).call(send).await?;
        let page = page.map_err(|error| classify(&error))?;
        for row in page.items.unwrap_or_default() {
            let place = adopt(run, table, &row).await?;
            rows += usize::from(place.is_some());
            adopted.extend(place);
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    for place in &adopted {
        note_rows(run, place).await?;
    }
    Ok(rows)
}

async fn adopt(
    run: &Run<'_>,
    table: &SourceServerInventoryTable,
    row: &Item,
) -> Result<Option<Place>, Failure> {
    let arn = text(row, "sourceServerArn");
    // A row under another key than an ARN was made by hand; it is nobody's.
    let Some(place) = Place::of_arn(arn) else { return Ok(None) };
    let key = RowKey {
        source_server_arn: arn.to_owned(),
        staging_account_id: text(row, "stagingAccountId").to_owned(),
    };
    let update = table
        .client
        .update_item()
        .table_name(&table.name)
        .set_key(Some(key_item(key)))
        .update_expression("SET listedIn = :place")
        .condition_expression(
            "attribute_exists(sourceServerArn) AND attribute_not_exists(listedIn)",
        )
        .expression_attribute_values(":place", AttributeValue::S(place.to_string()));
    let send = || async { update.clone().send().await.map(drop).map_err(|e| service_error(&e)) };
    Ok(write_if(run.start.looks_end, send).await?.then_some(place))
}

/// Makes the ledger know that a place has rows: the next look compares them all, and where its account
/// is in no accounts table, it is found among those that left.
async fn note_rows(run: &Run<'_>, place: &Place) -> Result<(), Failure> {
    let ledger = &run.start.ledger;
    let entry = |region: &str| {
        let update = ledger.client.update_item().table_name(&ledger.name);
        update.set_key(Some(entry_key(&place.account_id, region)))
    };
    let account = entry(ACCOUNT_ENTRY)
        .update_expression("SET regionsFailed = if_not_exists(regionsFailed, :none)")
        .expression_attribute_values(":none", AttributeValue::N("0".to_owned()));
    let of_place = entry(&place.region).update_expression("REMOVE refreshedAt");
    for update in [account, of_place] {
        let send =
            || async { update.clone().send().await.map(drop).map_err(|e| service_error(&e)) };
        write_if(run.start.looks_end, send).await?;
    }
    Ok(())
}
