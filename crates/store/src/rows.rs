//! What the rows of a table hold.
//!
//! One type for each kind of row. [`Kept`] pairs it with what another program wrote into the same
//! row.

mod content_hash;
mod counts;
pub mod drills;
mod drs_facts;
mod inventory_change;
mod inventory_row;
mod kept;
pub mod ledger;
mod lenient;
mod protection_group;
mod readiness;
mod recovery_plan;
mod shard;
mod summary;
mod tally;
mod target_account;
pub mod unprotected;

pub use content_hash::{changed_in, hash_in};
pub use counts::Counts;
pub use drs_facts::{DrsFacts, Initiation, ReplicationError};
pub use inventory_change::{ChangeKind, DAYS_KEPT, INSTALLATION, InventoryChange, SHARDS};
pub use inventory_row::{InventoryRow, RowKey, Sums};
pub use kept::Kept;
pub use protection_group::{GroupDefinition, ProtectionGroup, servers_of_group};
pub use readiness::{ATTENTION_SHARDS, Readiness, attention};
pub use recovery_plan::{RecoveryPlan, Wave, groups_of_plan};
pub use summary::Summary;
pub use tally::Tally;
pub use target_account::{AccountRow, StagingAccounts};
