//! Each step, and the whole sync, against the simulated AWS and the embedded store. One program: each
//! links all SDKs.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

mod absence;
mod accounts;
mod active_regions;
mod answers;
mod credentials;
mod demo_world;
mod drills;
mod drs;
mod enrich;
mod entry_size;
mod finish_sync;
mod hub_credentials;
mod in_part;
mod interleaved;
mod ledger;
mod ledger_faults;
mod paging;
mod persist;
mod readiness;
mod units;
mod unprotected;
mod unreadable;
mod whole;
