//! What went wrong, as a value that travels to the report.

use serde::Serialize;

/// How DRS answered in a region. The order is the order of ties: where a region's accounts
/// disagree and equally many got each of two statuses, the first stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RegionStatus {
    /// DRS answered, with however many servers.
    Active,
    /// The role lacks a permission.
    IamPermissionDenied,
    /// Too many calls.
    Throttled,
    /// Nothing answered: refused, reset, no such name, timeout.
    EndpointUnreachable,
    /// Anything else.
    Error,
    /// A policy of the organization forbids it.
    ScpDenied,
    /// The credentials are not known in that region.
    RegionNotEnabled,
    /// The account has not opted in to the region.
    RegionNotOptedIn,
    /// DRS was never set up there.
    NotInitialized,
}

impl RegionStatus {
    /// All of them, in the order of ties.
    pub const ALL: [Self; 9] = [
        Self::Active,
        Self::IamPermissionDenied,
        Self::Throttled,
        Self::EndpointUnreachable,
        Self::Error,
        Self::ScpDenied,
        Self::RegionNotEnabled,
        Self::RegionNotOptedIn,
        Self::NotInitialized,
    ];

    /// As it stands in tables and responses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::IamPermissionDenied => "IAM_PERMISSION_DENIED",
            Self::Throttled => "THROTTLED",
            Self::EndpointUnreachable => "ENDPOINT_UNREACHABLE",
            Self::Error => "ERROR",
            Self::ScpDenied => "SCP_DENIED",
            Self::RegionNotEnabled => "REGION_NOT_ENABLED",
            Self::RegionNotOptedIn => "REGION_NOT_OPTED_IN",
            Self::NotInitialized => "NOT_INITIALIZED",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether the account just does not use the region. Companies deny and leave out regions on
    /// purpose; every other failure hides servers.
    pub fn is_not_in_use(self) -> bool {
        matches!(
            self,
            Self::ScpDenied
                | Self::RegionNotEnabled
                | Self::RegionNotOptedIn
                | Self::NotInitialized
        )
    }
}

impl std::fmt::Display for RegionStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// Why one call, or the work around it, failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The class of the failure.
    pub status: RegionStatus,
    /// The service's code, or this project's own.
    pub code: String,
    /// The service's text.
    pub message: String,
    /// Whether the same call can succeed later, with nothing changed.
    pub retryable: bool,
    /// One sentence on what to do.
    pub advice: String,
}

/// What an entry of the report is about. Each counts as one error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FailureKind {
    /// An account that could not be entered.
    Account,
    /// A region that could not be read.
    Region,
    /// A server that is listed and cannot be read.
    Server,
    /// EC2 of an account and region that could not be asked.
    Ec2,
    /// A row that could not be stored.
    Row,
}
