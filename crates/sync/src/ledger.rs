//! The ledger: what was seen when, per account and region, and who is at work.
//!
//! - `claim`: one sync at a time works in an account.
//! - `entries`: what earlier syncs saw of an account.
//! - `exclusions`: what need not be protected.
//! - `last`: what the last whole sync ended with.
//! - `look`: what this one saw of a place.
//! - `looks`: when each account was last looked at.
//! - `own_attributes`: an update that leaves alone what others wrote.
//! - `lock`: the schedule's lock.
//! - `lease`: what claim and lock have in common.

mod claim;
mod entries;
mod exclusions;
mod last;
pub(crate) mod lease;
mod lock;
mod look;
mod looks;
mod own_attributes;

pub use claim::ACCOUNT_BUSY;
pub(crate) use claim::{Entered, claim_account, release_account};
pub use entries::{KnownPlaces, get_active_regions, known_accounts, read_places};
pub(crate) use entries::{accounts_in_trouble, knows_accounts, last_success};
pub(crate) use exclusions::read_exclusions;
pub(crate) use last::{read_last_sync, write_last_sync};
pub use lock::{LockError, SyncLock, lock_sync};
pub use look::{Answer, LookFailure, entry_after, is_incomplete, update_region_status};
pub(crate) use look::{cut, is_recent, note_removals};
pub use looks::{Look, Unread, last_looks};
