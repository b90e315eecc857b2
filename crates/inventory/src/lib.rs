//! What people and programs ask of the inventory: one file per use.
//!
//! - [`switch`]: one sync, by the implementation that `USE_REFACTORED_INVENTORY_SYNC` names.
//! - [`outcome`]: what came of a sync, whichever implementation did it.
//! - [`response`]: the outcome as callers of the functions get it.
//! - [`servers`]: the servers, by whatever a person knows of them.
//! - [`overview`]: can we recover, what do we not know, what to do next.
//! - [`readiness`]: the verdict of a server in words.
//! - [`words`]: times and numbers as people say them.
//! - [`picture`]: what the inventory does not know, and as of when it knows the rest.
//! - [`changes`]: the history, the last first.
//! - [`as_of`]: the servers and their verdicts at a moment of the past.
//! - [`report`]: evidence of one moment, and whether it is still as it was written.
//! - [`removals`]: what waits for an approval, and giving it.
//! - [`restore`]: a row that was removed, put back from the history.
//! - [`accounts`]: adding and removing target and staging accounts.
//! - [`discovery`]: the accounts of the organization beside those of the accounts table.
//! - [`check`]: whether an account and the hub can do what a sync asks of them, and what to change.
//! - [`protection_groups`]: servers that fail over together.
//! - [`recovery_plans`]: groups in the order of their recovery.
//!
//! - [`logging`]: what is logged, and what never is.
//!
//! Every change is a conditional write, so that two writers cannot overwrite each other, and keeps
//! the attributes that this program does not know.

pub mod accounts;
pub mod as_of;
pub mod capacity;
pub mod changes;
pub mod check;
pub mod discovery;
mod error;
pub mod logging;
pub mod outcome;
pub mod overview;
pub mod picture;
pub mod protection_groups;
pub mod readiness;
mod record;
pub mod recovery_plans;
pub mod removals;
pub mod report;
pub mod response;
pub mod restore;
pub mod servers;
pub mod switch;
pub mod unprotected;
pub mod words;

pub use error::ManageError;
pub use outcome::Outcome;
pub use switch::handle_sync_source_server_inventory;
