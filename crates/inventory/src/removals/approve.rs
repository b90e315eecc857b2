//! Letting a set of rows go that somebody has looked at.

use aws::service_error;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use store::rows::ledger::{LAST_ENTRY, LastSync, PlaceEntry, SYNC_ENTRIES, entry_key};
use store::tables::AccountRegionStatusTable;
use store::{Item, QueryError};

use super::{RemovalError, Seen, Waiting, is_place};
use crate::picture::HeldRemoval;

/// How often an entry that a sync changes at the same time is read anew.
const ATTEMPTS: usize = 5;
/// What a set of removals is made from. While these stay, it is the same.
const OF_THE_SET: [&str; 5] = ["removalHeld", "status", "serverCount", "counts", "failingSince"];

/// What waits there now.
///
/// # Errors
/// [`RemovalError::NothingHeld`] where nothing does.
pub async fn held_removal(
    ledger: &AccountRegionStatusTable,
    waiting: &Waiting,
) -> Result<HeldRemoval, RemovalError> {
    let entry = read(ledger, waiting).await?;
    held_in(entry, waiting)
}

/// Lets the next sync remove what waits there, as far as it is what was `seen`.
///
/// # Errors
/// [`RemovalError::Changed`] where it has grown since, or is another set.
pub async fn approve_removal(
    ledger: &AccountRegionStatusTable,
    waiting: &Waiting,
    seen: &Seen,
) -> Result<(), RemovalError> {
    for _ in 0..ATTEMPTS {
        let entry = read(ledger, waiting).await?;
        check(&held_in(entry.clone(), waiting)?, waiting, seen)?;
        if approve(ledger, waiting, &entry, seen).await? {
            return Ok(());
        }
    }
    Err(RemovalError::Contended { what: waiting.to_string() })
}

fn check(held: &HeldRemoval, waiting: &Waiting, seen: &Seen) -> Result<(), RemovalError> {
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let same_time = held.since == seen.since
        || time(&held.since).is_some_and(|since| time(&seen.since) == Some(since));
    if same_time && held.count <= seen.count {
        return Ok(());
    }
    Err(RemovalError::Changed {
        what: waiting.to_string(),
        count: held.count,
        since: held.since.clone(),
        seen_count: seen.count,
        seen_since: seen.since.clone(),
    })
}

fn key(waiting: &Waiting) -> Item {
    match waiting {
        Waiting::Place(place) => entry_key(&place.account_id, &place.region),
        Waiting::Installation => entry_key(SYNC_ENTRIES, LAST_ENTRY),
    }
}

async fn read(ledger: &AccountRegionStatusTable, waiting: &Waiting) -> Result<Item, RemovalError> {
    if matches!(waiting, Waiting::Place(place) if !is_place(place)) {
        return Err(RemovalError::NothingHeld { what: waiting.to_string() });
    }
    let get = ledger.client.get_item().table_name(&ledger.name).set_key(Some(key(waiting)));
    let answer = get.consistent_read(true).send().await;
    let answer = answer.map_err(|error| QueryError {
        table: ledger.name.clone(),
        source: service_error(&error),
    })?;
    Ok(answer.item.unwrap_or_default())
}

fn held_in(entry: Item, waiting: &Waiting) -> Result<HeldRemoval, RemovalError> {
    let held = match waiting {
        Waiting::Place(_) => {
            let entry: PlaceEntry = serde_dynamo::from_item(entry).unwrap_or_default();
            HeldRemoval::of(&entry)
        }
        Waiting::Installation => {
            let last: LastSync = serde_dynamo::from_item(entry).unwrap_or_default();
            let LastSync { removal_held, removal_approved, .. } = last;
            removal_held.map(|held| HeldRemoval::installation(held, removal_approved.as_ref()))
        }
    };
    held.ok_or_else(|| RemovalError::NothingHeld { what: waiting.to_string() })
}

/// False where the entry is not as it was read.
async fn approve(
    ledger: &AccountRegionStatusTable,
    waiting: &Waiting,
    entry: &Item,
    seen: &Seen,
) -> Result<bool, RemovalError> {
    let approved = Item::from([
        ("count".to_owned(), AttributeValue::N(seen.count.to_string())),
        ("since".to_owned(), AttributeValue::S(seen.since.clone())),
    ]);
    let update = ledger
        .client
        .update_item()
        .table_name(&ledger.name)
        .set_key(Some(key(waiting)))
        .update_expression("SET removalApproved = :approved")
        .expression_attribute_values(":approved", AttributeValue::M(approved));
    match unchanged(update, entry).send().await.map_err(|error| service_error(&error)) {
        Ok(_) => Ok(true),
        Err(error) if error.code() == "ConditionalCheckFailedException" => Ok(false),
        Err(source) => Err(RemovalError::Service { table: ledger.name.clone(), source }),
    }
}

/// On the condition that the set is made from what was read.
fn unchanged(update: UpdateItemFluentBuilder, entry: &Item) -> UpdateItemFluentBuilder {
    let mut conditions = vec!["attribute_exists(accountId)".to_owned()];
    let mut update = update;
    for name in OF_THE_SET {
        update = update.expression_attribute_names(format!("#{name}"), name);
        match entry.get(name) {
            Some(value) => {
                update = update.expression_attribute_values(format!(":{name}"), value.clone());
                conditions.push(format!("#{name} = :{name}"));
            }
            None => conditions.push(format!("attribute_not_exists(#{name})")),
        }
    }
    update.condition_expression(conditions.join(" AND "))
}
