//! A simulated AWS: DRS, EC2, STS, Organizations and Account Management on one port, as a world file
//! says.
//!
//! - [`world`]: the file, and what is wrong with it.
//! - [`server`]: HTTP, the record of calls, latency.
//! - [`record`]: that record as a file.
//! - [`signature`]: which service, region and key a request is signed for.
//! - [`keys`]: the keys that `AssumeRole` handed out.
//! - [`faults`]: which call gets a fault instead of an answer.
//! - [`token`]: which page of an answer comes next.
//! - [`drs`], [`ec2`], [`sts`], [`organizations`], [`account`]: what each service answers, in its own wire format.

mod account;
mod drs;
mod ec2;
mod faults;
mod keys;
mod organizations;
mod query;
mod record;
mod recorder;
mod reply;
mod server;
mod signature;
mod sts;
mod token;
pub mod world;

pub use record::{RecordedCall, read_record};
pub use recorder::{Call, Outcome, Service};
pub use server::{AccountOfKey, Simulator};
pub use world::{World, WorldError};
