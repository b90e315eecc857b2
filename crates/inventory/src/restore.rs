//! A row that was removed, taken from the history and put back.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use store::rows::{ChangeKind, InventoryChange};
use store::tables::{
    Expected, InventoryChangesTable, Listing, SourceServerInventoryTable, WriteError, put_if,
};
use store::{Item, QueryError, text};
use sync::time::iso;

/// What the history calls whoever put a row back.
const RESTORED_BY: &str = "restore";

/// A row that is there again.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// The row as it is now.
    pub row: Item,
    /// When it had been removed, ISO 8601.
    pub removed_at: String,
}

/// Why nothing was put back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The history has no row of it.
    #[error(
        "the history has no removed row of {arn}; it keeps them for 400 days: drs-inventory changes --kind removed lists them"
    )]
    NotRemoved {
        /// As it was asked for.
        arn: String,
    },
    /// The inventory has the server.
    #[error("the inventory has {arn}; nothing was put back")]
    IsThere {
        /// As it was asked for.
        arn: String,
    },
    /// DynamoDB refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A table could not be read.
    #[error(transparent)]
    Read(#[from] QueryError),
    /// The row in the history is not one.
    #[error("the row of {arn} in the history cannot be read: {source}")]
    Unreadable {
        /// As it was asked for.
        arn: String,
        /// What is wrong with it.
        source: serde_dynamo::Error,
    },
}

/// Puts the row of a server back that was removed last, as it was, but flagged as missing from `now` on:
/// only DRS can say that the server is there. A sync that finds it takes the flag away; else the row is
/// removed again after the usual time.
///
/// # Errors
/// [`RestoreError`]: nothing was put back.
pub async fn restore_row(
    inventory: &SourceServerInventoryTable,
    changes: &InventoryChangesTable,
    arn: &str,
    now: Timestamp,
) -> Result<Restored, RestoreError> {
    let there = Listing::of_partition(inventory, "sourceServerArn", arn).every_item().await?;
    if !there.is_empty() {
        return Err(RestoreError::IsThere { arn: arn.to_owned() });
    }
    let history = Listing::of_partition(changes, "subject", arn).every_item().await?;
    let last = history.into_iter().rev().find_map(removed_row);
    let Some((mut row, removed_at)) = last else {
        return Err(RestoreError::NotRemoved { arn: arn.to_owned() });
    };
    let flagged = AttributeValue::S(iso(now));
    row.insert("missingSince".to_owned(), flagged.clone());
    // What stands there is not what DRS answered last.
    row.remove("contentHash");
    tell(changes, (arn, flagged), now).await?;
    match put_if(inventory, "sourceServerArn", row.clone(), Expected::Nothing).await {
        Ok(()) => Ok(Restored { row, removed_at }),
        Err(WriteError::Changed { .. }) => Err(RestoreError::IsThere { arn: arn.to_owned() }),
        Err(error @ WriteError::Service { .. }) => Err(error.into()),
    }
}

/// The row of an entry that tells of a removal, and when that was.
fn removed_row(mut entry: Item) -> Option<(Item, String)> {
    let AttributeValue::M(row) = entry.remove("row")? else { return None };
    let at = text(&entry, "at").split('#').next().unwrap_or_default().to_owned();
    (text(&entry, "kind") == ChangeKind::Removed.name()).then_some((row, at))
}

async fn tell(
    changes: &InventoryChangesTable,
    (arn, missing_since): (&str, AttributeValue),
    now: Timestamp,
) -> Result<(), RestoreError> {
    let mut change = InventoryChange::of(arn, ChangeKind::Added);
    change.after.insert("missingSince".to_owned(), missing_since);
    let entry = change.into_item(RESTORED_BY, (&iso(now), now.as_second()));
    let entry = entry.map_err(|source| RestoreError::Unreadable { arn: arn.to_owned(), source })?;
    Ok(put_if(changes, "subject", entry, Expected::Nothing).await?)
}
