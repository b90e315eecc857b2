//! The library against the simulated AWS and the embedded store. One program: each links all SDKs.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

mod accounts;
mod answers;
mod common;
mod credentials;
mod drs;
mod enrich;
mod hub_credentials;
mod legacy;
mod manage;
mod paging;
mod persist;
mod protection_groups;
mod query;
mod recovery_plans;
mod region_status;
mod scripted;
mod stores;
mod sync;
mod tampered;
mod unreadable;
