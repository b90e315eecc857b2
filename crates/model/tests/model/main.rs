//! The judgement of readiness, by a table of servers and by what must hold of every server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod pages;
mod properties;
mod server;
mod table;
