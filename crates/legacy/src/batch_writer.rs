//! The buffer of one account, as boto3's batch writer kept it.

use aws::service_error;
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use store::tables::SourceServerInventoryTable;

use super::LegacyError;
use super::row::Row;
use super::status::text;

const ITEMS_PER_BATCH: usize = 25;

/// Sends rows as soon as it holds 25. Rows of a batch that is refused are gone.
pub(super) struct BatchWriter<'a> {
    table: &'a SourceServerInventoryTable,
    buffer: Vec<WriteRequest>,
}

impl<'a> BatchWriter<'a> {
    pub(super) fn new(table: &'a SourceServerInventoryTable) -> Self {
        Self { table, buffer: Vec::new() }
    }

    /// Queues a row. An error is that of the batch which the row made full.
    pub(super) async fn put(&mut self, row: Row) -> Result<(), LegacyError> {
        let put = PutRequest::builder().set_item(Some(row)).build();
        let put = put.map_err(|error| LegacyError(error.to_string()))?;
        self.buffer.push(WriteRequest::builder().put_request(put).build());
        if self.buffer.len() >= ITEMS_PER_BATCH { self.flush().await } else { Ok(()) }
    }

    /// Sends what is left. An error here leaves the function.
    pub(super) async fn finish(mut self) -> Result<(), LegacyError> {
        while !self.buffer.is_empty() {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), LegacyError> {
        let count = self.buffer.len().min(ITEMS_PER_BATCH);
        let batch: Vec<WriteRequest> = self.buffer.drain(..count).collect();
        let write = self.table.client.batch_write_item().request_items(&self.table.name, batch);
        let answer = write
            .send()
            .await
            .map_err(|error| LegacyError(text("BatchWriteItem", &service_error(&error))))?;
        let mut unprocessed = answer.unprocessed_items.unwrap_or_default();
        self.buffer.extend(unprocessed.remove(&self.table.name).unwrap_or_default());
        Ok(())
    }
}
