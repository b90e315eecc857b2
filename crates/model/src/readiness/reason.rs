//! Every reason for which a server is not simply ready.

use serde::{Deserialize, Serialize};

use super::Verdict;

/// How bad a reason is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// Something may not go as expected.
    AtRisk,
    /// The server cannot be recovered to a state of now.
    NotReady,
}

impl Level {
    /// As in `AT_RISK`.
    pub fn name(self) -> &'static str {
        self.verdict().name()
    }

    /// The verdict of a server with a reason of this level.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::AtRisk => Verdict::AtRisk,
            Self::NotReady => Verdict::NotReady,
        }
    }
}

/// A reason, as a row holds it. Its words are made when it is read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reason {
    /// Which.
    pub code: ReasonCode,
    /// How bad.
    pub level: Level,
    /// The attribute that it is about, where there are several to choose from; or the code of the
    /// error of DRS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl From<ReasonCode> for Reason {
    fn from(code: ReasonCode) -> Self {
        Self { code, level: code.level(), field: None }
    }
}

impl ReasonCode {
    /// The reason, about this attribute or error.
    pub fn about(self, field: &str) -> Reason {
        let field = Some(field.to_owned()).filter(|field| !field.is_empty());
        Reason { field, ..self.into() }
    }
}

macro_rules! reason_codes {
    ($($(#[$doc:meta])* $variant:ident $level:ident $name:literal, $means:literal, $do:literal;)+) => {
        /// Which reason; the worst first. `docs/readiness` has a page for each.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum ReasonCode {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl ReasonCode {
            /// All of them, the worst first.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// As in `LAG_ABOVE_RPO`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// How bad it is.
            pub fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)+ }
            }

            /// What it means, in words that go on after the server's name and a colon.
            pub fn means(self) -> &'static str {
                match self { $(Self::$variant => $means,)+ }
            }

            /// What to do about it.
            pub fn what_to_do(self) -> &'static str {
                match self { $(Self::$variant => $do,)+ }
            }
        }
    };
}

reason_codes! {
    /// `missingSince` is set.
    NoLongerListed NotReady "NO_LONGER_LISTED", "DRS no longer lists it",
        "if it is still to be protected, install the agent again; else its row leaves by itself";
    /// The replication state is `STOPPED`.
    ReplicationStopped NotReady "REPLICATION_STOPPED", "its replication is stopped",
        "start replication in the DRS console, or StartReplication";
    /// The replication state is `DISCONNECTED`.
    Disconnected NotReady "DISCONNECTED", "it is disconnected from DRS",
        "install the agent again; a disconnected server is not replicated";
    /// The replication state is `STALLED`. The field is the replication error.
    Stalled NotReady "STALLED", "its replication is stalled",
        "mend what the replication error names; DRS goes on by itself";
    /// The replication state is `INITIATING`. The field is the step under way.
    Initiating NotReady "INITIATING", "its replication is being set up",
        "wait; where a step fails, look at its network path to DRS and at the agent's log";
    /// The replication state is `INITIAL_SYNC`.
    InitialSync NotReady "INITIAL_SYNC", "its first copy is not complete",
        "wait for the first copy; its speed is that of the network";
    /// DRS gives no replication state, or one that this program does not know.
    StateNotKnown NotReady "STATE_NOT_KNOWN", "DRS tells no replication state that is known here",
        "look at the server in the DRS console; update this program where the state is a new one";
    /// The extension status is `EXTENSION_ERROR`.
    ExtensionError NotReady "EXTENSION_ERROR", "DRS cannot reach the server it is extended from",
        "look at the staging account: its trust, and whether the server is still there";
    /// The last drill or recovery failed.
    LastLaunchFailed NotReady "LAST_LAUNCH_FAILED", "its last launch failed",
        "read the job's log in DRS, mend the launch settings, and drill again";
    /// Its recovery instance is being failed back. The field is the ARN of the other side.
    FailingBack NotReady "FAILING_BACK", "its recovery instance is being failed back",
        "finish the failback, then protect the server again";
    /// The lag is above the recovery point objective.
    LagAboveRpo AtRisk "LAG_ABOVE_RPO", "its lag is above the recovery point objective",
        "look at the bandwidth, the disks' write rate and the replication server's size";
    /// A replicating server has no lag.
    LagNotTold AtRisk "LAG_NOT_TOLD", "DRS tells no lag",
        "look at the server in the DRS console; a server in step has a lag";
    /// The replication state is `RESCAN`.
    Rescan AtRisk "RESCAN", "its disks are being read again",
        "wait; points in time of before the rescan can be recovered";
    /// The replication state is `PAUSED`.
    Paused AtRisk "PAUSED", "its replication is paused",
        "resume replication in the DRS console once the reason is gone";
    /// DRS has not heard of the agent for too long, or nobody knows since when.
    AgentNotSeen AtRisk "AGENT_NOT_SEEN", "DRS has not heard of its agent",
        "look whether the machine and its agent run, and reach DRS on port 443";
    /// EC2 does not know the source instance any more, or it is ending.
    SourceGone AtRisk "SOURCE_GONE", "its source instance is gone",
        "recover it, or take it out of DRS if it was retired";
    /// The source instance is stopped.
    SourceStopped AtRisk "SOURCE_STOPPED", "its source instance is stopped",
        "start the instance if it is to be protected: nothing is replicated meanwhile";
    /// EC2 could not be asked about the source instance.
    SourceNotKnown AtRisk "SOURCE_NOT_KNOWN", "EC2 could not be asked about its source instance",
        "let the role of its account call ec2:DescribeInstances";
    /// It was never launched, and the policy says how often it is to be.
    NeverDrilled AtRisk "NEVER_DRILLED", "it was never launched in a drill",
        "start a drill";
    /// Its last launch is older than the policy allows.
    DrillTooOld AtRisk "DRILL_TOO_OLD", "its last drill is too old",
        "start a drill";
    /// A launch is under way, and the policy says how often there is to be one.
    DrillUnderWay AtRisk "DRILL_UNDER_WAY", "a launch is under way, and proves nothing yet",
        "wait for the launch to end";
    /// The machine is another one since its last launch. The field is the part that is.
    ChangedSinceDrill AtRisk "CHANGED_SINCE_DRILL", "it has changed since its last drill",
        "start a drill of the machine as it is now";
    /// The account and region replicates almost as many servers as DRS allows.
    NearQuota AtRisk "NEAR_QUOTA", "its account and region is close to the quota of DRS",
        "ask AWS to raise the quota, or use another staging account";
}

impl ReasonCode {
    /// The reason of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}
