//! The ledger: claims, looks, and what is written for them.

use std::time::Duration;

use embedded::Fault;
use inventory::handle_sync_source_server_inventory;
use model::environment::Environment;
use serde_json::{Value, json};
use store::Indexes;
use sync::SyncRequest;

use testing::*;

fn place() -> String {
    format!("{MEMBER}/us-east-1")
}

fn account() -> String {
    format!("{MEMBER}/#account")
}

/// The claim of another sync, which ends in so many seconds.
fn claimed(seconds: i64) -> Value {
    let ends = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    let ends = ends.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string();
    json!({ "accountId": MEMBER, "region": "#account", "claimedBy": "another",
            "claimedSince": "2026-11-23T10:00:00Z", "claimedUntil": ends })
}

#[tokio::test]
async fn a_look_says_when_it_asked_and_the_claim_is_given_back() {
    let lab = Lab::of(one_account(3)).await;
    lab.run().await;
    let places = lab.places().await;
    let look = &places[&place()];
    assert_eq!((&look["status"], &look["serverCount"]), (&json!("ACTIVE"), &json!(3)));
    assert_eq!(look["lastChecked"], look["lastSuccess"]);
    assert_eq!(look["refreshedAt"], look["lastSuccess"]);
    assert!(look.get("failingSince").is_none() && look.get("trouble").is_none());
    let entry = &places[&account()];
    assert!(entry["lastSuccess"].is_string() && entry.get("claimedBy").is_none(), "{entry}");
    let unused = &places[&format!("{MEMBER}/sa-east-1")];
    assert_eq!(unused["status"], "NOT_INITIALIZED");
    assert!(unused["lastSuccess"].is_string() && unused.get("trouble").is_none(), "{unused}");
    let last = &places["#sync/#last"];
    assert!(last["finishedAt"].is_string());
    assert_eq!(last["notKnown"], 0);
}

#[tokio::test]
async fn unknown_attributes_of_an_entry_stay() {
    let lab = Lab::of(one_account(1)).await;
    let mine = json!({ "accountId": MEMBER, "region": "us-east-1", "note": "mine",
                       "acknowledgedUntil": "2030-01-01T00:00:00Z" });
    lab.put(&lab.ledger(), &mine).await;
    lab.run().await;
    let entry = &lab.places().await[&place()];
    assert_eq!((&entry["note"], &entry["status"]), (&json!("mine"), &json!("ACTIVE")));
    assert_eq!(entry["acknowledgedUntil"], "2030-01-01T00:00:00Z");
}

#[tokio::test]
async fn an_account_that_another_sync_works_in_is_left_to_it_and_named() {
    let lab = Lab::of(one_account(2)).await;
    lab.put(&lab.ledger(), &claimed(3600)).await;
    let started = std::time::Instant::now();
    let skip_the_wait = async {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            // Not while STS is waited for.
            if is_waiting(&lab) {
                advance(Duration::from_secs(2)).await;
            }
        }
    };
    let body = tokio::select! {
        body = lab.run() => body,
        () = skip_the_wait => unreachable!("it has no end"),
    };
    assert!(started.elapsed() < Duration::from_secs(30));
    let failed = &body["details"]["failed"][0];
    assert_eq!((&failed["kind"], &failed["code"]), (&json!("account"), &json!("AccountBusy")));
    assert!(failed["message"].as_str().unwrap().contains("2026-11-23T10:00:00Z"), "{failed}");
    assert_eq!(body["details"]["complete"], false);
    assert_eq!(lab.places().await[&account()]["claimedBy"], "another");
    assert!(lab.servers().await.is_empty());
}

/// Whether the sync has tried to claim the account.
fn is_waiting(lab: &Lab) -> bool {
    lab.store.calls().iter().any(|call| call.operation == "UpdateItem")
}

#[tokio::test]
async fn a_claim_that_has_ended_is_in_nobody_s_way() {
    let lab = Lab::of(one_account(2)).await;
    lab.put(&lab.ledger(), &claimed(-1)).await;
    assert_eq!(lab.run().await["totalSynced"], 2);
}

#[tokio::test]
async fn rows_that_the_table_does_not_take_leave_the_look_as_it_was() {
    let lab = Lab::of(one_account(3)).await;
    lab.run().await;
    let before = lab.places().await[&place()].clone();
    let mut world = one_account(3);
    world["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"][0]["agentVersion"] = json!("9");
    lab.set_world(world);
    let (operation, code) = ("BatchWriteItem", "AccessDeniedException");
    lab.store.inject(Fault::Error { operation, count: 100, status: 400, code });
    let body = lab.run().await;
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(2), &json!(1)), "{body}");
    let after = &lab.places().await[&place()];
    assert_eq!(after["lastSuccess"], before["lastSuccess"]);
    assert_ne!(after["lastChecked"], before["lastChecked"]);
}

#[tokio::test]
async fn a_ledger_that_does_not_answer_leaves_the_account_as_it_is() {
    let lab = Lab::of(one_account(2)).await;
    let (operation, code) = ("UpdateItem", "AccessDeniedException");
    lab.store.inject(Fault::Error { operation, count: 100, status: 400, code });
    let body = lab.run().await;
    assert_eq!(body["details"]["complete"], false);
    assert_eq!(body["details"]["failed"][0]["code"], "AccessDeniedException");
    assert!(lab.servers().await.is_empty());
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read_makes_every_region_due_and_nothing_missing() {
    let lab = Lab::of(one_account(3)).await;
    lab.run().await;
    let mut world = one_account(3);
    world["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"].as_array_mut().unwrap().pop();
    lab.set_world(world);
    lab.sim.clear_calls();
    let (operation, code) = ("Query", "AccessDeniedException");
    lab.store.inject(Fault::Error { operation, count: 1, status: 400, code });
    lab.run().await;
    assert_eq!(lab.count("DescribeSourceServers"), 34);
    assert!(lab.servers().await[&server_id(3)].get("missingSince").is_none());
}

/// Write units by table since the store was last asked: of the table itself, and of its indexes.
fn written(lab: &Lab, table: &str) -> f64 {
    lab.store.units().iter().filter(|it| it.table == table).map(|it| it.write).sum()
}

#[tokio::test]
async fn an_unchanged_sync_writes_no_row_and_few_units() {
    let lab = Lab::of(one_account(40)).await;
    lab.run().await;
    // The index may lag behind so many rows for ten minutes.
    advance(Duration::from_secs(660)).await;
    lab.store.clear_units();
    let body = lab.run().await;
    let details = &body["details"];
    assert_eq!((&details["serversWritten"], &details["serversUnchanged"]), (&json!(0), &json!(40)));
    assert_eq!(body["totalSynced"], 40);
    assert_eq!(written(&lab, "source-server-inventory"), 0.0);
    // The summary of the sync, in the table and in its index.
    assert_eq!(written(&lab, "inventory-changes"), 2.0);
    // One for the place, two for the account, and one for what the sync ended with.
    let units = written(&lab, "account-region-status");
    assert!(units <= 3.0 + 3.0 + 1.0, "{units}: {:?}", lab.store.units());
    let read: f64 = lab.store.units().iter().map(|it| it.read).sum();
    assert!(read < 20.0, "{read}: {:?}", lab.store.units());
}

/// How many rows each read by keys asks for, in a sync right after another.
async fn read_right_after(lab: &Lab) -> Vec<usize> {
    lab.run().await;
    let before = lab.store.calls().len();
    let body = lab.run().await;
    assert_eq!(body["details"]["serversUnchanged"], 40);
    let calls = lab.store.calls().split_off(before);
    let reads = calls.into_iter().filter(|call| call.operation == "BatchGetItem");
    // The first reads when the accounts were last looked at.
    reads.skip(1).map(|call| call.items).collect()
}

#[tokio::test]
async fn an_index_that_may_lag_is_not_believed_right_after_a_sync() {
    let lab = Lab::of(one_account(40)).await;
    assert_eq!(read_right_after(&lab).await, [40]);
}

#[tokio::test]
async fn an_index_that_follows_at_once_is_believed_right_after_a_sync() {
    let mut lab = Lab::of(one_account(40)).await;
    lab.sync.store.indexes = Indexes::FollowAtOnce;
    assert_eq!(read_right_after(&lab).await, Vec::<usize>::new());
}

#[tokio::test]
async fn what_a_lagging_index_calls_unchanged_is_compared_with_the_row() {
    let lab = Lab::of(one_account(3)).await;
    lab.run().await;
    advance(Duration::from_secs(300)).await;
    // What the index is to answer once more.
    lab.run().await;
    let mut world = one_account(3);
    world["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"][1]["agentVersion"] = json!("9");
    lab.set_world(world);
    advance(Duration::from_secs(300)).await;
    lab.run().await;
    assert_eq!(lab.servers().await[&server_id(2)]["agentVersion"], "9");
    // Back again, and the index has not heard of it.
    lab.set_world(one_account(3));
    lab.store.inject(Fault::Lag { count: 100 });
    advance(Duration::from_secs(300)).await;
    let body = lab.run().await;
    assert_eq!(body["details"]["serversWritten"], 1);
    assert_eq!(lab.servers().await[&server_id(2)]["agentVersion"], "");
}

#[tokio::test]
async fn what_changed_is_written_and_told() {
    let lab = Lab::of(one_account(3)).await;
    lab.run().await;
    let first = [format!("account-added {MEMBER}"), format!("region-first-seen {}", place())];
    let mut history = lab.history().await;
    history.sort_unstable();
    assert_eq!(history, first);
    advance(Duration::from_secs(300)).await;
    let mut world = one_account(4);
    world["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"][1]["agentVersion"] = json!("9");
    lab.set_world(world);
    let body = lab.run().await;
    let details = &body["details"];
    assert_eq!((&details["serversWritten"], &details["serversUnchanged"]), (&json!(2), &json!(2)));
    let arn = |n| server(MEMBER, "us-east-1", n)["arn"].as_str().unwrap().to_owned();
    let mut history = lab.history().await.split_off(2);
    history.sort_unstable();
    assert_eq!(history, [format!("added {}", arn(4)), format!("changed {}", arn(2))]);
    let told = rows(scan(&lab.changes()).await);
    let change = told.iter().find(|row| row["kind"] == "changed").unwrap();
    assert_eq!(change["before"], json!({ "agentVersion": "" }));
    assert_eq!(change["after"], json!({ "agentVersion": "9" }));
}

#[tokio::test]
async fn rows_are_written_again_after_a_time_that_the_place_decides() {
    let lab = Lab::of(one_account(5)).await;
    lab.run().await;
    let writes = |body: Value| body["details"]["serversWritten"].as_u64().unwrap();
    advance(Duration::from_secs(59 * 60)).await;
    assert_eq!(writes(lab.run().await), 0);
    advance(Duration::from_secs(62 * 60)).await;
    assert_eq!(writes(lab.run().await), 5);
    assert_eq!(writes(lab.run().await), 0);
    let always = Lab::with(one_account(5), &[("ROW_REFRESH_MINUTES", "0")]).await;
    always.run().await;
    assert_eq!(writes(always.run().await), 5);
}

#[tokio::test]
async fn a_lag_within_its_class_is_no_change() {
    let world = |lag: &str| {
        let mut world = one_account(1);
        let server = &mut world["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"][0];
        server["dataReplicationInfo"]["lagDuration"] = json!(lag);
        world
    };
    let lab = Lab::of(world("PT1M")).await;
    lab.run().await;
    for (lag, written) in [("PT14M", 0), ("PT16M", 1), ("PT29M", 0), ("PT31M", 1), ("PT2H", 1)] {
        advance(Duration::from_secs(120)).await;
        lab.set_world(world(lag));
        assert_eq!(lab.run().await["details"]["serversWritten"], written, "{lag}");
    }
}

#[tokio::test]
async fn the_legacy_sync_in_between_loses_nothing() {
    let lab = Lab::of(one_account(3)).await;
    lab.run().await;
    let legacy = Environment::of([("USE_REFACTORED_INVENTORY_SYNC", "false")]);
    let request = SyncRequest::default();
    handle_sync_source_server_inventory(&lab.sync, &legacy, &request).await.unwrap();
    assert!(lab.servers().await.values().all(|row| row.get("listedIn").is_none()));
    // One server is gone before the refactored sync looks again.
    let mut world = one_account(3);
    world["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"].as_array_mut().unwrap().pop();
    lab.set_world(world);
    advance(Duration::from_secs(300)).await;
    let body = lab.run().await;
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(2), &json!(0)), "{body}");
    let rows = lab.servers().await;
    assert!(rows.values().all(|row| row["listedIn"] == json!(place())), "{rows:?}");
    assert!(rows.values().all(|row| row.get("missingSince").is_none()), "not by that sync");
    advance(Duration::from_secs(300)).await;
    assert_eq!(lab.run().await["details"]["serversMissing"], 1);
    assert!(lab.servers().await[&server_id(3)]["missingSince"].is_string());
}

#[tokio::test]
async fn a_sync_that_is_killed_at_any_call_leaves_what_the_next_one_mends() {
    let mut changed = one_account(30);
    let servers = changed["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"].as_array_mut();
    let servers = servers.unwrap();
    servers.remove(7);
    servers[3]["agentVersion"] = json!("9");
    let mut calls = 1;
    loop {
        let lab = Lab::of(one_account(30)).await;
        lab.run().await;
        advance(Duration::from_secs(300)).await;
        let before = lab.places().await[&place()].clone();
        lab.set_world(changed.clone());
        let was_killed = lab.killed_at(calls).await;
        let after = lab.places().await[&place()].clone();
        if after["lastSuccess"] != before["lastSuccess"] {
            let rows = lab.servers().await;
            assert_eq!(rows[&server_id(4)]["agentVersion"], "9", "call {calls}");
            assert!(rows[&server_id(8)]["missingSince"].is_string(), "call {calls}");
        }
        advance(Duration::from_secs(121)).await;
        let body = lab.run().await;
        assert_eq!(body["details"]["complete"], true, "call {calls} {body}");
        let rows = lab.servers().await;
        assert_eq!(rows.len(), 30, "call {calls}");
        assert_eq!(rows[&server_id(4)]["agentVersion"], "9", "call {calls}");
        let missing = rows.values().filter(|row| row.get("missingSince").is_some()).count();
        assert_eq!(missing, 1, "call {calls}");
        let told = lab.history().await;
        for kind in ["changed", "missing"] {
            assert!(told.iter().any(|it| it.starts_with(kind)), "call {calls} {told:?}");
        }
        if !was_killed {
            return;
        }
        calls += 1;
    }
}
