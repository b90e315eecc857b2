//! Creating the tables and indexes that are missing.

use std::time::Duration;

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{PointInTimeRecoverySpecification, TimeToLiveSpecification};
use model::environment::ConfigError;

use super::indexes::{AddIndexError, Building, add_missing_indexes};
use super::{Schema, TableKind, definition};
use crate::Store;

/// Rows whose time in this attribute has passed may be dropped by DynamoDB.
const TTL_ATTRIBUTE: &str = "TTL";
/// A new table is ready within seconds.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// What became of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The table's name.
    pub name: String,
    /// False where it was there before.
    pub new: bool,
    /// The indexes that a table that was there lacked, and now has. A new table has all.
    pub new_indexes: Vec<&'static str>,
}

/// Why a table could not be created.
#[derive(Debug, thiserror::Error)]
pub enum CreateTableError {
    /// A name is missing.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// DynamoDB refused.
    #[error("cannot create the table {name}: {source}")]
    Service {
        /// The table's name.
        name: String,
        /// DynamoDB's answer.
        source: ServiceError,
    },
    /// An index could not be added to a table that was there.
    #[error(transparent)]
    Index(#[from] AddIndexError),
    /// The table did not become ready.
    #[error("the table {name} was created but is not ready after {} s", LONGEST_WAIT.as_secs())]
    NotReady {
        /// The table's name.
        name: String,
    },
    /// The schema is incomplete.
    #[error(transparent)]
    Schema(#[from] BuildError),
}

/// Creates the tables that are missing, on demand, encrypted, protected against deletion, with the
/// TTL attribute and, where the store knows it, point-in-time recovery. Tables that are there keep
/// their rows and settings, and get the indexes that they lack.
///
/// # Errors
/// The first table or index that could not be created; those before it stay.
pub async fn create_tables(store: &Store) -> Result<Vec<Created>, CreateTableError> {
    create_tables_and_tell(store, &|_| {}).await
}

/// As [`create_tables`], for somebody who waits: `tell` hears of an index that DynamoDB takes its
/// time to build, which may be up to [`LONGEST_INDEX_WAIT`](super::LONGEST_INDEX_WAIT).
///
/// # Errors
/// As [`create_tables`].
pub async fn create_tables_and_tell(
    store: &Store,
    tell: &(dyn Fn(Building<'_>) + Sync),
) -> Result<Vec<Created>, CreateTableError> {
    let (client, names) = (&store.client, &store.names);
    let mut created = Vec::new();
    for kind in TableKind::ALL {
        let (name, schema) = (names.get(kind)?.to_owned(), kind.schema());
        let new = create_table(client, &name, schema).await?;
        let mut new_indexes = Vec::new();
        if new {
            wait_until_ready(client, &name).await?;
            protect(client, &name).await?;
        } else if !schema.indexes.is_empty() {
            new_indexes = add_missing_indexes(client, &name, schema, tell).await?;
        }
        created.push(Created { name, new, new_indexes });
    }
    Ok(created)
}

/// False where the table is there already.
async fn create_table(
    client: &Client,
    name: &str,
    schema: Schema,
) -> Result<bool, CreateTableError> {
    match definition::create_table(client, name, schema)?.send().await {
        Ok(_) => Ok(true),
        Err(error)
            if error.as_service_error().is_some_and(|e| e.is_resource_in_use_exception()) =>
        {
            Ok(false)
        }
        Err(error) => {
            Err(CreateTableError::Service { name: name.to_owned(), source: service_error(&error) })
        }
    }
}

async fn wait_until_ready(client: &Client, name: &str) -> Result<(), CreateTableError> {
    let ready = client.wait_until_table_exists().table_name(name).wait(LONGEST_WAIT).await;
    ready.map(drop).map_err(|_| CreateTableError::NotReady { name: name.to_owned() })
}

async fn protect(client: &Client, name: &str) -> Result<(), CreateTableError> {
    let ttl =
        TimeToLiveSpecification::builder().attribute_name(TTL_ATTRIBUTE).enabled(true).build()?;
    let ttl = client.update_time_to_live().table_name(name).time_to_live_specification(ttl);
    ttl.send().await.map_err(|error| CreateTableError::Service {
        name: name.to_owned(),
        source: service_error(&error),
    })?;

    let recovery =
        PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build()?;
    let recovery = client
        .update_continuous_backups()
        .table_name(name)
        .point_in_time_recovery_specification(recovery);
    match recovery.send().await.map_err(|error| service_error(&error)) {
        Ok(_) => Ok(()),
        // The embedded store is a file; its backup is a copy of it.
        Err(error) if error.code() == "UnknownOperationException" => Ok(()),
        Err(source) => Err(CreateTableError::Service { name: name.to_owned(), source }),
    }
}
