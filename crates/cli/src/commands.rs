//! One file per command.

pub(crate) mod accounts;
pub(crate) mod changes;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod man;
pub(crate) mod regions;
pub(crate) mod removals;
pub(crate) mod report;
mod restore;
pub(crate) mod serve;
pub(crate) mod server;
pub(crate) mod servers;
pub(crate) mod settings;
pub(crate) mod sim;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod tables;
pub(crate) mod unprotected;
