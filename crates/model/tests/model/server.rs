//! Servers to judge, from one that is ready.

use jiff::Timestamp;
use model::readiness::{Context, Judgement, Policy, judge};
use model::{Ec2Instance, Ec2Knowledge, LastLaunch, SourceServer};

/// When all of them are judged.
pub(crate) const NOW: &str = "2026-11-28T12:00:00Z";

/// A server that is ready: in step, seen a minute ago, its instance running, its drill 20 days old.
pub(crate) fn ready() -> SourceServer {
    SourceServer {
        arn: "arn:aws:drs:eu-west-1:222222222222:source-server/s-1".to_owned(),
        replication_state: "CONTINUOUS".to_owned(),
        lag_duration: "PT2M".to_owned(),
        last_seen: "2026-11-28T11:59:00Z".to_owned(),
        replication_direction: "FAILOVER".to_owned(),
        last_launch: Some(LastLaunch {
            kind: "DRILL".to_owned(),
            at: "2026-11-08T12:00:00Z".to_owned(),
            job_id: "drsjob-1".to_owned(),
            status: "LAUNCHED".to_owned(),
        }),
        last_launch_result: "SUCCEEDED".to_owned(),
        ec2: instance("running"),
        ..SourceServer::default()
    }
}

/// What EC2 tells of an instance in this state.
pub(crate) fn instance(state: &str) -> Ec2Knowledge {
    Ec2Knowledge::Current(Ec2Instance { state: state.to_owned(), ..Ec2Instance::default() })
}

/// The judgement at [`NOW`] where a few servers replicate.
pub(crate) fn judged(server: &SourceServer, policy: &Policy) -> Judgement {
    judged_among(server, policy, 10)
}

/// The judgement at [`NOW`] where so many servers replicate.
pub(crate) fn judged_among(server: &SourceServer, policy: &Policy, replicating: u64) -> Judgement {
    let now: Timestamp = NOW.parse().unwrap();
    judge(server, &Context { policy, now, replicating })
}
