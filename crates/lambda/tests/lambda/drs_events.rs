//! Events of DRS: the account and region of the server is read at once, and nothing else.

use embedded::Fault;
use serde_json::{Value, json};
use store::tables::TableKind;

use crate::common::*;

const STALLED: &str = "DRS Source Server Data Replication Stalled Change";

fn event(region: &str, account: &str) -> Value {
    json!({
        "version": "0", "id": "9da9af57-9253-4406-87cb-7cc400e43465", "detail-type": STALLED,
        "source": "aws.drs", "account": account, "time": "2026-08-22T20:12:19Z", "region": region,
        "resources": [format!("arn:aws:drs:{region}:{account}:source-server/s-00000000000000001")],
        "detail": { "state": "STALLED" },
    })
}

/// The regions that DRS was asked in.
fn asked(lab: &Lab) -> Vec<String> {
    let calls = lab.stage.sim.calls().into_iter();
    let drs = calls.filter(|call| call.operation == "DescribeSourceServers");
    drs.map(|call| format!("{}/{}", call.account, call.region)).collect()
}

async fn entries(lab: &Lab) -> Vec<Value> {
    lab.stage.rows(TableKind::AccountRegionStatus).await
}

async fn entry(lab: &Lab, account: &str, region: &str) -> Value {
    let is_it = |it: &&Value| it["accountId"] == account && it["region"] == region;
    entries(lab).await.iter().find(is_it).cloned().unwrap()
}

#[tokio::test]
async fn an_event_reads_its_account_and_region_and_a_second_one_does_not() {
    let lab = Lab::of(world(4)).await;
    let answer = lab.ask(event("eu-west-1", MEMBER)).await;
    assert_eq!(
        answer,
        json!({ "outcome": "synced", "accountId": MEMBER, "region": "eu-west-1",
            "totalSynced": 2, "totalErrors": 0 })
    );
    assert_eq!(asked(&lab), [format!("{MEMBER}/eu-west-1")]);
    assert_eq!(lab.rows(TableKind::SourceServerInventory).await.len(), 2);

    lab.stage.sim.clear_calls();
    let again = lab.ask(event("eu-west-1", MEMBER)).await;
    assert_eq!(again["outcome"], "skipped", "{again}");
    assert!(again["reason"].as_str().unwrap().contains("less than a minute ago"), "{again}");
    assert_eq!(asked(&lab), Vec::<String>::new());

    let other = lab.ask(event("us-east-1", MEMBER)).await;
    assert_eq!((&other["outcome"], &other["totalSynced"]), (&json!("synced"), &json!(2)));
}

#[tokio::test]
async fn a_place_that_was_read_longer_ago_is_read_again() {
    let lab = Lab::of(world(2)).await;
    lab.ask(json!({ "operation": "sync_source_server_inventory" })).await;
    let mut place = entry(&lab, MEMBER, "us-east-1").await;
    let account = entry(&lab, MEMBER, "#account").await;
    let ago = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(61);
    place["lastChecked"] = json!(ago.to_string());
    lab.stage.put(TableKind::AccountRegionStatus, &place).await;
    lab.stage.sim.clear_calls();
    let answer = lab.ask(event("us-east-1", MEMBER)).await;
    assert_eq!(answer["outcome"], "synced", "{answer}");
    assert_eq!(asked(&lab), [format!("{MEMBER}/us-east-1")]);
    assert_eq!(entry(&lab, MEMBER, "#account").await, account);
}

#[tokio::test]
async fn an_account_where_a_sync_is_at_work_is_left_to_it() {
    let lab = Lab::of(world(2)).await;
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(60);
    let claimed = json!({ "accountId": MEMBER, "region": "#account", "claimedBy": "another",
        "claimedUntil": until.to_string() });
    lab.stage.put(TableKind::AccountRegionStatus, &claimed).await;
    let answer = lab.ask(event("us-east-1", MEMBER)).await;
    assert_eq!(answer["outcome"], "skipped", "{answer}");
    assert!(answer["reason"].as_str().unwrap().contains("another sync"), "{answer}");
    assert_eq!(asked(&lab), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_none_of_this_installation_is_never_added_nor_entered() {
    let lab = Lab::of(world(2)).await;
    for unknown in [event("us-east-1", "999999999999"), event("xx-nowhere-9", MEMBER)] {
        let answer = lab.ask(unknown).await;
        assert_eq!(answer["outcome"], "skipped", "{answer}");
    }
    let mut unreadable = event("us-east-1", MEMBER);
    unreadable["resources"] = json!(["arn:aws:drs:us-east-1:222222222222:job/drsjob-1"]);
    assert_eq!(lab.ask(unreadable).await["outcome"], "ignored");
    assert!(lab.stage.sim.calls().is_empty(), "{:?}", lab.stage.sim.calls());
    assert_eq!(entries(&lab).await, Vec::<Value>::new());
    assert_eq!(lab.rows(TableKind::TargetAccounts).await.len(), 1);
}

#[tokio::test]
async fn the_legacy_sync_leaves_events_to_the_schedule() {
    let lab = Lab::with(world(2), &[("USE_REFACTORED_INVENTORY_SYNC", "false")]).await;
    let answer = lab.ask(event("us-east-1", MEMBER)).await;
    assert_eq!(answer["outcome"], "skipped", "{answer}");
    assert!(lab.stage.sim.calls().is_empty());
}

#[tokio::test]
async fn a_ledger_that_does_not_answer_is_an_error_and_nothing_is_asked() {
    let lab = Lab::of(world(2)).await;
    let (operation, code) = ("Query", "AccessDeniedException");
    lab.stage.store.inject(Fault::Error { operation, count: 1, status: 400, code });
    let answer = lab.ask(event("us-east-1", MEMBER)).await;
    assert_eq!(answer["error"], "AUTHORIZATION_FAILED", "{answer}");
    assert!(lab.stage.sim.calls().is_empty());
}

#[tokio::test]
async fn events_at_once_read_a_place_a_few_times_at_most() {
    let lab = Lab::of(world(2)).await;
    let events = (0..8).map(|_| lab.ask(event("us-east-1", MEMBER)));
    let answers = futures::future::join_all(events).await;
    assert!(answers.iter().any(|it| it["outcome"] == "synced"), "{answers:?}");
    assert!(answers.iter().all(|it| it.get("error").is_none()), "{answers:?}");
    let place = entry(&lab, MEMBER, "us-east-1").await;
    assert_eq!(place["serverCount"], 1);
    assert_eq!(entry(&lab, MEMBER, "#account").await.get("claimedBy"), None);
}

#[tokio::test]
async fn some_regions_of_an_account_can_be_asked_for() {
    let lab = Lab::of(world(4)).await;
    let one = json!({ "operation": "sync_account", "accountId": MEMBER, "regions": ["us-east-1"] });
    let (_, body) = http(&lab.ask(one).await);
    assert_eq!((&body["totalSynced"], &body["details"]["regionsAsked"]), (&json!(2), &json!(1)));
    assert_eq!(asked(&lab), [format!("{MEMBER}/us-east-1")]);
    let (path, body) = (format!("/sync/{MEMBER}"), "{\"regions\": [\"us-east-1\", \"eu-west-1\"]}");
    let over_http = lab.ask(v2("POST", &path, json!(null), Some(body))).await;
    assert_eq!(http(&over_http).1["details"]["regionsAsked"], 2);
    for wrong in [json!(["us-east-1/"]), json!("a.b"), json!([7]), json!({})] {
        let event = json!({ "operation": "sync_account", "accountId": MEMBER, "regions": wrong });
        assert_eq!(lab.ask(event).await["error"], "INVALID_PARAMETER", "{wrong}");
    }
}
