//! Whether a table is as it should be, and may be read and written: tried, and nothing changed.

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::types::AttributeValue;

use super::indexes::{DescribeTableError, describe, is_active};
use super::{Schema, TableKind};
use crate::Store;
use crate::item::Item;

/// No row has this key.
const NOBODY: &str = "#tried";
const MUST_BE: &str = "attribute_exists(#key)";

/// What was tried, as in `dynamodb:PutItem`, and what DynamoDB answered.
pub type Refused = (&'static str, ServiceError);

/// The indexes that a table lacks, or that DynamoDB still builds.
///
/// # Errors
/// [`DescribeTableError`] where there is no such table, or it may not be described.
pub async fn lacking(
    store: &Store,
    kind: TableKind,
) -> Result<Vec<&'static str>, DescribeTableError> {
    let description = describe(&store.client, store.names.get(kind).unwrap_or_default()).await?;
    let indexes = kind.schema().indexes.iter();
    Ok(indexes.filter(|index| !is_active(&description, index)).map(|index| index.name).collect())
}

/// Reads one row at most, and asks each index for a key that is not there.
///
/// # Errors
/// The action that was refused, and the answer.
pub async fn try_read(store: &Store, kind: TableKind) -> Result<(), Refused> {
    let (client, name) = (&store.client, store.names.get(kind).unwrap_or_default());
    let scan = client.scan().table_name(name).limit(1).send().await.map(drop);
    scan.map_err(|error| ("dynamodb:Scan", service_error(&error)))?;
    let schema = kind.schema();
    let by_index = schema.indexes.iter().map(|index| (Some(index.name), index.partition_key));
    let by_key = schema.sort_key.map(|_| (None, schema.partition_key));
    for (index, key) in by_index.chain(by_key) {
        let query = client
            .query()
            .table_name(name)
            .set_index_name(index.map(str::to_owned))
            .key_condition_expression("#key = :nobody")
            .expression_attribute_names("#key", key)
            .expression_attribute_values(":nobody", AttributeValue::S(NOBODY.to_owned()));
        let query = query.send().await.map(drop);
        query.map_err(|error| ("dynamodb:Query", service_error(&error)))?;
    }
    Ok(())
}

/// Tries to put, change and delete a row that is not there, where one must be: DynamoDB looks at the
/// right before it looks at the row.
///
/// # Errors
/// The first action that was refused, and the answer.
pub async fn try_writes(store: &Store, kind: TableKind) -> Result<(), Refused> {
    let (client, name) = (&store.client, store.names.get(kind).unwrap_or_default());
    let (schema, key) = (kind.schema(), key_of_nobody(kind.schema()));
    let put = client
        .put_item()
        .table_name(name)
        .set_item(Some(key.clone()))
        .condition_expression(MUST_BE)
        .expression_attribute_names("#key", schema.partition_key)
        .send()
        .await;
    settle("dynamodb:PutItem", put.map(drop).map_err(|error| service_error(&error)))?;
    let update = client
        .update_item()
        .table_name(name)
        .set_key(Some(key.clone()))
        .condition_expression(MUST_BE)
        .expression_attribute_names("#key", schema.partition_key)
        .update_expression("SET tried = :tried")
        .expression_attribute_values(":tried", AttributeValue::Bool(true))
        .send()
        .await;
    settle("dynamodb:UpdateItem", update.map(drop).map_err(|error| service_error(&error)))?;
    let delete = client
        .delete_item()
        .table_name(name)
        .set_key(Some(key))
        .condition_expression(MUST_BE)
        .expression_attribute_names("#key", schema.partition_key)
        .send()
        .await;
    settle("dynamodb:DeleteItem", delete.map(drop).map_err(|error| service_error(&error)))
}

fn key_of_nobody(schema: Schema) -> Item {
    let names = [Some(schema.partition_key), schema.sort_key].into_iter().flatten();
    names.map(|name| (name.to_owned(), AttributeValue::S(NOBODY.to_owned()))).collect()
}

fn settle(action: &'static str, tried: Result<(), ServiceError>) -> Result<(), Refused> {
    match tried {
        Err(error) if error.code() == "ConditionalCheckFailedException" => Ok(()),
        result => result.map_err(|error| (action, error)),
    }
}
