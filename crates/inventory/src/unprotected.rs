//! EC2 instances that nothing protects, as the sync found them, and those that need not be protected.
//!
//! - `list`: what was found, as of when, and what is not known of it.
//! - `exclusions`: what need not be protected, by tag or by id, with owner, reason and end.
//! - `error`: why an exclusion was not made or taken back.

mod error;
mod exclusions;
mod list;

pub use error::ExclusionError;
pub use exclusions::{NewExclusion, What, exclude, include, list_exclusions};
pub use list::{
    AccountCount, FoundInstance, MOST_INSTANCES, NotCertain, Unprotected, UnprotectedFilter,
    list_unprotected,
};
