//! What the tests of all crates stand on. Nothing but tests uses it.
//!
//! - [`Stage`]: a simulated AWS and an embedded store with the accounts of a world.
//! - [`Lab`]: a stage and a sync between the two.
//! - [`fixtures`]: servers, instances, accounts and small worlds.
//! - [`Tampered`] and [`Scripted`]: services that answer what no service should.
//! - [`client`]: SDK settings that give up soon, and a clock that a test moves.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

pub mod client;
pub mod fixtures;
pub mod http;
mod lab;
pub mod scripted;
mod stage;
pub mod tampered;

pub use client::{advance, hub_session, impatient, sdk_config};
pub use fixtures::*;
pub use lab::Lab;
pub use scripted::Scripted;
pub use stage::{Stage, rows, scan, simulator};
pub use store::Item;
pub use tampered::{Tamper, Tampered};
