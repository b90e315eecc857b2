//! From the facts of a server to its verdict.

use jiff::Timestamp;

use super::drill::drill_of;
use super::policy::MANY_REPLICATING;
use super::{Drill, Policy, Reason, ReasonCode, Verdict};
use crate::lag::LagClass;
use crate::{Ec2Knowledge, SourceServer};

/// What a server is judged by beside its own facts.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What is expected of it.
    pub policy: &'a Policy,
    /// When its facts were asked for.
    pub now: Timestamp,
    /// Servers that replicate in its account and region, itself among them.
    pub replicating: u64,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The worst that any reason says.
    pub verdict: Verdict,
    /// Each once, the worst first.
    pub reasons: Vec<Reason>,
    /// What the last launch proves; none while one is under way.
    pub drill: Option<Drill>,
}

/// Judges a server by what DRS and EC2 tell of it now.
pub fn judge(server: &SourceServer, context: &Context<'_>) -> Judgement {
    let drill = drill_of(server, context.policy, context.now);
    let mut reasons = Vec::new();
    reasons.extend(of_replication(server));
    reasons.extend(of_launch_and_staging(server, drill));
    reasons.extend(of_lag(server, context.policy));
    reasons.extend(of_agent(server, context));
    reasons.extend(of_source(server));
    if context.policy.drill_max_age.is_some() {
        reasons.extend(of_drill(drill));
    }
    if context.replicating > MANY_REPLICATING {
        reasons.push(ReasonCode::NearQuota.into());
    }
    Judgement::of(reasons, drill)
}

impl Judgement {
    fn of(mut reasons: Vec<Reason>, drill: Option<Drill>) -> Self {
        reasons.sort();
        reasons.dedup();
        let worst = reasons.iter().map(|reason| reason.level.verdict()).max();
        Self { verdict: worst.unwrap_or(Verdict::Ready), reasons, drill }
    }

    /// The judgement where these parts of the machine are not what they were at its last launch.
    #[must_use]
    pub fn with_changes(self, changed: &[&str], policy: &Policy) -> Self {
        let has_proof = matches!(self.drill, Some(Drill::Current | Drill::Old));
        if changed.is_empty() || !has_proof {
            return self;
        }
        let mut reasons = self.reasons;
        reasons.retain(|reason| reason.code != ReasonCode::DrillTooOld);
        if policy.drill_max_age.is_some() {
            let changed = changed.iter();
            reasons.extend(changed.map(|field| ReasonCode::ChangedSinceDrill.about(field)));
        }
        Self::of(reasons, Some(Drill::ChangedSince))
    }
}

/// Whether a server counts against the quota of replicating servers of the account and region that
/// lists it. A copy of a server in a staging account replicates there.
pub fn replicates(server: &SourceServer) -> bool {
    server.staging.status != "EXTENDED"
        && !matches!(server.replication_state.as_str(), "" | "STOPPED" | "DISCONNECTED")
}

/// Whether a server in this replication state follows its machine, however far behind.
pub fn is_in_step(replication_state: &str) -> bool {
    matches!(replication_state, "CONTINUOUS" | "CREATING_SNAPSHOT" | "BACKLOG")
}

fn of_replication(server: &SourceServer) -> Option<Reason> {
    let replication = &server.replication;
    match server.replication_state.as_str() {
        state if is_in_step(state) => None,
        "RESCAN" => Some(ReasonCode::Rescan.into()),
        "PAUSED" => Some(ReasonCode::Paused.into()),
        "STOPPED" => Some(ReasonCode::ReplicationStopped.into()),
        "INITIATING" => Some(ReasonCode::Initiating.about(&replication.initiation_step)),
        "INITIAL_SYNC" => Some(ReasonCode::InitialSync.into()),
        "STALLED" => Some(ReasonCode::Stalled.about(&replication.error_code)),
        "DISCONNECTED" => Some(ReasonCode::Disconnected.about(&replication.error_code)),
        other => Some(ReasonCode::StateNotKnown.about(other)),
    }
}

fn of_launch_and_staging(server: &SourceServer, drill: Option<Drill>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if drill == Some(Drill::Failed) {
        reasons.push(ReasonCode::LastLaunchFailed.into());
    }
    if server.staging.status == "EXTENSION_ERROR" {
        reasons.push(ReasonCode::ExtensionError.into());
    }
    let other_side = &server.reversed_direction_source_server_arn;
    if server.replication_direction != "FAILBACK" && !other_side.is_empty() {
        reasons.push(ReasonCode::FailingBack.about(other_side));
    }
    reasons
}

fn of_lag(server: &SourceServer, policy: &Policy) -> Option<Reason> {
    match LagClass::of(&server.lag_duration, policy.rpo) {
        LagClass::Within => None,
        LagClass::Twice | LagClass::FourTimes | LagClass::More => {
            Some(ReasonCode::LagAboveRpo.into())
        }
        // A first copy has no lag; every state but these has a reason of its own.
        LagClass::None => {
            is_in_step(&server.replication_state).then(|| ReasonCode::LagNotTold.into())
        }
    }
}

fn of_agent(server: &SourceServer, context: &Context<'_>) -> Option<Reason> {
    let seen: Option<Timestamp> = server.last_seen.parse().ok();
    let silence = seen.map(|seen| context.now.duration_since(seen));
    let silent = silence.is_none_or(|silence| {
        !silence.is_negative() && silence.unsigned_abs() > context.policy.agent_silent
    });
    silent.then(|| ReasonCode::AgentNotSeen.into())
}

fn of_source(server: &SourceServer) -> Option<Reason> {
    match &server.ec2 {
        Ec2Knowledge::NoInstance => None,
        Ec2Knowledge::Current(instance) => match instance.state.as_str() {
            "running" | "pending" => None,
            "stopped" | "stopping" => Some(ReasonCode::SourceStopped.into()),
            "shutting-down" | "terminated" => Some(ReasonCode::SourceGone.into()),
            _ => Some(ReasonCode::SourceNotKnown.into()),
        },
        Ec2Knowledge::Ending(..) | Ec2Knowledge::NotFound(_) => Some(ReasonCode::SourceGone.into()),
        Ec2Knowledge::Unreachable(_) | Ec2Knowledge::EarlierUnread(_) => {
            Some(ReasonCode::SourceNotKnown.into())
        }
    }
}

fn of_drill(drill: Option<Drill>) -> Option<Reason> {
    match drill {
        Some(Drill::Old) => Some(ReasonCode::DrillTooOld.into()),
        Some(Drill::Never) => Some(ReasonCode::NeverDrilled.into()),
        None => Some(ReasonCode::DrillUnderWay.into()),
        // A failed one lowers every verdict, whatever the policy; a changed machine is found later.
        Some(Drill::Current | Drill::Failed | Drill::ChangedSince) => None,
    }
}
