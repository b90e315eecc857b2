//! Indexes of a table that is there: whether one can be read, and adding those that are missing.

use std::time::Duration;

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    GlobalSecondaryIndexDescription, IndexStatus, TableDescription, TableStatus,
};
use tokio::time::Instant;

use super::{Index, Schema, Table, definition};

/// How long the building of one index is waited for. DynamoDB reads the whole table for it, which
/// takes minutes even where the table is empty; it goes on when nobody waits.
pub const LONGEST_INDEX_WAIT: Duration = Duration::from_secs(60 * 60);
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// An index that is being built, and waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Building<'a> {
    /// The table's name.
    pub table: &'a str,
    /// The index's name.
    pub index: &'static str,
}

/// The state of a table could not be learned.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot describe the table {table}: {source}")]
pub struct DescribeTableError {
    /// The table's name.
    pub table: String,
    /// DynamoDB's answer.
    pub source: ServiceError,
}

/// Why an index could not be added.
#[derive(Debug, thiserror::Error)]
pub enum AddIndexError {
    /// DynamoDB does not tell the state of the table.
    #[error(transparent)]
    Describe(#[from] DescribeTableError),
    /// DynamoDB refused the index.
    #[error("cannot add the index {index} to the table {table}: {source}")]
    Refused {
        /// The table's name.
        table: String,
        /// The index's name.
        index: &'static str,
        /// DynamoDB's answer.
        source: ServiceError,
    },
    /// The index did not become ready.
    #[error(
        "the index {index} of the table {table} is not ready after {} min; DynamoDB goes on building it: run this again to wait for it, and for what is still missing",
        LONGEST_INDEX_WAIT.as_secs() / 60
    )]
    NotReady {
        /// The table's name.
        table: String,
        /// The index's name.
        index: &'static str,
    },
    /// The schema is incomplete.
    #[error(transparent)]
    Schema(#[from] BuildError),
}

/// Whether an index holds every row that belongs in it. False where the table does not have it, or
/// while DynamoDB still builds it: until then a query of it is refused.
///
/// # Errors
/// [`DescribeTableError`] names the table.
pub async fn index_is_active(table: &Table, index: &str) -> Result<bool, DescribeTableError> {
    let description = describe(&table.client, &table.name).await?;
    Ok(state(&description, index) == State::Active)
}

/// Adds the indexes that a table lacks, one after the other, and waits for each. The names of those
/// that were added.
pub(super) async fn add_missing_indexes(
    client: &Client,
    table: &str,
    schema: Schema,
    tell: &(dyn Fn(Building<'_>) + Sync),
) -> Result<Vec<&'static str>, AddIndexError> {
    let description = describe(client, table).await?;
    let mut added = Vec::new();
    for index in schema.indexes.iter().filter(|index| !is_active(&description, index)) {
        if add_where_missing(client, table, index, tell).await? {
            added.push(index.name);
        }
    }
    Ok(added)
}

/// False where the index was there, or is being built for somebody else; then it is waited for too.
async fn add_where_missing(
    client: &Client,
    table: &str,
    index: &Index,
    tell: &(dyn Fn(Building<'_>) + Sync),
) -> Result<bool, AddIndexError> {
    let deadline = Instant::now() + LONGEST_INDEX_WAIT;
    let (mut asked_for, mut told) = (false, false);
    loop {
        let description = describe(client, table).await?;
        match state(&description, index.name) {
            State::Active => return Ok(asked_for),
            State::Missing if !asked_for && takes_an_index(&description) => {
                asked_for = ask_for(client, table, index).await?;
                continue;
            }
            State::Missing | State::Changing => {}
        }
        if Instant::now() >= deadline {
            let (table, index) = (table.to_owned(), index.name);
            return Err(AddIndexError::NotReady { table, index });
        }
        if !told {
            tell(Building { table, index: index.name });
            told = true;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// False where somebody else changes the table: DynamoDB takes one index at a time.
async fn ask_for(client: &Client, table: &str, index: &Index) -> Result<bool, AddIndexError> {
    let Err(error) = definition::add_index(client, table, index)?.send().await else {
        return Ok(true);
    };
    let source = service_error(&error);
    let busy = matches!(source.code(), "ResourceInUseException" | "LimitExceededException");
    if busy || state(&describe(client, table).await?, index.name) != State::Missing {
        // Not at once: the description may not yet say that the table is being changed.
        tokio::time::sleep(BETWEEN_LOOKS).await;
        return Ok(false);
    }
    Err(AddIndexError::Refused { table: table.to_owned(), index: index.name, source })
}

pub(super) async fn describe(
    client: &Client,
    table: &str,
) -> Result<TableDescription, DescribeTableError> {
    let answer = client.describe_table().table_name(table).send().await;
    let description = answer.map_err(|error| DescribeTableError {
        table: table.to_owned(),
        source: service_error(&error),
    })?;
    Ok(description.table.unwrap_or_else(|| TableDescription::builder().build()))
}

pub(super) fn is_active(description: &TableDescription, index: &Index) -> bool {
    state(description, index.name) == State::Active
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    /// Being built, or deleted.
    Changing,
    Active,
}

fn state(table: &TableDescription, index: &str) -> State {
    let mut indexes = table.global_secondary_indexes().iter();
    indexes.find(|it| it.index_name() == Some(index)).map_or(State::Missing, state_of)
}

fn state_of(index: &GlobalSecondaryIndexDescription) -> State {
    match index.index_status() {
        // DynamoDB always gives a status; an emulator that builds none may not.
        Some(IndexStatus::Active) | None => State::Active,
        Some(_) => State::Changing,
    }
}

/// DynamoDB refuses another index while it makes the table or builds or deletes one.
fn takes_an_index(table: &TableDescription) -> bool {
    let mut indexes = table.global_secondary_indexes().iter();
    table.table_status() == Some(&TableStatus::Active)
        && indexes.all(|it| state_of(it) == State::Active)
}
