//! Every call the simulator got, so that tests and benchmarks can count and time them.

use std::time::Duration;

use tokio::time::Instant;

/// One of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Elastic Disaster Recovery.
    Drs,
    /// Compute.
    Ec2,
    /// Security tokens.
    Sts,
    /// Which accounts there are.
    Organizations,
    /// What an account says of itself.
    Account,
}

impl Service {
    /// As in the scope of a signature.
    pub fn name(self) -> &'static str {
        match self {
            Self::Drs => "drs",
            Self::Ec2 => "ec2",
            Self::Sts => "sts",
            Self::Organizations => "organizations",
            Self::Account => "account",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Drs, Self::Ec2, Self::Sts, Self::Organizations, Self::Account];
        all.into_iter().find(|service| service.name() == name)
    }
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Not yet.
    UnderWay,
    /// With an answer.
    Answered,
    /// With an error of the service.
    Failed {
        /// HTTP status.
        status: u16,
        /// The service's code.
        code: String,
    },
    /// With a connection closed.
    Reset,
    /// With a client that gave up, or has not yet: then there is no `took`.
    Hung,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The service it was signed for.
    pub service: Service,
    /// As in `DescribeSourceServers`.
    pub operation: String,
    /// The account of the access key; of `AssumeRole`, that of the role.
    pub account: String,
    /// The region it was signed for.
    pub region: String,
    /// Instance ids asked for, in EC2; else 0.
    pub ids: usize,
    /// When it arrived.
    pub started: Instant,
    /// From arrival to answer; none while it is under way.
    pub took: Option<Duration>,
    /// How it ended.
    pub outcome: Outcome,
}
