//! The program, as a person or a script uses it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

mod columns;
mod commands;
mod edges;
mod export_accounts;
mod history;
mod import;
mod logs;
mod manual;
mod markdown;
mod onboarding;
mod past;
mod profile;
mod removals;
mod report;
mod restore;
mod serve;
mod settings_file;
mod signals;
mod some_accounts;
mod status;
mod unprotected;
