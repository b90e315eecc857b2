//! Rows with a version: what groups and plans have in common.
//!
//! A row is written in the version that was read. What no single row can promise, as a name that no
//! other has, is looked at before a write and once more after it: of two writers at the same moment
//! at least one sees the other's row, and takes its own back; see [`change`].

mod change;
mod changes;
mod checks;
mod edit;

use serde::Serialize;
use serde::de::DeserializeOwned;
use store::rows::Kept;
use store::tables::{Expected, LONGEST_KEY, Listing, Table, WriteError, delete_if, put_if};
use store::{Item, by_name, get, text};

use super::ManageError;

pub(crate) use changes::{given, set};
pub(super) use checks::{check_description, check_name, check_unique};
pub(super) use edit::{create, update};

/// A kind of row: what people call it, its key, and where its name stands.
pub(super) struct Kind {
    pub(super) what: &'static str,
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    /// What an id starts with.
    pub(super) prefix: &'static str,
}

impl Kind {
    /// A row as people call it: kind, name and id.
    pub(super) fn called(&self, row: &Item) -> String {
        format!("{} {} ({})", self.what, text(row, self.name), text(row, self.key))
    }
}

/// Records of one kind, and the tables that say what one of them may be.
pub(super) trait Records {
    /// What a row holds.
    type Record: Serialize + DeserializeOwned;
    const KIND: Kind;

    fn table(&self) -> &Table;
    fn id(record: &Self::Record) -> &str;
    /// Its version, and when it was last updated.
    fn stamp(record: &mut Self::Record) -> (&mut u64, &mut String);
    /// Whether the record may be as it is, for all that is in itself and in other tables.
    async fn check(&self, record: &Self::Record) -> Result<(), ManageError>;
    /// Whether it fits what may change at the same time.
    async fn check_others(&self, record: &Self::Record) -> Result<(), ManageError>;
}

/// Goes up with every change.
const VERSION: &str = "version";
/// While a change is looked at once more: the row that it replaces, empty where there was none.
const REPLACES: &str = "replaces";

pub(super) fn new_id(kind: &Kind) -> String {
    format!("{}-{:032x}", kind.prefix, fastrand::u128(..))
}

/// Every row, the latest writes included.
pub(super) async fn all(table: &Table) -> Result<Vec<Item>, ManageError> {
    Ok(Listing::of_table_as_it_is_now(table).every_item().await?)
}

/// Every row, sorted by name.
pub(super) async fn list(table: &Table, kind: &Kind) -> Result<Vec<Item>, ManageError> {
    let mut rows = all(table).await?;
    rows.iter_mut().for_each(hide_replaced);
    rows.sort_by_cached_key(|row| by_name(row, kind.name, kind.key));
    Ok(rows)
}

/// A row as readers get it.
pub(super) async fn load(table: &Table, kind: &Kind, id: &str) -> Result<Item, ManageError> {
    let mut row = load_as_stored(table, kind, id).await?;
    hide_replaced(&mut row);
    Ok(row)
}

async fn load_as_stored(table: &Table, kind: &Kind, id: &str) -> Result<Item, ManageError> {
    let not_found = || ManageError::NotFound { what: kind.what, id: id.to_owned() };
    // No row has such a key; DynamoDB would refuse the question.
    if id.is_empty() || id.len() > LONGEST_KEY {
        return Err(not_found());
    }
    get(table, kind.key, id).await?.ok_or_else(not_found)
}

pub(super) fn read<T: Serialize + DeserializeOwned>(
    kind: &Kind,
    row: Item,
) -> Result<Kept<T>, ManageError> {
    let id = text(&row, kind.key).to_owned();
    Kept::from_item(row).map_err(|error| unreadable(&id, &error))
}

fn unreadable(id: &str, error: &serde_dynamo::Error) -> ManageError {
    ManageError::Unreadable { id: id.to_owned(), reason: error.to_string() }
}

/// A row, and where a change of it is under way, what it may come back to.
pub(super) fn versions(row: &Item) -> impl Iterator<Item = &Item> {
    std::iter::once(row).chain(replaced(row))
}

fn replaced(row: &Item) -> Option<&Item> {
    row.get(REPLACES).and_then(|row| row.as_m().ok())
}

fn hide_replaced(row: &mut Item) {
    row.remove(REPLACES);
}

/// A row may hold any number.
pub(super) fn next_version(version: u64) -> u64 {
    version.saturating_add(1)
}

/// Puts a row where none is.
pub(super) async fn bring_back(table: &Table, kind: &Kind, row: &Item) -> Result<(), ManageError> {
    let put = put_if(table, kind.key, row.clone(), Expected::Nothing).await;
    settle(kind, row, put)
}

/// Puts `next` in the place of `previous`, if nobody changed that since.
async fn put_over(
    table: &Table,
    kind: &Kind,
    previous: &Item,
    next: &Item,
) -> Result<(), ManageError> {
    let put = put_if(table, kind.key, next.clone(), unchanged_since(previous)).await;
    settle(kind, previous, put)
}

/// Deletes `row`, if nobody changed it since it was read.
pub(super) async fn remove(table: &Table, kind: &Kind, row: &Item) -> Result<(), ManageError> {
    let key = (kind.key, text(row, kind.key));
    settle(kind, row, delete_if(table, key, unchanged_since(row)).await)
}

fn unchanged_since(row: &Item) -> Expected<'_> {
    Expected::Unchanged { attribute: VERSION, read: row.get(VERSION) }
}

fn settle(kind: &Kind, row: &Item, written: Result<(), WriteError>) -> Result<(), ManageError> {
    written.map_err(|error| match error {
        WriteError::Changed { .. } => ManageError::Contended { id: text(row, kind.key).to_owned() },
        WriteError::Service { table, source } => ManageError::Service { table, source },
    })
}
