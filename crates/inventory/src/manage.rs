//! Changing what the sync and a recovery work from.
//!
//! - [`accounts`]: target and staging accounts.
//! - [`protection_groups`]: servers that fail over together.
//! - [`recovery_plans`]: groups in the order of their recovery.
//!
//! Every write is conditional, so that two writers cannot overwrite each other, and keeps the
//! attributes that this program does not know.

pub mod accounts;
mod error;
pub mod protection_groups;
mod record;
pub mod recovery_plans;

pub use error::ManageError;
