//! Tables and indexes in DynamoDB's own words.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, KeySchemaElement, KeyType, ProjectionType, ScalarAttributeType,
    SseSpecification,
};

use super::{Index, Projection, Schema};

/// A table with all its indexes: on demand, encrypted, protected against deletion.
pub(super) fn create_table(
    client: &Client,
    name: &str,
    schema: Schema,
) -> Result<CreateTableFluentBuilder, BuildError> {
    let mut request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .sse_specification(SseSpecification::builder().enabled(true).build())
        .deletion_protection_enabled(true)
        .key_schema(key(schema.partition_key, KeyType::Hash)?);
    if let Some(sort_key) = schema.sort_key {
        request = request.key_schema(key(sort_key, KeyType::Range)?);
    }
    for attribute in key_attributes(schema) {
        request = request.attribute_definitions(string(attribute)?);
    }
    for index in schema.indexes {
        let definition = GlobalSecondaryIndex::builder()
            .index_name(index.name)
            .set_key_schema(Some(index_key(index)?))
            .projection(projection(index));
        request = request.global_secondary_indexes(definition.build()?);
    }
    Ok(request)
}

/// One index more of a table that is there. DynamoDB takes one at a time.
pub(super) fn add_index(
    client: &Client,
    table: &str,
    index: &Index,
) -> Result<UpdateTableFluentBuilder, BuildError> {
    let create = CreateGlobalSecondaryIndexAction::builder()
        .index_name(index.name)
        .set_key_schema(Some(index_key(index)?))
        .projection(projection(index))
        .build()?;
    let update = GlobalSecondaryIndexUpdate::builder().create(create).build();
    Ok(client
        .update_table()
        .table_name(table)
        .attribute_definitions(string(index.partition_key)?)
        .attribute_definitions(string(index.sort_key)?)
        .global_secondary_index_updates(update))
}

fn key_attributes(schema: Schema) -> Vec<&'static str> {
    let mut attributes = vec![schema.partition_key];
    attributes.extend(schema.sort_key);
    for index in schema.indexes {
        attributes.extend([index.partition_key, index.sort_key]);
    }
    attributes.sort_unstable();
    attributes.dedup();
    attributes
}

fn string(attribute: &str) -> Result<AttributeDefinition, BuildError> {
    let definition = AttributeDefinition::builder().attribute_name(attribute);
    definition.attribute_type(ScalarAttributeType::S).build()
}

fn index_key(index: &Index) -> Result<Vec<KeySchemaElement>, BuildError> {
    Ok(vec![key(index.partition_key, KeyType::Hash)?, key(index.sort_key, KeyType::Range)?])
}

fn key(attribute: &str, key_type: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder().attribute_name(attribute).key_type(key_type).build()
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
