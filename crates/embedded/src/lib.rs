//! A DynamoDB-compatible store in a file or in memory, in process.
//!
//! The caller gets an ordinary [`aws_sdk_dynamodb::Client`]; only its HTTP connector differs: a
//! request goes to the engine ([`dynoxide`]) on a blocking thread instead of to a TCP port.
//!
//! - [`Store`] opens the file and hands out clients.
//! - `batch_put` writes a batch of rows at once.
//! - `connection` tells SQLite of a file.
//! - `describe` tells what a table looks like.
//! - `file` finds out what is at a path before the engine sees it.
//! - `lock` finds out who writes to it.
//! - [`operations`] answers one request.
//! - `pages` reads a page of a listing in parts.
//! - [`faults`] makes the store throttle, refuse or leave items unprocessed, for tests.
//! - [`units`] counts what the calls would have cost.

mod batch_put;
mod connection;
mod describe;
pub mod faults;
mod file;
mod lock;
pub mod operations;
mod pages;
mod store;
pub mod units;

pub use faults::{Fault, StoreCall};
pub use lock::Holder;
pub use store::{OpenError, Store};
pub use units::Consumed;
