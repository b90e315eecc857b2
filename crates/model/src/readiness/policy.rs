//! What is expected of a server.

use std::time::Duration;

use jiff::SignedDuration;

/// Replicating servers of an account and region that DRS allows. Source: AWS General Reference, DRS
/// service quotas, "Concurrent replicating source servers", as of 2026-11.
pub const MOST_REPLICATING: u64 = 300;
/// More of them than these, and the next ones may not fit.
pub const MANY_REPLICATING: u64 = 280;
/// Source servers of an account and region that DRS allows. Source: the same page, "Total source
/// servers per AWS account", as of 2026-11.
pub const MOST_SOURCE_SERVERS: u64 = 4000;

/// What is expected of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The recovery point objective: how far a replica may lag behind.
    pub rpo: Duration,
    /// An agent that DRS has not heard of for longer is silent.
    pub agent_silent: Duration,
    /// A server is to be launched at least this often, in a drill or in earnest; none where drills are
    /// shown and counted, and lower no verdict.
    pub drill_max_age: Option<SignedDuration>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            rpo: Duration::from_secs(15 * 60),
            agent_silent: Duration::from_secs(60 * 60),
            drill_max_age: None,
        }
    }
}
