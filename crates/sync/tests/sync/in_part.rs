//! Some regions of one account, asked at once and alone.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sync::SyncRequest;
use testing::{Lab, MEMBER, instance, server, world_of};

fn two_regions(state: &str) -> Value {
    let listed = |region: &str, number: u32| {
        let mut server = server(MEMBER, region, number);
        server["dataReplicationInfo"]["dataReplicationState"] = json!(state);
        json!({ "sourceServers": [server] })
    };
    let drs = json!({ "us-east-1": listed("us-east-1", 1), "eu-west-1": listed("eu-west-1", 2) });
    world_of(drs, json!({ "us-east-1": { "instances": [instance(1)] } }))
}

fn part(regions: &[&str]) -> SyncRequest {
    let regions = Some(regions.iter().map(|&region| region.to_owned()).collect());
    let accounts = vec![MEMBER.to_owned()];
    SyncRequest {
        accounts,
        regions,
        rolls_up: false,
        waits_for_others: Duration::ZERO,
        ..SyncRequest::default()
    }
}

#[tokio::test]
async fn only_the_regions_asked_for_are_touched() {
    let lab = Lab::of(two_regions("CONTINUOUS")).await;
    lab.run().await;
    let before = lab.places().await;
    lab.set_world(two_regions("STALLED"));
    lab.sim.clear_calls();

    let body = lab.run_with(&part(&["us-east-1", "us-east-1"])).await;
    let details = &body["details"];
    assert_eq!((&details["regionsAsked"], &details["regionsSkipped"]), (&json!(1), &json!(0)));
    assert_eq!((&details["complete"], &body["totalSynced"]), (&json!(true), &json!(1)), "{body}");
    assert_eq!(lab.count("DescribeSourceServers"), 1);
    let servers = lab.servers().await;
    let state = |number: u32| &servers[&testing::server_id(number)]["replicationState"];
    assert_eq!((state(1), state(2)), (&json!("STALLED"), &json!("CONTINUOUS")));

    let mut after = lab.places().await;
    let asked = format!("{MEMBER}/us-east-1");
    assert_ne!(after[&asked]["lastChecked"], before[&asked]["lastChecked"]);
    after.insert(asked.clone(), before[&asked].clone());
    assert_eq!(after, before, "another entry, that of the account among them, was touched");
}

#[tokio::test]
async fn an_account_that_was_never_asked_is_still_new_to_the_sync_of_all_of_it() {
    let lab = Lab::of(two_regions("CONTINUOUS")).await;
    lab.run_with(&part(&["eu-west-1"])).await;
    let account = &lab.places().await[&format!("{MEMBER}/#account")];
    assert_eq!((account.get("lastChecked"), account.get("claimedBy")), (None, None));
    assert!(!lab.history().await.iter().any(|entry| entry.starts_with("account-added")));
    lab.run().await;
    let added = lab.history().await;
    assert!(added.contains(&format!("account-added {MEMBER}")), "{added:?}");
}

#[tokio::test]
async fn an_account_where_another_sync_works_is_left_to_it_at_once() {
    let lab = Lab::of(two_regions("CONTINUOUS")).await;
    lab.run().await;
    let mut account = lab.places().await[&format!("{MEMBER}/#account")].clone();
    account["claimedBy"] = json!("another");
    account["claimedUntil"] = json!("2999-01-01T00:00:00.000Z");
    lab.put(&lab.ledger(), &account).await;
    let started = Instant::now();
    let body = lab.run_with(&part(&["us-east-1"])).await;
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(body["details"]["failed"][0]["code"], "AccountBusy", "{body}");
    assert_eq!(lab.places().await[&format!("{MEMBER}/#account")], account);
}

#[tokio::test]
async fn what_a_killed_sync_left_half_done_is_left_to_the_next_one_of_the_account() {
    let lab = Lab::of(two_regions("CONTINUOUS")).await;
    lab.run().await;
    let mut account = lab.places().await[&format!("{MEMBER}/#account")].clone();
    account["claimedBy"] = json!("killed");
    account["claimedUntil"] = json!("2020-01-01T00:00:00.000Z");
    lab.put(&lab.ledger(), &account).await;
    let body = lab.run_with(&part(&["us-east-1"])).await;
    assert_eq!(body["details"]["complete"], true, "{body}");
    let after = &lab.places().await[&format!("{MEMBER}/#account")];
    assert!(
        after["claimedBy"].is_string(),
        "nobody knows any more that a sync was killed: {after}"
    );
    let until: jiff::Timestamp = after["claimedUntil"].as_str().unwrap().parse().unwrap();
    assert!(until <= jiff::Timestamp::now() + jiff::SignedDuration::from_secs(1), "{after}");
    assert_eq!(lab.run().await["details"]["complete"], true);
    assert_eq!(lab.places().await[&format!("{MEMBER}/#account")].get("claimedBy"), None);
}
