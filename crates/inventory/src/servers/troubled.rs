//! Servers that are not ready, by `AttentionIndex`: no row of a server that is ready is read.

use futures::{StreamExt, TryStreamExt, stream};
use model::readiness::Verdict;
use store::rows::ATTENTION_SHARDS;
use store::tables::{
    ATTENTION_INDEX, KEYS_PER_BATCH, Listing, SourceServerInventoryTable, read_all,
};
use store::{Item, QueryError, string, text};

use aws::ServiceError;

/// Partitions and batches that are read at once.
const AT_ONCE: usize = 8;

/// The entries of the index: servers that are not ready, and servers at risk.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn query_attention(table: &SourceServerInventoryTable) -> Result<Vec<Item>, QueryError> {
    let verdicts = Verdict::ALL.into_iter().filter(|verdict| *verdict != Verdict::Ready);
    let shards = verdicts.flat_map(|verdict| {
        (0..ATTENTION_SHARDS).map(move |shard| format!("{}#{shard}", verdict.name()))
    });
    let listings =
        shards.map(|shard| Listing::of_index(table, ATTENTION_INDEX, "attention", &shard));
    let read = stream::iter(listings).map(Listing::every_item).buffer_unordered(AT_ONCE);
    let read: Vec<Vec<Item>> = read.try_collect().await?;
    Ok(read.into_iter().flatten().collect())
}

/// The whole rows of entries of an index; one that is gone by now is absent.
///
/// # Errors
/// [`QueryError`] names the table; half an answer is never returned.
pub(super) async fn whole_rows(
    table: &SourceServerInventoryTable,
    entries: Vec<Item>,
) -> Result<Vec<Item>, QueryError> {
    let keys: Vec<Item> = entries.iter().map(key_of).collect();
    let batches = stream::iter(keys.chunks(KEYS_PER_BATCH).map(<[Item]>::to_vec));
    let read = batches.map(|batch| read_all(table, batch)).buffer_unordered(AT_ONCE);
    let read: Result<Vec<Vec<Item>>, ServiceError> = read.try_collect().await;
    let read = read.map_err(|source| QueryError { table: table.name.clone(), source })?;
    Ok(read.into_iter().flatten().collect())
}

fn key_of(entry: &Item) -> Item {
    key(text(entry, "sourceServerArn"), text(entry, "stagingAccountId"))
}

/// The key of a row as DynamoDB takes it.
pub(super) fn key(arn: &str, staging: &str) -> Item {
    [("sourceServerArn", arn), ("stagingAccountId", staging)]
        .map(|(name, value)| (name.to_owned(), string(value)))
        .into()
}
