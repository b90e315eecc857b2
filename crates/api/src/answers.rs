//! What each operation answers, as a type: the names of the contract, and the schema of the document.
//!
//! Rows of tables are open: attributes that this program does not know are in the answers, too. They
//! serialise as they stand; what describes them is in `rows`.

mod accounts;
mod changes;
pub mod checked;
pub mod discovery;
pub mod error;
mod exported_accounts;
mod groups;
pub mod known;
mod lists;
pub mod overview;
mod plans;
mod removals;
pub mod report;
mod row;
pub mod rows;
mod servers;
mod syncing;
pub mod unprotected;
mod written_report;

pub use accounts::{AccountStatus, ChangedAccount, ChangedStagingAccount, CurrentAccount};
pub use changes::{ChangeList, HistoryOf};
pub use checked::CheckedAccount;
pub use discovery::DiscoveredAccounts;
pub use error::ErrorAnswer;
pub use exported_accounts::ExportedAccounts;
pub use groups::{DeletedGroup, Group, GroupServer, GroupWithServers};
pub use known::{HeldRemoval, NotKnown, PictureAnswer};
pub use lists::{AccountList, GroupList, PlanList};
pub use overview::OverviewAnswer;
pub use plans::{DeletedPlan, Plan};
pub use removals::{AcknowledgedRegion, ApprovedRemoval};
pub use row::Row;
pub use servers::{OneServerAnswer, RegionList, ServerList};
pub use syncing::{AccountIds, FinishedSync, Health, SyncAccepted, SyncedAccount, WholeSync};
pub use unprotected::{Excluded, ExclusionAnswer, Included, UnprotectedList};
pub use written_report::WrittenReport;
