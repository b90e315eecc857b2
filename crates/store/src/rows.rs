//! What the rows of a table hold.
//!
//! One type for each kind of row. [`Kept`] pairs it with what another program wrote into the same
//! row.

mod inventory_change;
mod inventory_row;
mod kept;
pub mod ledger;
mod lenient;
mod protection_group;
mod recovery_plan;
mod target_account;

pub use inventory_change::{ChangeKind, InventoryChange, SHARDS};
pub use inventory_row::{InventoryRow, RowKey, Sums, short_hash};
pub use kept::Kept;
pub use protection_group::{GroupDefinition, ProtectionGroup, servers_of_group};
pub use recovery_plan::{RecoveryPlan, Wave, groups_of_plan};
pub use target_account::{AccountRow, StagingAccounts};
