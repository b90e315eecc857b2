//! The past, as the history tells it, against the present that somebody remembered.

use std::collections::BTreeMap;
use std::time::Duration;

use inventory::as_of::{AsOfError, AsOfTables, Fleet, Standing, fleet_as_of, gaps_between};
use inventory::picture::{Freshness, PictureTables, Why, picture_of_servers};
use inventory::servers::{ServerFilter, query_servers};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::text;
use sync::time::{iso, now};

use testing::*;

/// By ARN: what is said of it, and the codes of its reasons.
type Said = BTreeMap<String, (String, Vec<String>)>;

/// One step of a world that changes.
#[derive(Debug, Clone)]
struct Step {
    /// A bit for each server of each of three places.
    listed: [u8; 3],
    /// Which state each of them is in.
    states: u8,
    /// 0 to 2: the place that is denied.
    denied: u8,
    /// Whether the second account is in the accounts table yet.
    has_other: bool,
    /// Minutes before and after it; no sum of them is at the edge of what is stale.
    minutes: u64,
    is_synced: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let minutes = prop_oneof![Just(7_u64), Just(13), Just(50), Just(180)];
    let sizes = [0..8_u8, 0..8, 0..8];
    (sizes, any::<u8>(), 0..6_u8, any::<bool>(), minutes, any::<bool>()).prop_map(
        |(listed, states, denied, has_other, minutes, is_synced)| Step {
            listed,
            states,
            denied,
            has_other,
            minutes,
            is_synced,
        },
    )
}

const PLACES: [(&str, &str); 3] =
    [(MEMBER, "us-east-1"), (MEMBER, "eu-west-1"), (OTHER, "us-east-1")];
const STATES: [&str; 4] = ["CONTINUOUS", "STALLED", "PAUSED", "CONTINUOUS"];

/// A server without an instance, in this state, whose agent was heard just now.
fn seen(account: &str, region: &str, number: u32, state: &str, at: Timestamp) -> Value {
    let mut server = server(account, region, number);
    server["sourceProperties"]["identificationHints"] =
        json!({ "hostname": format!("host-{number}") });
    server["sourceCloudProperties"] = json!({});
    server["lifeCycle"]["lastSeenByServiceDateTime"] = json!(at.to_string());
    server["dataReplicationInfo"]["dataReplicationState"] = json!(state);
    server
}

fn world(step: &Step, at: Timestamp) -> Value {
    let mut world = world_of(json!({}), json!({}));
    world["accounts"][OTHER] = json!({ "roles": roles() });
    for (place, (account, region)) in PLACES.into_iter().enumerate() {
        let numbers = (0..3).filter(|bit| step.listed[place] >> bit & 1 == 1);
        let listed: Vec<Value> = numbers
            .map(|bit| {
                let state = STATES[usize::from(step.states >> (2 * bit) & 3)];
                seen(account, region, u32::try_from(place).unwrap() * 10 + bit + 1, state, at)
            })
            .collect();
        let drs = match usize::from(step.denied) == place {
            true => json!({ "fault": denied() }),
            false => json!({ "sourceServers": listed }),
        };
        world["accounts"][account]["drs"][region] = drs;
    }
    world
}

fn freshness(lab: &Lab) -> Freshness {
    let freshness = Freshness::from_environment(&lab.environment).unwrap();
    Freshness { now: now(&lab.sync.clock), ..freshness }
}

/// As every reader of the present says it.
async fn present(lab: &Lab) -> (Timestamp, Said) {
    let freshness = freshness(lab);
    let mut rows = query_servers(&lab.inventory(), &ServerFilter::default()).await.unwrap();
    let tables = PictureTables::of(&lab.sync.store).unwrap();
    picture_of_servers(&tables, &mut rows, &freshness).await.unwrap();
    let said = rows.iter().map(|row| {
        let verdict = match row["known"].as_bool().unwrap() {
            true => text(row, "readiness"),
            false => "UNKNOWN",
        };
        let reasons = row["readinessReasons"].as_l().unwrap().iter();
        let codes = reasons.map(|it| text(it.as_m().unwrap(), "code").to_owned());
        (text(row, "sourceServerArn").to_owned(), (verdict.to_owned(), codes.collect()))
    });
    (freshness.now, said.collect())
}

async fn as_of(lab: &Lab, time: Timestamp) -> Result<Fleet, AsOfError> {
    let tables = AsOfTables::of(&lab.sync.store).unwrap();
    fleet_as_of(&tables, time, &freshness(lab)).await
}

fn said(fleet: &Fleet) -> Said {
    let said = fleet.servers.iter().map(|server| {
        let codes = server.reasons.iter().map(|it| it.code.name().to_owned()).collect();
        (server.source_server_arn.clone(), (server.verdict.name().to_owned(), codes))
    });
    said.collect()
}

async fn remembered(steps: &[Step]) {
    let variables = [("REMOVE_AFTER_HOURS", "1"), ("DISCOVERY_INTERVAL_MINUTES", "0")];
    let lab = Lab::with(world_of(json!({}), json!({})), &variables).await;
    lab.run().await;
    advance(Duration::from_secs(120)).await;
    let mut moments = vec![present(&lab).await];
    for step in steps {
        lab.set_world(world(step, now(&lab.sync.clock)));
        if step.has_other {
            lab.put(&lab.accounts(), &target(OTHER)).await;
        }
        if step.is_synced {
            lab.run().await;
        }
        advance(Duration::from_secs(60)).await;
        moments.push(present(&lab).await);
        advance(Duration::from_secs(60 * step.minutes)).await;
        moments.push(present(&lab).await);
    }
    advance(Duration::from_secs(1)).await;
    for (time, remembered) in moments {
        let fleet = as_of(&lab, time).await.unwrap();
        assert_eq!(said(&fleet), remembered, "as of {time}");
        assert_eq!(fleet.figures().servers, remembered.len() as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 30, ..ProptestConfig::default() })]

    #[test]
    fn the_past_is_what_was_the_present(steps in prop::collection::vec(step(), 1..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(Box::pin(remembered(&steps)));
    }
}

fn steps() -> [Step; 2] {
    let step = Step {
        listed: [3, 1, 0],
        states: 0,
        denied: 9,
        has_other: false,
        minutes: 7,
        is_synced: true,
    };
    [step.clone(), Step { listed: [1, 3, 1], states: 0b01, has_other: true, ..step }]
}

/// Nothing was read for two hours: that is not the same as that nothing was there.
#[tokio::test]
async fn a_gap_is_told_from_absence() {
    let [first, second] = steps();
    let lab = Lab::of(world_of(json!({}), json!({}))).await;
    lab.set_world(world(&first, now(&lab.sync.clock)));
    lab.run().await;
    advance(Duration::from_secs(2 * 3600)).await;
    lab.set_world(world(&second, now(&lab.sync.clock)));
    lab.run().await;
    advance(Duration::from_secs(60)).await;
    let end = now(&lab.sync.clock);
    let ago = |minutes| end - SignedDuration::from_mins(minutes);

    let within = as_of(&lab, ago(60)).await.unwrap();
    let gap = within.gap.clone().unwrap();
    assert!(gap.from < iso(ago(119)) && gap.to.clone().unwrap() > iso(ago(2)), "{gap:?}");
    assert_eq!(within.figures().of_verdict(Standing::Unknown), 3);
    assert_eq!(within.servers[0].last_verdict.unwrap().name(), "READY");
    let whys: Vec<Why> = within.not_known.iter().map(|it| it.why).collect();
    assert_eq!(whys, [Why::Stale, Why::Stale]);

    let before = as_of(&lab, ago(100)).await.unwrap();
    assert_eq!((before.gap, before.not_known), (None, Vec::new()));
    let gaps = gaps_between(&lab.changes(), (ago(100), end), freshness(&lab).stale_after).await;
    assert_eq!(gaps.unwrap(), [gap]);
}

#[tokio::test]
async fn a_time_that_the_history_does_not_reach_is_refused_with_the_one_that_it_does() {
    let lab = Lab::of(one_account(2)).await;
    let moment = now(&lab.sync.clock);
    advance(Duration::from_secs(60)).await;
    assert!(matches!(as_of(&lab, moment).await, Err(AsOfError::NoHistory { .. })));
    lab.run().await;
    let error = as_of(&lab, moment).await.unwrap_err();
    let AsOfError::BeforeHistory { earliest, .. } = error else { panic!("{error}") };
    assert!(as_of(&lab, earliest.parse().unwrap()).await.is_ok());
    let later = now(&lab.sync.clock) + SignedDuration::from_hours(1);
    assert!(matches!(as_of(&lab, later).await, Err(AsOfError::Future { .. })));
    let long_ago = now(&lab.sync.clock) - SignedDuration::from_hours(24 * 500);
    let summary = json!({ "subject": "#installation", "at": format!("{}#1", iso(long_ago)),
        "day": "x", "kind": "summary" });
    lab.put(&lab.changes(), &summary).await;
    let later = long_ago + SignedDuration::from_hours(1);
    assert!(matches!(as_of(&lab, later).await, Err(AsOfError::TooLongAgo { .. })));
}

/// Removed servers are read one by one, everything else by days.
#[tokio::test]
async fn the_past_costs_what_happened_since() {
    let lab = Lab::of(one_account(3)).await;
    lab.run().await;
    advance(Duration::from_secs(60)).await;
    let moment = now(&lab.sync.clock);
    advance(Duration::from_secs(60)).await;
    let before = lab.store.calls().len();
    as_of(&lab, moment).await.unwrap();
    let calls = lab.store.calls().split_off(before);
    let queries = calls.iter().filter(|call| call.operation == "Query").count();
    // Two summaries, and eight partitions of a day or two.
    assert!(queries <= 2 + 16, "{queries}");
    assert_eq!(calls.iter().filter(|call| call.operation == "Scan").count(), 1);
}
