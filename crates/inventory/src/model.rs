//! What the steps hand to each other: accounts, servers, rows, failures.

mod account;
mod failure;
mod inventory_row;
mod source_server;

pub use account::{
    AccountToQuery, ExternalId, Listing, MemberRole, RoleName, StagingAccount, TargetAccount,
    is_account_id,
};
pub use failure::{Failure, FailureKind, RegionStatus};
pub use inventory_row::{InventoryRow, RowKey};
pub use source_server::{EarlierMetadata, Ec2Instance, Ec2Knowledge, SourceServer};
