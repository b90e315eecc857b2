//! What describes the rows of tables in answers, by the contract of docs/attributes.md. Each is open:
//! a row may have other attributes beside these, and rows of the legacy sync and of earlier versions
//! lack some.

mod history;
mod kept;
mod ledger;
mod server;

pub use history::ChangeRow;
pub use kept::{
    AccountRow, GroupRow, PlanRow, StagingAccountOf, StagingAccountRow, StagingAccountsOf, WaveRow,
};
pub use ledger::{AccountEntryRow, CountsRow, HeldRow, NotStoredRow, PlaceRow, RegionRow};
pub use server::{
    BigNumber, DiskRow, ErrorRow, LaunchRow, NetworkRow, ReasonRow, ServerRow, StepRow,
};
