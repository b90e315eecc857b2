//! The words that everything else is said in: accounts, regions, servers, failures.
//!
//! Pure: nothing here calls AWS, reads a file or looks at a clock.
//!
//! - [`account`]: target and staging accounts, ways into them, external ids.
//! - [`ec2`]: what EC2 knows of the instance behind a server.
//! - [`environment`]: environment variables, and what is said of a wrong one.
//! - [`failure`]: what went wrong, as a value that travels to the report.
//! - [`lag`]: how far a replica lags behind its server.
//! - [`place`]: one account and region that DRS is asked in.
//! - [`readiness`]: whether a server can be recovered, by its facts, a policy and the time.
//! - [`region`]: the regions of DRS.
//! - [`role_arn`]: the account that an ARN of a role names.
//! - [`source_server`]: a server that DRS lists.

pub mod account;
pub mod ec2;
pub mod environment;
pub mod failure;
pub mod lag;
pub mod place;
pub mod readiness;
pub mod region;
pub mod role_arn;
pub mod source_server;

pub use account::{
    AccountToQuery, ExternalId, Listing, MemberRole, RoleName, StagingAccount, TargetAccount,
    is_account_id,
};
pub use ec2::{EarlierMetadata, Ec2Instance, Ec2Knowledge, NetworkConfig};
pub use failure::{Failure, FailureKind, RegionStatus};
pub use place::Place;
pub use source_server::{
    Disk, LastLaunch, Machine, ReplicatedBytes, Replication, SourceServer, Staging,
};
