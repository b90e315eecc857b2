//! Syncs of a changing world in any order: at once, killed, with an index that lags.

use std::time::Duration;

use embedded::Fault;
use proptest::prelude::*;
use serde_json::{Value, json};

use testing::*;

/// The version of a server's agent as each of the two accounts lists it; none where it does not.
type Listed = (Option<u8>, Option<u8>);

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    /// Other servers are listed: by number, the version of the agent in each of two accounts.
    World(Vec<Listed>),
    /// One sync.
    Sync,
    /// Two syncs at once.
    TwoSyncs,
    /// A sync that is killed at its n-th call of the store.
    Killed(usize),
    /// Seconds pass.
    Wait(u64),
    /// The next queries of an index get what they got before.
    Lag(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    let version = || prop_oneof![1 => Just(None), 3 => (0..3_u8).prop_map(Some)];
    prop_oneof![
        3 => prop::collection::vec((version(), version()), 6).prop_map(Step::World),
        3 => Just(Step::Sync),
        2 => Just(Step::TwoSyncs),
        2 => (1..60_usize).prop_map(Step::Killed),
        2 => prop_oneof![Just(5_u64), Just(70), Just(300)].prop_map(Step::Wait),
        1 => (1..12_usize).prop_map(Step::Lag),
    ]
}

fn world(servers: &[Listed]) -> Value {
    let listed = |account: &str, version: fn(&Listed) -> Option<u8>| {
        let numbered = (1..).zip(servers);
        let there = numbered.filter_map(|(number, it)| Some((number, version(it)?)));
        let list: Vec<Value> = there
            .map(|(number, version)| {
                // The same server in both accounts, under the ARN of the first.
                let mut server = server(MEMBER, "us-east-1", number);
                server["agentVersion"] = json!(format!("{account} {version}"));
                server
            })
            .collect();
        json!({ "us-east-1": { "sourceServers": list } })
    };
    json!({
        "hubAccountId": HUB,
        "targetAccounts": [target(MEMBER), target(OTHER)],
        "accounts": {
            MEMBER: { "roles": roles(), "drs": listed(MEMBER, |it| it.0) },
            OTHER: { "roles": roles(), "drs": listed(OTHER, |it| it.1) },
        },
    })
}

/// Nothing that an account lists is flagged.
async fn nothing_there_is_flagged(lab: &Lab, servers: &[Listed], steps: &[Step]) {
    for (number, listed) in (1..).zip(servers) {
        let rows = lab.servers().await;
        let Some(row) = rows.get(&server_id(number)) else { continue };
        let of_holder = if row["listedIn"] == json!(format!("{MEMBER}/us-east-1")) {
            listed.0
        } else {
            listed.1
        };
        if of_holder.is_some() {
            assert!(row.get("missingSince").is_none(), "{number} {row} {steps:?}");
        }
    }
}

async fn play(steps: Vec<Step>) {
    let mut servers = vec![(Some(0), None), (None, Some(0)), (Some(0), Some(0))];
    let lab = Lab::of(world(&servers)).await;
    for step in &steps {
        match step {
            Step::World(other) => {
                servers.clone_from(other);
                lab.set_world(world(&servers));
            }
            Step::Sync => {
                lab.run().await;
            }
            Step::TwoSyncs => {
                let other = lab.another();
                let (one, two) = tokio::join!(lab.run(), other.run());
                for body in [one, two] {
                    assert_eq!(body["details"]["accountsAsked"], 2, "{body} {steps:?}");
                }
            }
            Step::Killed(calls) => {
                lab.killed_at(*calls).await;
                // Its claims end.
                advance(Duration::from_secs(121)).await;
            }
            Step::Wait(seconds) => advance(Duration::from_secs(*seconds)).await,
            Step::Lag(count) => lab.store.inject(Fault::Lag { count: *count }),
        }
        if matches!(step, Step::Sync | Step::TwoSyncs) {
            nothing_there_is_flagged(&lab, &servers, &steps).await;
        }
    }
    // Whatever the index said, in the end the last look is what the table says: the first sync may
    // still see an index that lags, the next finds what a place lost, the last takes it over. No index
    // lags for ever, however often it was made to.
    for _ in 0..2 {
        advance(Duration::from_secs(90)).await;
        lab.run().await;
        lab.store.clear_faults();
    }
    advance(Duration::from_secs(90)).await;
    let body = lab.run().await;
    assert_eq!(body["details"]["complete"], true, "{body} {steps:?}");
    let rows = lab.servers().await;
    for (number, listed) in (1..).zip(&servers) {
        let row = rows.get(&server_id(number));
        match listed {
            (None, None) => {
                assert!(row.is_none_or(|row| row["missingSince"].is_string()), "{row:?} {steps:?}");
            }
            (mine, theirs) => {
                let row = row.unwrap();
                assert!(row.get("missingSince").is_none(), "{number} {row} {steps:?}");
                let version = |account, version: &Option<u8>| {
                    version.map(|version| json!(format!("{account} {version}")))
                };
                let good = [version(MEMBER, mine), version(OTHER, theirs)];
                assert!(good.contains(&Some(row["agentVersion"].clone())), "{row} {steps:?}");
            }
        }
    }
    let places = lab.places().await;
    for (account, count) in [
        (MEMBER, servers.iter().filter(|it| it.0.is_some()).count()),
        (OTHER, servers.iter().filter(|it| it.1.is_some()).count()),
    ] {
        let entry = &places[&format!("{account}/us-east-1")];
        assert_eq!(entry["serverCount"], count, "{entry} {steps:?}");
        assert_eq!(entry["lastSuccess"], entry["lastChecked"], "{entry} {steps:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 30, ..ProptestConfig::default() })]
    #[test]
    fn rows_and_ledger_are_those_of_the_later_look(
        steps in prop::collection::vec(any_step(), 1..9),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(steps));
    }
}
