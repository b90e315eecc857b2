//! The tables of the inventory, in DynamoDB or in an embedded store: the caller brings the client.
//!
//! - [`tables`]: names, keys and indexes, one getter per table; reading, and writing if unchanged.
//! - [`item`]: a row as it is stored.
//! - [`json`]: rows as JSON, numbers exact.
//! - [`rows`]: what a row holds.

pub mod item;
pub mod json;
pub mod rows;
pub mod tables;

use aws_sdk_dynamodb::Client;

pub use item::{Item, QueryError, attribute, by_name, number, string, text};
pub use tables::{TableNames, get, scan};

/// The tables: the client that reaches them, and what each is called.
#[derive(Debug, Clone)]
pub struct Store {
    /// DynamoDB, or the embedded store behind the same client.
    pub client: Client,
    /// The tables' names.
    pub names: TableNames,
    /// Whether an index may lag behind its table.
    pub indexes: Indexes,
}

/// When an index has what was written into its table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Indexes {
    /// Some time later, as in DynamoDB.
    #[default]
    MayLag,
    /// At once: a row and its indexes are one transaction, as in the embedded store.
    FollowAtOnce,
}
