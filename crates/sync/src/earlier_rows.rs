//! What earlier syncs knew of instances that EC2 does not tell about now.
//!
//! A source that is down is what recovery is for: its network and tags are needed when EC2 has
//! forgotten them.

use std::collections::HashMap;

use aws::{ServiceError, classify, service_error};
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemOutput;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use model::{EarlierMetadata, Ec2Instance, Ec2Knowledge, Failure, SourceServer};
use serde::de::DeserializeOwned;
use store::tables::SourceServerInventoryTable;

use super::pace::Deadline;
use super::patience::Patience;

/// Keys of one `BatchGetItem`. Source: DynamoDB API reference.
const KEYS_PER_BATCH: usize = 100;
const ATTRIBUTES: &str = "sourceServerArn, stagingAccountId, instanceId, networkConfig, sourceTags, ec2AsOf, lastUpdated";

type Item = HashMap<String, AttributeValue>;
type Key = (String, String);

/// Gives each server whose instance EC2 did not tell about the metadata of its earlier row.
///
/// Where the rows cannot be read, the server says so, and is not written: a row without its
/// network would replace one that has it.
pub(super) async fn keep_earlier_metadata(
    table: &SourceServerInventoryTable,
    servers: &mut [SourceServer],
    ends: Deadline,
) {
    let mut open: Vec<&mut SourceServer> =
        servers.iter_mut().filter(|server| needs_earlier(&server.ec2)).collect();
    for batch in open.chunks_mut(KEYS_PER_BATCH) {
        let mut keys: Vec<Key> = batch.iter().filter_map(|server| key_of(server)).collect();
        keys.sort_unstable();
        keys.dedup();
        match read_rows(table, keys, ends).await {
            Ok(rows) => {
                for server in batch {
                    let row = key_of(server).and_then(|key| rows.get(&key));
                    let earlier = row.and_then(|row| metadata_of(row, server.instance_id()));
                    server.ec2 = with_earlier(std::mem::take(&mut server.ec2), earlier);
                }
            }
            Err(failure) => {
                tracing::warn!(
                    code = failure.code,
                    cause = failure.message,
                    "cannot read earlier rows"
                );
                for server in batch {
                    server.ec2 = Ec2Knowledge::EarlierUnread(failure.clone());
                }
            }
        }
    }
}

fn needs_earlier(ec2: &Ec2Knowledge) -> bool {
    match ec2 {
        Ec2Knowledge::Unreachable(_) | Ec2Knowledge::NotFound(_) => true,
        Ec2Knowledge::Current(instance) => {
            instance.is_ending() && (!instance.has_network() || instance.tags.is_empty())
        }
        Ec2Knowledge::NoInstance | Ec2Knowledge::Ending(..) | Ec2Knowledge::EarlierUnread(_) => {
            false
        }
    }
}

fn with_earlier(ec2: Ec2Knowledge, earlier: Option<EarlierMetadata>) -> Ec2Knowledge {
    match (ec2, earlier) {
        (Ec2Knowledge::Unreachable(_), earlier) => Ec2Knowledge::Unreachable(earlier),
        (Ec2Knowledge::NotFound(_), earlier) => Ec2Knowledge::NotFound(earlier),
        (Ec2Knowledge::Current(instance), Some(earlier)) if knows_more(&earlier, &instance) => {
            Ec2Knowledge::Ending(instance, earlier)
        }
        (ec2, _) => ec2,
    }
}

/// Whether the earlier row has what EC2 no longer tells of an instance that is ending.
fn knows_more(earlier: &EarlierMetadata, instance: &Ec2Instance) -> bool {
    (!instance.has_network() && earlier.network_config.is_some())
        || (instance.tags.is_empty() && earlier.has_tags())
}

/// None where the server has no ARN: it cannot have a row.
fn key_of(server: &SourceServer) -> Option<Key> {
    Some((server.arn()?.to_owned(), server.staging_account().to_owned()))
}

fn metadata_of(row: &Item, instance_id: Option<&str>) -> Option<EarlierMetadata> {
    let same_instance = row.get("instanceId")?.as_s().ok().map(String::as_str) == instance_id;
    let network_config = read("networkConfig", row);
    let source_tags = read("sourceTags", row);
    if !same_instance || (network_config.is_none() && source_tags.is_none()) {
        return None;
    }
    // Rows of the legacy sync are as old as their last update.
    let as_of = read("ec2AsOf", row).or_else(|| read("lastUpdated", row));
    Some(EarlierMetadata { network_config, source_tags, as_of })
}

/// Absent where a row of another program has something else there.
fn read<T: DeserializeOwned>(name: &str, row: &Item) -> Option<T> {
    serde_dynamo::from_attribute_value(row.get(name)?.clone()).ok()
}

async fn read_rows(
    table: &SourceServerInventoryTable,
    keys: Vec<Key>,
    ends: Deadline,
) -> Result<HashMap<Key, Item>, Failure> {
    let mut rows = HashMap::new();
    let mut open: Vec<Item> = keys.into_iter().map(key_item).collect();
    let mut patience = Patience::until(ends);
    while !open.is_empty() {
        let keys = request(open)?;
        let answered = patience.call(|| read_batch(table, keys.clone())).await?;
        let answer = answered.map_err(|error| classify(&error))?;
        for row in answer.responses.unwrap_or_default().remove(&table.name).unwrap_or_default() {
            if let Some(key) = key_of_row(&row) {
                rows.insert(key, row);
            }
        }
        let rest = answer.unprocessed_keys.unwrap_or_default().remove(&table.name);
        open = rest.map(|rest| rest.keys).unwrap_or_default();
        if !open.is_empty() && !patience.wait().await {
            return Err(throttled());
        }
    }
    Ok(rows)
}

async fn read_batch(
    table: &SourceServerInventoryTable,
    keys: KeysAndAttributes,
) -> Result<BatchGetItemOutput, ServiceError> {
    let read = table.client.batch_get_item().request_items(&table.name, keys);
    read.send().await.map_err(|error| service_error(&error))
}

fn request(keys: Vec<Item>) -> Result<KeysAndAttributes, Failure> {
    KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(true)
        .projection_expression(ATTRIBUTES)
        .build()
        .map_err(|error| {
            let message = error.to_string();
            classify(&ServiceError::Unusable { code: "InvalidRequest", message })
        })
}

fn throttled() -> Failure {
    classify(&ServiceError::Answered {
        http_status: 400,
        code: "ProvisionedThroughputExceededException".to_owned(),
        message: "the table left keys unread, however often it was asked".to_owned(),
    })
}

fn key_item((arn, staging): Key) -> Item {
    Item::from([
        ("sourceServerArn".to_owned(), AttributeValue::S(arn)),
        ("stagingAccountId".to_owned(), AttributeValue::S(staging)),
    ])
}

fn key_of_row(row: &Item) -> Option<Key> {
    let text = |name: &str| row.get(name)?.as_s().ok().cloned();
    Some((text("sourceServerArn")?, text("stagingAccountId")?))
}
