//! Each step, and the whole sync, against the simulated AWS and the embedded store. One program: each
//! links all SDKs.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

mod accounts;
mod answers;
mod credentials;
mod drs;
mod enrich;
mod hub_credentials;
mod paging;
mod persist;
mod region_status;
mod unreadable;
mod whole;
