//! The functions, from an event to its answer.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

mod bus;
mod common;
mod data;
mod drs_events;
mod events;
mod export;
mod front;
mod groups;
mod history;
mod known;
mod logs;
mod query;
mod removals;
mod report;
mod unprotected;
