//! A change that is kept only if it fits the other rows once it is among them.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use store::rows::Kept;
use store::tables::Table;
use store::{Item, number, text};

use super::{
    Kind, REPLACES, Records, VERSION, bring_back, hide_replaced, load_as_stored, next_version,
    put_over, remove, replaced, unreadable,
};
use crate::ManageError;

/// A writer that has not finished by then never will. `data-management-handler` has 30 s.
const LONGEST_CHANGE: SignedDuration = SignedDuration::from_secs(60);

/// A row that may be changed.
pub(crate) struct Loaded {
    stored: Item,
    /// The row without what a writer left midway.
    pub(crate) row: Item,
}

/// Reads a row to change it at `now`. What a writer left midway more than a minute ago counts as
/// made: nobody is there to take it back.
///
/// # Errors
/// [`ManageError::Contended`] where a change of the row is under way.
pub(crate) async fn load_to_change(
    table: &Table,
    kind: &Kind,
    id: &str,
    now: &str,
) -> Result<Loaded, ManageError> {
    let stored = load_as_stored(table, kind, id).await?;
    if replaced(&stored).is_some() && is_under_way(&stored, now) {
        return Err(ManageError::Contended { id: id.to_owned() });
    }
    let mut row = stored.clone();
    hide_replaced(&mut row);
    Ok(Loaded { stored, row })
}

fn is_under_way(row: &Item, now: &str) -> bool {
    let since: Option<Timestamp> = text(row, "lastUpdated").parse().ok();
    let age =
        now.parse::<Timestamp>().ok().zip(since).map(|(now, since)| now.duration_since(since));
    age.is_some_and(|age| age < LONGEST_CHANGE)
}

/// Writes `record` in the place of `previous`, or where there is none; looks at the others once
/// more, and takes the row back where it does not fit them.
///
/// From the write to the end of the look the row carries what it replaces. So long nobody else
/// changes it, since a change could start from what is then taken back; and nobody takes a name or a
/// server that it may come back to.
///
/// # Errors
/// What the others say; [`ManageError::Contended`] where somebody changed the row meanwhile.
pub(crate) async fn change<R: Records>(
    records: &R,
    previous: Option<&Loaded>,
    record: &Kept<R::Record>,
) -> Result<(), ManageError> {
    let (table, kind) = (records.table(), &R::KIND);
    let next = record.to_item().map_err(|error| unreadable(R::id(&record.row), &error))?;
    let replaced = previous.map(|loaded| loaded.row.clone()).unwrap_or_default();
    let mut midway = next.clone();
    midway.insert(REPLACES.to_owned(), AttributeValue::M(replaced));
    match previous {
        None => bring_back(table, kind, &midway).await?,
        Some(previous) => put_over(table, kind, &previous.stored, &midway).await?,
    }
    match records.check_others(&record.row).await {
        Ok(()) => put_over(table, kind, &midway, &next).await,
        Err(error) => {
            take_back(table, kind, &midway, previous.map(|loaded| &loaded.row)).await?;
            Err(error)
        }
    }
}

/// Undoes a write. The version goes on: whoever read the row in between must not pass for one who
/// read it since.
async fn take_back(
    table: &Table,
    kind: &Kind,
    midway: &Item,
    previous: Option<&Item>,
) -> Result<(), ManageError> {
    let result = match previous {
        None => remove(table, kind, midway).await,
        Some(previous) => {
            let version = next_version(number(midway, VERSION).unwrap_or_default());
            let mut next = previous.clone();
            next.insert(VERSION.to_owned(), AttributeValue::N(version.to_string()));
            put_over(table, kind, midway, &next).await
        }
    };
    match result {
        // Deleted, or taken over a minute later by one who looked at the others, too.
        Err(ManageError::Contended { .. }) => Ok(()),
        result => result,
    }
}
