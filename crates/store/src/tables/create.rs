//! Creating the tables where they are missing.

use std::time::Duration;

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    PointInTimeRecoverySpecification, ProjectionType, ScalarAttributeType, SseSpecification,
    TimeToLiveSpecification,
};
use model::environment::ConfigError;

use super::{Index, Projection, Schema, TableKind};
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
    /// False where it was there before; it was left as it is.
    pub new: bool,
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

/// Creates those of the seven tables that are missing, on demand, encrypted, with the TTL
/// attribute and, where the store knows it, point-in-time recovery. Tables that are there are
/// left as they are.
///
/// # Errors
/// The first table that could not be created; those before it stay.
pub async fn create_tables(store: &Store) -> Result<Vec<Created>, CreateTableError> {
    let (client, names) = (&store.client, &store.names);
    let mut created = Vec::new();
    for kind in TableKind::ALL {
        let name = names.get(kind)?.to_owned();
        let new = create_table(client, &name, kind.schema()).await?;
        if new {
            wait_until_ready(client, &name).await?;
            protect(client, &name).await?;
        }
        created.push(Created { name, new });
    }
    Ok(created)
}

/// False where the table is there already.
async fn create_table(
    client: &Client,
    name: &str,
    schema: Schema,
) -> Result<bool, CreateTableError> {
    match request(client, name, schema)?.send().await {
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

fn request(
    client: &Client,
    name: &str,
    schema: Schema,
) -> Result<CreateTableFluentBuilder, BuildError> {
    let mut attributes = vec![schema.partition_key];
    attributes.extend(schema.sort_key);
    for index in schema.indexes {
        attributes.extend([index.partition_key, index.sort_key]);
    }
    attributes.sort_unstable();
    attributes.dedup();

    let mut request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .sse_specification(SseSpecification::builder().enabled(true).build())
        .key_schema(key(schema.partition_key, KeyType::Hash)?);
    if let Some(sort_key) = schema.sort_key {
        request = request.key_schema(key(sort_key, KeyType::Range)?);
    }
    for attribute in attributes {
        request = request.attribute_definitions(string(attribute)?);
    }
    for index in schema.indexes {
        let keys = [key(index.partition_key, KeyType::Hash)?, key(index.sort_key, KeyType::Range)?];
        let definition = GlobalSecondaryIndex::builder()
            .index_name(index.name)
            .set_key_schema(Some(keys.into()))
            .projection(projection(index))
            .build()?;
        request = request.global_secondary_indexes(definition);
    }
    Ok(request)
}

fn string(attribute: &str) -> Result<AttributeDefinition, BuildError> {
    let definition = AttributeDefinition::builder().attribute_name(attribute);
    definition.attribute_type(ScalarAttributeType::S).build()
}

fn projection(index: &Index) -> aws_sdk_dynamodb::types::Projection {
    let projection = aws_sdk_dynamodb::types::Projection::builder();
    match index.projection {
        Projection::All => projection.projection_type(ProjectionType::All),
        Projection::Include(attributes) => projection
            .projection_type(ProjectionType::Include)
            .set_non_key_attributes(Some(attributes.iter().map(ToString::to_string).collect())),
    }
    .build()
}

fn key(attribute: &str, key_type: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder().attribute_name(attribute).key_type(key_type).build()
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
