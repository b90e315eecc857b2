//! What earlier syncs knew of instances that EC2 does not tell about now.
//!
//! A source that is down is what recovery is for: its network and tags are needed when EC2 has
//! forgotten them.

use model::{EarlierMetadata, Ec2Instance, Ec2Knowledge, SourceServer};
use serde::de::DeserializeOwned;
use store::Item;
use store::rows::RowKey;
use store::tables::SourceServerInventoryTable;

use super::current_rows::read_rows;
use super::pace::{Deadline, Pace};

/// Servers whose rows are read at once.
const SERVERS_AT_ONCE: usize = 100;
const ATTRIBUTES: &str = "sourceServerArn, stagingAccountId, instanceId, networkConfig, sourceTags, ec2AsOf, lastUpdated";

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
    let pace = Pace { deadline: ends, ..Pace::of(1) };
    for batch in open.chunks_mut(SERVERS_AT_ONCE) {
        let mut keys: Vec<RowKey> = batch.iter().filter_map(|server| key_of(server)).collect();
        keys.sort_unstable();
        keys.dedup();
        match read_rows(table, keys, Some(ATTRIBUTES), &pace).await {
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
fn key_of(server: &SourceServer) -> Option<RowKey> {
    let source_server_arn = server.arn()?.to_owned();
    Some(RowKey { source_server_arn, staging_account_id: server.staging_account().to_owned() })
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
