//! Changing what the sync works from: target and staging accounts.

pub mod accounts;
