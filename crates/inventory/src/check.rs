//! Whether an account, and the hub itself, can do what a sync asks of them; and where not, the very change
//! that mends it. Nothing is written, in AWS or in the tables.
//!
//! - [`account`]: one account, step by step.
//! - `checker`: what the steps share.
//! - `enter`: its role and external id.
//! - `regions`: DRS in each region.
//! - `ec2`: EC2, once.
//! - `beside`: what is good to have: drills, enabled regions, room, registered staging accounts.
//! - `mend`: changes, in words that can be carried out.
//! - [`hub`]: credentials, clock, settings, tables, and room of the installation.
//! - [`step`]: how one step went.

pub mod account;
mod beside;
mod checker;
mod ec2;
mod enter;
pub mod hub;
mod mend;
mod regions;
pub mod step;

pub use account::{AccountCheck, CheckError, check_accounts};
pub use hub::{HubCheck, check_hub};
pub use regions::RegionCheck;
pub use step::{How, Step};
