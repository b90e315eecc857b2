//! Generated worlds of two accounts that list each other's servers: whatever they list, what the
//! ledger counts adds up, and once nothing changes any more it agrees with the rows.

use proptest::prelude::*;

use super::*;

/// How a place lists a server.
#[derive(Debug, Clone, Copy)]
enum Listed {
    InState(&'static str),
    Lagging,
    Silent,
    Twice,
    Extended,
    Launched(u8),
    Larger,
    Unreadable,
    Refused,
    WithoutArn,
    /// Its replica is in another staging account.
    Moved,
}

/// How the first and the second account list a server.
type InBoth = (Option<Listed>, Option<Listed>);
/// Of each of six servers.
type World = Vec<InBoth>;

fn any_listed() -> impl Strategy<Value = Option<Listed>> {
    let states = vec!["CONTINUOUS", "STALLED", "PAUSED", "INITIAL_SYNC", "DISCONNECTED", "STOPPED"];
    let others = vec![
        Listed::Lagging,
        Listed::Silent,
        Listed::Twice,
        Listed::Extended,
        Listed::Larger,
        Listed::Unreadable,
        Listed::Refused,
        Listed::WithoutArn,
        Listed::Moved,
    ];
    prop_oneof![
        2 => Just(None),
        4 => prop::sample::select(states).prop_map(|state| Some(Listed::InState(state))),
        3 => prop::sample::select(others).prop_map(Some),
        1 => (0..2_u8).prop_map(|job| Some(Listed::Launched(job))),
    ]
}

fn documents(number: u32, listed: Listed) -> Vec<Value> {
    let mut server = ready(number);
    match listed {
        Listed::InState(state) => {
            server["dataReplicationInfo"]["dataReplicationState"] = json!(state);
        }
        Listed::Lagging => server["dataReplicationInfo"]["lagDuration"] = json!("PT45M"),
        Listed::Silent => {
            server["lifeCycle"]["lastSeenByServiceDateTime"] = json!(minutes_ago(600));
        }
        Listed::Twice => return vec![server.clone(), in_state(number, "RESCAN")],
        Listed::Extended => server["stagingArea"]["status"] = json!("EXTENDED"),
        Listed::Launched(job) => {
            server["lastLaunchResult"] = json!("SUCCEEDED");
            server["lifeCycle"]["lastLaunch"] = json!({ "status": "LAUNCHED", "initiated": {
                "type": "DRILL", "jobID": format!("drsjob-{job}"), "apiCallDateTime": minutes_ago(9) } });
        }
        Listed::Larger => server["sourceProperties"]["ramBytes"] = json!(16_000),
        Listed::Unreadable => server["sourceProperties"]["ramBytes"] = json!("many"),
        Listed::Refused => server["tags"] = json!({ "note": "x".repeat(410_000) }),
        Listed::WithoutArn => drop(server.as_object_mut().unwrap().remove("arn")),
        Listed::Moved => server["stagingArea"]["stagingAccountID"] = json!(HUB),
    }
    vec![server]
}

fn world(listed: &World) -> Value {
    let of = |account: fn(&InBoth) -> Option<Listed>| {
        let numbered = (1..).zip(listed).filter_map(|(number, it)| Some((number, account(it)?)));
        let servers: Vec<Value> = numbered.flat_map(|(number, it)| documents(number, it)).collect();
        json!({ REGION: { "sourceServers": servers } })
    };
    json!({
        "hubAccountId": HUB,
        "targetAccounts": [target(MEMBER), target(OTHER)],
        "accounts": {
            MEMBER: { "roles": roles(), "drs": of(|it| it.0) },
            OTHER: { "roles": roles(), "drs": of(|it| it.1) },
        },
    })
}

async fn all_add_up(lab: &Lab, worlds: &[World]) {
    for (name, entry) in lab.places().await.iter().filter(|(name, _)| name.ends_with(REGION)) {
        let counts = &entry["counts"];
        let all = sum(&counts["verdicts"])
            + number(counts, "/notHeld")
            + number(entry, "/rowsNotStored/count");
        assert_eq!(all, number(entry, "/serverCount"), "{name} {entry} {worlds:?}");
    }
}

/// The same without what makes a look incomplete, or leaves an earlier row as it is.
fn complete(listed: &World) -> World {
    let complete = |it: Option<Listed>| match it? {
        Listed::Unreadable | Listed::WithoutArn | Listed::Refused => {
            Some(Listed::InState("PAUSED"))
        }
        other => Some(other),
    };
    listed.iter().map(|it| (complete(it.0), complete(it.1))).collect()
}

async fn play(worlds: Vec<World>) {
    let lab = Lab::of(world(&worlds[0])).await;
    for listed in &worlds {
        lab.set_world(world(listed));
        lab.run().await;
        all_add_up(&lab, &worlds).await;
        advance(FIVE_MINUTES).await;
    }
    lab.set_world(world(&complete(worlds.last().unwrap())));
    for _ in 0..3 {
        lab.run().await;
        all_add_up(&lab, &worlds).await;
        advance(FIVE_MINUTES).await;
    }
    ledger_agrees_with_rows(&lab).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn the_ledger_adds_up_and_agrees_with_the_rows(
        worlds in prop::collection::vec(prop::collection::vec((any_listed(), any_listed()), 6), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(worlds));
    }
}
