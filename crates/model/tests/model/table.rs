//! Servers and their verdicts, one per row, from what AWS documents of each state and field.
//!
//! Sources: [DRS API reference](https://docs.aws.amazon.com/drs/latest/APIReference/) for
//! `DataReplicationInfo`, `DataReplicationError`, `LifeCycleLastLaunch`, `StagingArea` and `SourceServer`;
//! [DRS user guide](https://docs.aws.amazon.com/drs/latest/userguide/) for "Source servers page" (Ready,
//! Ready with lag, Initial sync, Stalled, Disconnected), "Failback" and "Service quotas"; the EC2 API
//! reference for `InstanceState`.

use jiff::SignedDuration;
use model::readiness::{FactsAtLaunch, Policy};
use model::{Ec2Knowledge, LastLaunch, SourceServer};

use crate::server::{instance, judged, judged_among, ready};

type Change = fn(&mut SourceServer);

/// The installation's policy, and one that asks for a drill every 90 days.
fn policies() -> (Policy, Policy) {
    let plain = Policy::default();
    (plain, Policy { drill_max_age: Some(SignedDuration::from_hours(24 * 90)), ..plain })
}

fn state(server: &mut SourceServer, state: &str) {
    state.clone_into(&mut server.replication_state);
}

fn lag(server: &mut SourceServer, lag: &str) {
    lag.clone_into(&mut server.lag_duration);
}

fn launch(server: &mut SourceServer, change: fn(&mut LastLaunch)) {
    change(server.last_launch.get_or_insert_default());
}

fn never_launched(server: &mut SourceServer) {
    server.last_launch = None;
    "NOT_STARTED".clone_into(&mut server.last_launch_result);
}

/// What differs from a server that is ready, its verdict, its reasons with their fields, and what its
/// drill proves. No drill age is asked for.
#[rustfmt::skip]
const TABLE: &[(&str, Change, &str, &[&str], &str)] = &[
    ("in step", |_| {}, "READY", &[], "CURRENT"),
    // DataReplicationState. Within the objective a snapshot and a backlog are part of replication.
    ("a snapshot is taken", |s| state(s, "CREATING_SNAPSHOT"), "READY", &[], "CURRENT"),
    ("a backlog within the objective", |s| state(s, "BACKLOG"), "READY", &[], "CURRENT"),
    ("a backlog above it", |s| { state(s, "BACKLOG"); lag(s, "PT1H"); }, "AT_RISK", &["LAG_ABOVE_RPO"], "CURRENT"),
    ("a snapshot above it", |s| { state(s, "CREATING_SNAPSHOT"); lag(s, "PT16M"); }, "AT_RISK", &["LAG_ABOVE_RPO"], "CURRENT"),
    ("stopped", |s| state(s, "STOPPED"), "NOT_READY", &["REPLICATION_STOPPED"], "CURRENT"),
    ("set up", |s| state(s, "INITIATING"), "NOT_READY", &["INITIATING"], "CURRENT"),
    ("set up, with its step", |s| { state(s, "INITIATING"); "PAIR_REPLICATION_SERVER_WITH_AGENT".clone_into(&mut s.replication.initiation_step); }, "NOT_READY", &["INITIATING(PAIR_REPLICATION_SERVER_WITH_AGENT)"], "CURRENT"),
    ("first copy", |s| { state(s, "INITIAL_SYNC"); lag(s, ""); }, "NOT_READY", &["INITIAL_SYNC"], "CURRENT"),
    ("first copy, with a lag", |s| { state(s, "INITIAL_SYNC"); lag(s, "P3D"); }, "NOT_READY", &["INITIAL_SYNC", "LAG_ABOVE_RPO"], "CURRENT"),
    ("read again", |s| state(s, "RESCAN"), "AT_RISK", &["RESCAN"], "CURRENT"),
    ("read again, without a lag", |s| { state(s, "RESCAN"); lag(s, ""); }, "AT_RISK", &["RESCAN"], "CURRENT"),
    ("paused", |s| state(s, "PAUSED"), "AT_RISK", &["PAUSED"], "CURRENT"),
    ("stalled", |s| state(s, "STALLED"), "NOT_READY", &["STALLED"], "CURRENT"),
    ("stalled, agent not seen", |s| { state(s, "STALLED"); "AGENT_NOT_SEEN".clone_into(&mut s.replication.error_code); }, "NOT_READY", &["STALLED(AGENT_NOT_SEEN)"], "CURRENT"),
    ("stalled, snapshots fail", |s| { state(s, "STALLED"); "SNAPSHOTS_FAILURE".clone_into(&mut s.replication.error_code); }, "NOT_READY", &["STALLED(SNAPSHOTS_FAILURE)"], "CURRENT"),
    ("stalled, not converging", |s| { state(s, "STALLED"); "NOT_CONVERGING".clone_into(&mut s.replication.error_code); lag(s, "PT9H"); }, "NOT_READY", &["STALLED(NOT_CONVERGING)", "LAG_ABOVE_RPO"], "CURRENT"),
    ("stalled by an error of tomorrow", |s| { state(s, "STALLED"); "NEW_ERROR".clone_into(&mut s.replication.error_code); }, "NOT_READY", &["STALLED(NEW_ERROR)"], "CURRENT"),
    ("disconnected", |s| state(s, "DISCONNECTED"), "NOT_READY", &["DISCONNECTED"], "CURRENT"),
    ("disconnected and silent", |s| { state(s, "DISCONNECTED"); "2026-10-01T00:00:00Z".clone_into(&mut s.last_seen); }, "NOT_READY", &["DISCONNECTED", "AGENT_NOT_SEEN"], "CURRENT"),
    ("no state", |s| state(s, ""), "NOT_READY", &["STATE_NOT_KNOWN"], "CURRENT"),
    ("a state of tomorrow", |s| state(s, "HIBERNATED"), "NOT_READY", &["STATE_NOT_KNOWN(HIBERNATED)"], "CURRENT"),
    // lagDuration, ISO 8601, against 15 minutes.
    ("lag of the objective", |s| lag(s, "PT15M"), "READY", &[], "CURRENT"),
    ("lag of a second more", |s| lag(s, "PT15M1S"), "AT_RISK", &["LAG_ABOVE_RPO"], "CURRENT"),
    ("lag of days", |s| lag(s, "P2DT3H"), "AT_RISK", &["LAG_ABOVE_RPO"], "CURRENT"),
    ("lag of nothing", |s| lag(s, "PT0S"), "READY", &[], "CURRENT"),
    ("no lag", |s| lag(s, ""), "AT_RISK", &["LAG_NOT_TOLD"], "CURRENT"),
    ("a lag that is none", |s| lag(s, "soon"), "AT_RISK", &["LAG_NOT_TOLD"], "CURRENT"),
    ("a negative lag", |s| lag(s, "-PT5M"), "AT_RISK", &["LAG_NOT_TOLD"], "CURRENT"),
    ("a backlog without a lag", |s| { state(s, "BACKLOG"); lag(s, ""); }, "AT_RISK", &["LAG_NOT_TOLD"], "CURRENT"),
    // lastSeenByServiceDateTime, against 60 minutes.
    ("seen an hour ago", |s| "2026-11-28T11:00:00Z".clone_into(&mut s.last_seen), "READY", &[], "CURRENT"),
    ("seen longer ago", |s| "2026-11-28T10:59:59Z".clone_into(&mut s.last_seen), "AT_RISK", &["AGENT_NOT_SEEN"], "CURRENT"),
    ("seen in another offset", |s| "2026-11-28T12:59:00+01:00".clone_into(&mut s.last_seen), "READY", &[], "CURRENT"),
    ("never seen", |s| s.last_seen.clear(), "AT_RISK", &["AGENT_NOT_SEEN"], "CURRENT"),
    ("seen at no time", |s| "yesterday".clone_into(&mut s.last_seen), "AT_RISK", &["AGENT_NOT_SEEN"], "CURRENT"),
    // EC2 InstanceState, and instances that EC2 does not tell of.
    ("no EC2 machine", |s| s.ec2 = Ec2Knowledge::NoInstance, "READY", &[], "CURRENT"),
    ("starting", |s| s.ec2 = instance("pending"), "READY", &[], "CURRENT"),
    ("stopping", |s| s.ec2 = instance("stopping"), "AT_RISK", &["SOURCE_STOPPED"], "CURRENT"),
    ("stopped source", |s| s.ec2 = instance("stopped"), "AT_RISK", &["SOURCE_STOPPED"], "CURRENT"),
    ("shutting down", |s| s.ec2 = instance("shutting-down"), "AT_RISK", &["SOURCE_GONE"], "CURRENT"),
    ("terminated", |s| s.ec2 = instance("terminated"), "AT_RISK", &["SOURCE_GONE"], "CURRENT"),
    ("not found", |s| s.ec2 = Ec2Knowledge::NotFound(None), "AT_RISK", &["SOURCE_GONE"], "CURRENT"),
    ("EC2 not asked", |s| s.ec2 = Ec2Knowledge::Unreachable(None), "AT_RISK", &["SOURCE_NOT_KNOWN"], "CURRENT"),
    ("no state of the instance", |s| s.ec2 = instance(""), "AT_RISK", &["SOURCE_NOT_KNOWN"], "CURRENT"),
    // StagingArea.status.
    ("extended", |s| "EXTENDED".clone_into(&mut s.staging.status), "READY", &[], "CURRENT"),
    ("not extended", |s| "NOT_EXTENDED".clone_into(&mut s.staging.status), "READY", &[], "CURRENT"),
    ("extension error", |s| "EXTENSION_ERROR".clone_into(&mut s.staging.status), "NOT_READY", &["EXTENSION_ERROR"], "CURRENT"),
    // replicationDirection and reversedDirectionSourceServerArn.
    ("being failed back", |s| "arn:other".clone_into(&mut s.reversed_direction_source_server_arn), "NOT_READY", &["FAILING_BACK(arn:other)"], "CURRENT"),
    ("the other side of a failback", |s| { "FAILBACK".clone_into(&mut s.replication_direction); "arn:other".clone_into(&mut s.reversed_direction_source_server_arn); }, "READY", &[], "CURRENT"),
    // lastLaunchResult and lifeCycle.lastLaunch.
    ("last launch failed", |s| "FAILED".clone_into(&mut s.last_launch_result), "NOT_READY", &["LAST_LAUNCH_FAILED"], "FAILED"),
    ("last launch's status failed", |s| launch(s, |it| "FAILED".clone_into(&mut it.status)), "NOT_READY", &["LAST_LAUNCH_FAILED"], "FAILED"),
    ("failed, and DRS knows no launch", |s| { s.last_launch = None; "FAILED".clone_into(&mut s.last_launch_result); }, "NOT_READY", &["LAST_LAUNCH_FAILED"], "FAILED"),
    ("recovered in earnest", |s| launch(s, |it| "RECOVERY".clone_into(&mut it.kind)), "READY", &[], "CURRENT"),
    ("drilled, and cleaned up", |s| launch(s, |it| "TERMINATED".clone_into(&mut it.status)), "READY", &[], "CURRENT"),
    ("a launch under way", |s| { launch(s, |it| "IN_PROGRESS".clone_into(&mut it.status)); "PENDING".clone_into(&mut s.last_launch_result); }, "READY", &[], ""),
    ("never launched", never_launched, "READY", &[], "NEVER"),
    ("launched long ago", |s| launch(s, |it| "2024-01-01T00:00:00Z".clone_into(&mut it.at)), "READY", &[], "CURRENT"),
    // Several at once: the worst says the verdict, and all are told.
    ("all wrong at once", |s| { state(s, "STALLED"); lag(s, "PT2H"); s.last_seen.clear(); s.ec2 = instance("stopped"); "FAILED".clone_into(&mut s.last_launch_result); }, "NOT_READY", &["STALLED", "LAST_LAUNCH_FAILED", "LAG_ABOVE_RPO", "AGENT_NOT_SEEN", "SOURCE_STOPPED"], "FAILED"),
];

/// The same where a drill is asked for every 90 days.
#[rustfmt::skip]
const WITH_DRILLS: &[(&str, Change, &str, &[&str], &str)] = &[
    ("drilled in time", |_| {}, "READY", &[], "CURRENT"),
    ("recovered in time", |s| launch(s, |it| "RECOVERY".clone_into(&mut it.kind)), "READY", &[], "CURRENT"),
    ("never drilled", never_launched, "AT_RISK", &["NEVER_DRILLED"], "NEVER"),
    ("drilled too long ago", |s| launch(s, |it| "2026-08-01T00:00:00Z".clone_into(&mut it.at)), "AT_RISK", &["DRILL_TOO_OLD"], "OLD"),
    ("drilled nobody knows when", |s| launch(s, |it| it.at.clear()), "AT_RISK", &["DRILL_TOO_OLD"], "OLD"),
    ("drilled tomorrow", |s| launch(s, |it| "2026-12-24T00:00:00Z".clone_into(&mut it.at)), "AT_RISK", &["DRILL_TOO_OLD"], "OLD"),
    ("a drill under way", |s| "PENDING".clone_into(&mut s.last_launch_result), "AT_RISK", &["DRILL_UNDER_WAY"], ""),
    ("a drill that failed", |s| "FAILED".clone_into(&mut s.last_launch_result), "NOT_READY", &["LAST_LAUNCH_FAILED"], "FAILED"),
];

/// `CODE`, or `CODE(FIELD)`.
fn names(judgement: &model::readiness::Judgement) -> Vec<String> {
    let name = |reason: &model::readiness::Reason| match &reason.field {
        None => reason.code.name().to_owned(),
        Some(field) => format!("{}({field})", reason.code.name()),
    };
    judgement.reasons.iter().map(name).collect()
}

#[test]
fn each_server_of_the_table_has_its_verdict_and_its_reasons() {
    let (plain, with_drills) = policies();
    for (policy, table) in [(plain, TABLE), (with_drills, WITH_DRILLS)] {
        for (what, change, verdict, reasons, drill) in table {
            let mut server = ready();
            change(&mut server);
            let judgement = judged(&server, &policy);
            assert_eq!(judgement.verdict.name(), *verdict, "{what}: {judgement:?}");
            assert_eq!(names(&judgement), *reasons, "{what}");
            let proved = judgement.drill.map_or("", |drill| drill.name());
            assert_eq!(proved, *drill, "{what}");
        }
    }
}

#[test]
fn more_than_280_replicating_servers_are_a_risk_for_each_of_them() {
    let among = |replicating| judged_among(&ready(), &Policy::default(), replicating);
    assert_eq!(among(280).verdict.name(), "READY");
    assert_eq!(names(&among(281)), ["NEAR_QUOTA"]);
}

#[test]
fn a_machine_that_changed_since_its_drill_is_a_risk_where_drills_are_asked_for() {
    let (plain, with_drills) = policies();
    let launched = FactsAtLaunch { ram_bytes: 4, os_name: "old".to_owned(), ..Default::default() };
    let now = FactsAtLaunch { ram_bytes: 8, os_name: "new".to_owned(), ..Default::default() };
    let changed = launched.differences(&now);
    assert_eq!(changed, ["osName", "ramBytes"]);

    let judgement = judged(&ready(), &plain).with_changes(&changed, &plain);
    assert_eq!((judgement.verdict.name(), judgement.reasons.len()), ("READY", 0));
    assert_eq!(judgement.drill.unwrap().name(), "CHANGED_SINCE");

    let judgement = judged(&ready(), &with_drills).with_changes(&changed, &with_drills);
    assert_eq!(judgement.verdict.name(), "AT_RISK");
    assert_eq!(names(&judgement), ["CHANGED_SINCE_DRILL(osName)", "CHANGED_SINCE_DRILL(ramBytes)"]);

    // What failed, or never was, is not made better by what it was of.
    let mut server = ready();
    never_launched(&mut server);
    let judgement = judged(&server, &with_drills).with_changes(&changed, &with_drills);
    assert_eq!(names(&judgement), ["NEVER_DRILLED"]);
}

#[test]
fn disks_in_another_order_are_the_same() {
    let disk = |name: &str, bytes| model::Disk { device_name: name.to_owned(), bytes };
    let of = |disks| FactsAtLaunch { disks, ..FactsAtLaunch::default() };
    let launched = of(vec![disk("a", 1), disk("b", 2)]);
    assert!(launched.differences(&of(vec![disk("b", 2), disk("a", 1)])).is_empty());
    assert_eq!(launched.differences(&of(vec![disk("a", 1), disk("b", 3)])), ["disks"]);
}
