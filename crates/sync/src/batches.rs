//! Items in batches, into one table, until nothing is left undone.

use aws::{ServiceError, classify, service_error};
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use model::Failure;
use store::tables::Table;
use store::{Item, text};

use super::pace::{Deadline, Pace};
use super::patience::Patience;

/// Items of one `BatchWriteItem`. Source: DynamoDB API reference.
pub const ITEMS_PER_BATCH: usize = 25;

/// A table, and how what is given becomes its items.
pub(crate) struct Batches<'a, T> {
    /// Where the items go.
    pub(crate) table: &'a Table,
    /// The names of partition and sort key.
    pub(crate) key: (&'static str, &'static str),
    /// The values of partition and sort key.
    pub(crate) key_of: fn(&T) -> (&str, &str),
    /// The item, made only when it is sent.
    pub(crate) item_of: fn(&T) -> Result<Item, ServiceError>,
}

/// What could not be stored.
pub(crate) struct Unstored<T> {
    /// What was given.
    pub(crate) given: T,
    /// Why.
    pub(crate) failure: Failure,
    /// Whether the table refuses the item as it is; else the table, or the time, is the reason.
    pub(crate) refused: bool,
}

impl<T: Send + Sync> Batches<'_, T> {
    /// Writes all, as many batches at once and as long as `pace` says. Returns what is not stored.
    ///
    /// What DynamoDB throttles or leaves unprocessed is sent again with backoff, until a limit; an item
    /// that it refuses costs itself and no other. A batch on its way when the time ends is reported as
    /// not stored, though it may be.
    pub(crate) async fn write(&self, given: Vec<T>, pace: &Pace) -> Vec<Unstored<T>> {
        stream::iter(into_batches(given))
            .map(|batch| self.write_batch(batch, pace.deadline))
            .buffer_unordered(pace.at_once)
            .flat_map(stream::iter)
            .collect()
            .await
    }

    /// Sends one batch until nothing of it is left undone.
    fn write_batch(&self, mut open: Vec<T>, ends: Deadline) -> BoxFuture<'_, Vec<Unstored<T>>> {
        async move {
            let mut patience = Patience::until(ends);
            loop {
                match patience.call(|| self.send(&open)).await {
                    Ok(Ok(unprocessed)) => open.retain(|it| self.is_among(it, &unprocessed)),
                    Ok(Err(error)) if is_about_an_item(&error) => {
                        return self.isolate(open, &error, ends).await;
                    }
                    Ok(Err(error)) => return unstored(open, &classify(&error), false),
                    Err(time_is_up) => return unstored(open, &time_is_up, false),
                }
                if open.is_empty() {
                    return Vec::new();
                }
                if !patience.wait().await {
                    return unstored(open, &left_unprocessed(), false);
                }
            }
        }
        .boxed()
    }

    /// A batch is refused whole for one bad item. Halving finds it, and stores the others.
    async fn isolate(
        &self,
        mut open: Vec<T>,
        error: &ServiceError,
        ends: Deadline,
    ) -> Vec<Unstored<T>> {
        if open.len() == 1 {
            return unstored(open, &classify(error), true);
        }
        let second = open.split_off(open.len() / 2);
        let mut refused = self.write_batch(open, ends).await;
        refused.extend(self.write_batch(second, ends).await);
        refused
    }

    /// What DynamoDB left unprocessed.
    async fn send(&self, open: &[T]) -> Result<Vec<Item>, ServiceError> {
        let requests =
            open.iter().map(|it| put((self.item_of)(it)?)).collect::<Result<Vec<_>, _>>()?;
        let write = self.table.client.batch_write_item().request_items(&self.table.name, requests);
        let answer = write.send().await.map_err(|error| service_error(&error))?;
        let unprocessed = answer.unprocessed_items.unwrap_or_default().remove(&self.table.name);
        let puts = unprocessed.unwrap_or_default().into_iter();
        Ok(puts.filter_map(|write| Some(write.put_request?.item)).collect())
    }

    fn is_among(&self, given: &T, items: &[Item]) -> bool {
        let (partition, sort) = self.key;
        let key = (self.key_of)(given);
        items.iter().any(|item| (text(item, partition), text(item, sort)) == key)
    }
}

fn into_batches<T>(given: Vec<T>) -> Vec<Vec<T>> {
    let mut given = given.into_iter().peekable();
    let mut batches = Vec::new();
    while given.peek().is_some() {
        batches.push(given.by_ref().take(ITEMS_PER_BATCH).collect());
    }
    batches
}

fn put(item: Item) -> Result<WriteRequest, ServiceError> {
    let put =
        PutRequest::builder().set_item(Some(item)).build().map_err(|error| unusable(&error))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

/// What cannot be sent at all.
pub(crate) fn unusable(error: &dyn std::error::Error) -> ServiceError {
    ServiceError::Unusable { code: "InvalidRequest", message: error.to_string() }
}

fn is_about_an_item(error: &ServiceError) -> bool {
    matches!(
        error.code(),
        "ValidationException"
            | "SerializationException"
            | "ItemCollectionSizeLimitExceededException"
            | "HTTP 413"
    )
}

fn left_unprocessed() -> Failure {
    classify(&ServiceError::Answered {
        http_status: 400,
        code: "ProvisionedThroughputExceededException".to_owned(),
        message: "the table left the row unprocessed, however often it was sent".to_owned(),
    })
}

fn unstored<T>(given: Vec<T>, failure: &Failure, refused: bool) -> Vec<Unstored<T>> {
    let unstored = |given| Unstored { given, failure: failure.clone(), refused };
    given.into_iter().map(unstored).collect()
}
