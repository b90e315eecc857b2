//! The program, as a person or a script uses it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

mod commands;
mod edges;
mod export_accounts;
mod history;
mod import;
mod logs;
mod onboarding;
mod past;
mod removals;
mod report;
mod restore;
mod serve;
mod signals;
mod status;
mod unprotected;
