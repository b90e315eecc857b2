//! What holds of every server, however odd.

use jiff::SignedDuration;
use model::readiness::{Judgement, Policy, Verdict};
use model::{Ec2Knowledge, LastLaunch, SourceServer};
use proptest::prelude::*;
use proptest::sample::select;

use crate::server::{instance, judged, judged_among, ready};

/// Each fact from the best to the worst: a server with a later one is never judged better.
const STATES: [&str; 10] = [
    "CONTINUOUS",
    "CREATING_SNAPSHOT",
    "BACKLOG",
    "RESCAN",
    "PAUSED",
    "INITIAL_SYNC",
    "INITIATING",
    "STALLED",
    "STOPPED",
    "DISCONNECTED",
];
const LAGS: [&str; 5] = ["PT0S", "PT15M", "PT20M", "PT1H", "P9D"];
const SEEN: [&str; 4] =
    ["2026-11-28T11:59:00Z", "2026-11-28T11:01:00Z", "2026-11-28T09:00:00Z", ""];
const INSTANCES: [&str; 4] = ["running", "stopped", "terminated", ""];
const RESULTS: [&str; 2] = ["SUCCEEDED", "FAILED"];
const LAUNCHED: [&str; 3] = ["2026-11-20T00:00:00Z", "2026-02-01T00:00:00Z", ""];
const STAGINGS: [&str; 3] = ["NOT_EXTENDED", "EXTENDED", "EXTENSION_ERROR"];

/// A place in each of the lists.
type Places = [usize; 7];

fn any_places() -> impl Strategy<Value = Places> {
    (0..10_usize, 0..5_usize, 0..4_usize, 0..4_usize, 0..2_usize, 0..3_usize, 0..3_usize)
        .prop_map(|(a, b, c, d, e, f, g)| [a, b, c, d, e, f, g])
}

fn server(places: Places) -> SourceServer {
    let [state, lag, seen, ec2, result, launched, staging] = places;
    let mut server = ready();
    STATES[state].clone_into(&mut server.replication_state);
    LAGS[lag].clone_into(&mut server.lag_duration);
    SEEN[seen].clone_into(&mut server.last_seen);
    server.ec2 = instance(INSTANCES[ec2]);
    RESULTS[result].clone_into(&mut server.last_launch_result);
    LAUNCHED[launched].clone_into(&mut server.last_launch.get_or_insert_default().at);
    STAGINGS[staging].clone_into(&mut server.staging.status);
    server
}

fn with_drills() -> Policy {
    Policy { drill_max_age: Some(SignedDuration::from_hours(24 * 90)), ..Policy::default() }
}

/// Anything that DRS and EC2 might ever tell.
fn any_server() -> impl Strategy<Value = SourceServer> {
    let text =
        || prop_oneof![Just(String::new()), ".{0,12}", select(&STATES[..]).prop_map(str::to_owned)];
    let time =
        || prop_oneof![Just(String::new()), ".{0,8}", "20[0-9]{2}-[01][0-9]-[0-3][0-9]T00:00:00Z"];
    let lag = prop_oneof![Just(String::new()), "-?P[0-9]{1,18}D", "PT[0-9]{1,5}[HMS]", ".{0,6}"];
    let launch = (text(), time(), text(), text())
        .prop_map(|(kind, at, job_id, status)| LastLaunch { kind, at, job_id, status });
    let ec2 = prop_oneof![
        Just(Ec2Knowledge::NoInstance),
        Just(Ec2Knowledge::NotFound(None)),
        Just(Ec2Knowledge::Unreachable(None)),
        ".{0,12}".prop_map(|state| instance(&state)),
    ];
    (text(), lag, time(), prop::option::of(launch), text(), ec2, text()).prop_map(
        |(
            replication_state,
            lag_duration,
            last_seen,
            last_launch,
            last_launch_result,
            ec2,
            arn,
        )| {
            SourceServer {
                replication_state,
                lag_duration,
                last_seen,
                last_launch,
                last_launch_result,
                ec2,
                reversed_direction_source_server_arn: arn,
                ..SourceServer::default()
            }
        },
    )
}

fn is_worst_of_its_reasons(judgement: &Judgement) -> bool {
    let worst = judgement.reasons.iter().map(|reason| reason.level.verdict()).max();
    judgement.verdict == worst.unwrap_or(Verdict::Ready)
}

proptest! {
    #[test]
    fn no_facts_make_it_panic_and_its_verdict_is_that_of_its_reasons(
        server in any_server(), replicating in any::<u64>(),
    ) {
        let judgement = judged_among(&server, &with_drills(), replicating);
        prop_assert!(is_worst_of_its_reasons(&judgement), "{judgement:?}");
        let mut reasons = judgement.reasons.clone();
        reasons.dedup();
        prop_assert_eq!(reasons, judgement.reasons);
    }

    #[test]
    fn worse_facts_never_give_a_better_verdict(better in any_places(), which in 0..7_usize) {
        let lists = [10, 5, 4, 4, 2, 3, 3];
        for policy in [Policy::default(), with_drills()] {
            let mut worse = better;
            for place in better[which]..lists[which] {
                worse[which] = place;
                let (one, another) = (judged(&server(better), &policy), judged(&server(worse), &policy));
                prop_assert!(another.verdict >= one.verdict, "{one:?} {another:?}");
            }
        }
    }

    #[test]
    fn a_fact_that_is_missing_or_old_never_gives_ready(places in any_places(), which in 0..5_usize) {
        let mut server = server(places);
        match which {
            0 => server.replication_state.clear(),
            1 => server.lag_duration.clear(),
            2 => server.last_seen.clear(),
            3 => server.ec2 = Ec2Knowledge::Unreachable(None),
            _ => server.last_launch = None,
        }
        prop_assert_ne!(judged(&server, &with_drills()).verdict, Verdict::Ready);
    }
}
