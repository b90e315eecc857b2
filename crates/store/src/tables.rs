//! The seven DynamoDB tables: the only place that knows their names, keys and indexes.
//!
//! - `schema`: keys and indexes, and which variable names a table.
//! - `names`: what the tables are called.
//! - `typed`: a type for each table, and the getter that makes it.
//! - `create`: creating those that are missing, and their indexes.
//! - `definition`: a table and an index in DynamoDB's own words.
//! - `indexes`: whether an index can be read, and adding it where it is missing.
//! - `batch`: rows by their keys.
//! - `conditional`: writes that arrive only where the row is as it was read.
//! - `tried`: whether a table is as it should be, and may be written.
//! - `listing`: everything in a table, or under one key of an index.

mod batch;
mod conditional;
mod create;
mod definition;
mod indexes;
mod listing;
mod names;
mod schema;
mod tried;
mod typed;

use aws::service_error;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::item::{Item, QueryError};

pub use batch::{BatchRead, KEYS_PER_BATCH, ReadAs, read_all, read_batch};
pub use conditional::{Expected, WriteError, delete_if, put_if, set_and_remove, update_if};
pub use create::{CreateTableError, Created, create_tables, create_tables_and_tell};
pub use indexes::{
    AddIndexError, Building, DescribeTableError, LONGEST_INDEX_WAIT, index_is_active,
};
pub use listing::{Listing, Page, Pages, query_every_item, scan, scan_every_item};
pub use names::TableNames;
pub use schema::{
    ATTENTION_INDEX, DAY_INDEX, Index, LISTING_INDEX, Projection, REGION_INDEX,
    REPLICATION_REGION_INDEX, SOURCE_ACCOUNT_INDEX, STAGING_ACCOUNT_INDEX, Schema, TROUBLE_INDEX,
    TableKind,
};
pub use tried::{Refused, lacking, try_read, try_writes};
pub use typed::{
    AccountRegionStatusTable, DrsRegionStatusTable, InventoryChangesTable, ProtectionGroupsTable,
    RecoveryPlansTable, SourceServerInventoryTable, TargetAccountsTable,
    get_account_region_status_table, get_drs_region_status_table, get_inventory_changes_table,
    get_protection_groups_table, get_recovery_plans_table, get_source_server_inventory_table,
    get_target_accounts_table,
};

/// Bytes of a partition key. Source: DynamoDB quotas.
pub const LONGEST_KEY: usize = 2048;

/// A table and the client that reaches it.
#[derive(Debug, Clone)]
pub struct Table {
    /// DynamoDB.
    pub client: Client,
    /// The table's name.
    pub name: String,
}

/// The row of a table without a sort key, by its key.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn get(table: &Table, key: &str, value: &str) -> Result<Option<Item>, QueryError> {
    let get = table.client.get_item().table_name(&table.name).consistent_read(true);
    let get = get.key(key, AttributeValue::S(value.to_owned()));
    let answer = get.send().await;
    answer
        .map(|answer| answer.item)
        .map_err(|error| QueryError { table: table.name.clone(), source: service_error(&error) })
}
