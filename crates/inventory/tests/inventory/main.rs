//! What people and programs ask of the inventory, on an embedded store. One program: each links all
//! SDKs.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

mod as_of;
mod capacity;
mod changes;
mod manage;
mod overview;
mod picture;
mod protection_groups;
mod query;
mod recovery_plans;
mod removals;
mod restore;
mod servers;
mod stores;
mod switch;
mod unprotected;
