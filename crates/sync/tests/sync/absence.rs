//! Servers that DRS no longer lists.

use std::time::Duration;

use serde_json::{Value, json};

use testing::*;

const HOUR: Duration = Duration::from_secs(3600);
const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// The member with these servers in us-east-1.
fn world(numbers: impl Iterator<Item = u32>) -> Value {
    let servers: Vec<Value> = numbers.map(|n| server(MEMBER, "us-east-1", n)).collect();
    world_of(json!({ "us-east-1": { "sourceServers": servers } }), json!({}))
}

fn place() -> String {
    format!("{MEMBER}/us-east-1")
}

async fn lab(count: u32) -> Lab {
    let lab = Lab::of(world(1..count + 1)).await;
    lab.run().await;
    advance(FIVE_MINUTES).await;
    lab
}

async fn missing(lab: &Lab) -> usize {
    lab.servers().await.values().filter(|row| row.get("missingSince").is_some()).count()
}

async fn sync_after(lab: &Lab, time: Duration) -> Value {
    advance(time).await;
    lab.run().await["details"].clone()
}

async fn told(lab: &Lab, kind: &str) -> usize {
    lab.history().await.iter().filter(|it| it.starts_with(&format!("{kind} "))).count()
}

#[tokio::test]
async fn a_few_are_flagged_and_gone_a_day_later_each_in_the_history() {
    let lab = lab(300).await;
    lab.set_world(world(1..291));
    let details = lab.run().await["details"].clone();
    assert_eq!((&details["serversMissing"], &details["complete"]), (&json!(10), &json!(true)));
    assert_eq!((missing(&lab).await, told(&lab, "missing").await), (10, 10));
    assert_eq!(lab.servers().await[&server_id(291)]["missingBecause"], "NOT_LISTED");
    let entry = &lab.places().await[&place()];
    assert_eq!(entry["counts"]["reasons"]["NO_LONGER_LISTED"], 10);
    assert_eq!(sync_after(&lab, HOUR).await["serversRemoved"], 0);
    let details = sync_after(&lab, 24 * HOUR).await;
    assert_eq!((&details["serversRemoved"], &details["serversMissing"]), (&json!(10), &json!(0)));
    assert_eq!((lab.servers().await.len(), told(&lab, "removed").await), (290, 10));
    let history = rows(scan(&lab.changes()).await);
    let removed = history.iter().find(|row| row["kind"] == "removed").unwrap();
    assert_eq!(removed["row"]["sourceServerArn"], removed["subject"]);
    assert_eq!(removed["row"]["replicationState"], "CONTINUOUS");
    assert_eq!(lab.regions().await["us-east-1"]["serverCount"], 290);
}

#[tokio::test]
async fn many_are_held_until_somebody_approves_what_he_saw() {
    let lab = lab(300).await;
    lab.set_world(world(1..4));
    let details = lab.run().await["details"].clone();
    assert_eq!(details["removalsHeld"][place()], 297);
    let since = lab.places().await[&place()]["removalHeld"]["since"].clone();
    assert_eq!(lab.places().await[&place()]["trouble"], "HELD");
    for _ in 0..3 {
        let details = sync_after(&lab, 24 * HOUR).await;
        assert_eq!((&details["serversRemoved"], lab.servers().await.len()), (&json!(0), 300));
    }
    let entry = lab.places().await[&place()].clone();
    assert_eq!(entry["removalHeld"], json!({ "count": 297, "since": since }));

    // An approval of fewer than there are says nothing.
    let approve = |count: u64| {
        let mut entry = entry.clone();
        entry["removalApproved"] = json!({ "count": count, "since": since });
        entry
    };
    lab.put(&lab.ledger(), &approve(296)).await;
    assert_eq!(sync_after(&lab, FIVE_MINUTES).await["serversRemoved"], 0);
    lab.put(&lab.ledger(), &approve(297)).await;
    assert_eq!(sync_after(&lab, FIVE_MINUTES).await["serversRemoved"], 297);
    let entry = &lab.places().await[&place()];
    assert!(
        entry.get("removalApproved").is_none() && entry.get("removalHeld").is_none(),
        "{entry}"
    );
    assert_eq!(lab.servers().await.len(), 3);
}

#[tokio::test]
async fn a_listing_that_is_back_in_full_leaves_two_lines_of_history() {
    let lab = lab(30).await;
    lab.set_world(world(1..30));
    lab.run().await;
    lab.set_world(world(1..31));
    let details = sync_after(&lab, FIVE_MINUTES).await;
    assert_eq!((&details["serversMissing"], missing(&lab).await), (&json!(0), 0));
    let arn = server(MEMBER, "us-east-1", 30)["arn"].as_str().unwrap().to_owned();
    let of_it: Vec<String> =
        lab.history().await.into_iter().filter(|it| it.ends_with(&arn)).collect();
    assert_eq!(of_it, [format!("missing {arn}"), format!("found-again {arn}")]);
    let row = &lab.servers().await[&server_id(30)];
    assert!(row.get("missingBecause").is_none());
}

#[tokio::test]
async fn never_keeps_what_is_flagged() {
    let lab = Lab::with(world(1..11), &[("REMOVE_AFTER_HOURS", "never")]).await;
    lab.run().await;
    lab.set_world(world(1..10));
    sync_after(&lab, FIVE_MINUTES).await;
    sync_after(&lab, 1000 * HOUR).await;
    assert_eq!((lab.servers().await.len(), missing(&lab).await), (10, 1));
}

#[tokio::test]
async fn what_could_not_be_seen_is_not_flagged() {
    let fault = |fault: Value| {
        let mut world = world(1..6);
        world["accounts"][MEMBER]["drs"]["us-east-1"]["fault"] = fault;
        world
    };
    let mut role_gone = world(1..6);
    role_gone["accounts"][MEMBER]["roles"] = json!({});
    let mut unreadable = world(1..6);
    unreadable["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"][0]["arn"] = json!(7);
    let mut without_arn = world(1..6);
    without_arn["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"][0]["arn"] = json!("");
    let mut half = world(1..6);
    half["accounts"][MEMBER]["drs"]["us-east-1"]["pageSize"] = json!(2);
    half["accounts"][MEMBER]["drs"]["us-east-1"]["fault"] =
        json!({ "status": 403, "code": "AccessDeniedException", "message": "no", "afterPages": 1 });
    let throttled =
        json!({ "status": 429, "code": "ThrottlingException", "message": "Rate exceeded" });
    for world in [
        role_gone,
        unreadable,
        without_arn,
        half,
        fault(denied()),
        fault(throttled),
        fault(json!({ "status": 400, "code": "UninitializedAccountException", "message": "gone" })),
    ] {
        let lab = lab(10).await;
        lab.set_world(world.clone());
        for _ in 0..2 {
            let details = sync_after(&lab, 25 * HOUR).await;
            assert_eq!(details["complete"], false, "{world}");
            assert_eq!((lab.servers().await.len(), missing(&lab).await), (10, 0), "{world}");
        }
    }
}

#[tokio::test]
async fn an_accounts_table_that_is_empty_by_mistake_flags_nothing() {
    let lab = lab(10).await;
    delete_account(&lab, MEMBER).await;
    for _ in 0..2 {
        let details = sync_after(&lab, 25 * HOUR).await;
        assert_eq!(details["failed"][0]["code"], "NoAccounts", "{details}");
    }
    assert_eq!((lab.servers().await.len(), missing(&lab).await), (10, 0));
}

#[tokio::test]
async fn a_move_that_was_not_finished_is_finished_by_the_next_sync() {
    let lab = lab(3).await;
    // A sync that was killed had written the row under the other staging account already.
    let mut left_behind = lab.servers().await[&server_id(2)].clone();
    left_behind["stagingAccountId"] = json!(OTHER);
    lab.put(&lab.inventory(), &left_behind).await;
    let details = lab.run().await["details"].clone();
    assert_eq!((&details["serversMissing"], &details["complete"]), (&json!(0), &json!(true)));
    let rows = scan(&lab.inventory()).await;
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert_eq!((told(&lab, "missing").await, told(&lab, "removed").await), (0, 0));
}

#[tokio::test]
async fn rows_of_an_account_that_left_before_there_was_a_ledger_go_the_same_way() {
    let lab = lab(9).await;
    let arn = "arn:aws:drs:eu-west-1:555555555555:source-server/s-of-long-ago";
    let row = json!({ "sourceServerArn": arn, "stagingAccountId": "555555555555",
                      "sourceServerID": "s-of-long-ago", "lastUpdated": "2026-01-01T00:00:00Z" });
    lab.put(&lab.inventory(), &row).await;
    // The row finds its place, its account is found to have left, the row goes.
    sync_after(&lab, 25 * HOUR).await;
    assert_eq!(lab.servers().await["s-of-long-ago"]["listedIn"], "555555555555/eu-west-1");
    sync_after(&lab, FIVE_MINUTES).await;
    assert_eq!(lab.servers().await["s-of-long-ago"]["missingBecause"], "ACCOUNT_LEFT");
    sync_after(&lab, 25 * HOUR).await;
    sync_after(&lab, FIVE_MINUTES).await;
    let left: Vec<_> = lab.places().await.into_iter().filter(|it| it.0.starts_with('5')).collect();
    assert!(!lab.servers().await.contains_key("s-of-long-ago"), "{left:?}");
    assert!(!lab.places().await.keys().any(|place| place.starts_with("555555555555")));
}

async fn delete_account(lab: &Lab, account: &str) {
    let table = lab.accounts();
    let key = aws_sdk_dynamodb::types::AttributeValue::S(account.to_owned());
    let delete = table.client.delete_item().table_name(&table.name).key("accountId", key);
    delete.send().await.unwrap();
}

/// The member and two others, each with servers.
fn three_accounts() -> Value {
    let mut world = world(1..11);
    for (account, first) in [(OTHER, 101), ("444444444444", 201)] {
        world["targetAccounts"].as_array_mut().unwrap().push(target(account));
        let servers: Vec<Value> =
            (first..first + 40).map(|n| server(account, "us-east-1", n)).collect();
        let drs = json!({ "us-east-1": { "sourceServers": servers } });
        world["accounts"][account] = json!({ "roles": roles(), "drs": drs });
    }
    world
}

#[tokio::test]
async fn of_an_account_that_left_nothing_is_left_after_a_day() {
    let lab = Lab::of(three_accounts()).await;
    lab.run().await;
    assert_eq!(lab.regions().await["us-east-1"]["serverCount"], 90);
    delete_account(&lab, MEMBER).await;
    let details = sync_after(&lab, FIVE_MINUTES).await;
    assert_eq!((&details["serversMissing"], &details["complete"]), (&json!(10), &json!(true)));
    // Added again in time, nothing is lost.
    lab.put(&lab.accounts(), &target(MEMBER)).await;
    sync_after(&lab, FIVE_MINUTES).await;
    assert_eq!(missing(&lab).await, 0);
    delete_account(&lab, MEMBER).await;
    sync_after(&lab, FIVE_MINUTES).await;
    let details = sync_after(&lab, 25 * HOUR).await;
    assert_eq!((&details["serversRemoved"], &details["complete"]), (&json!(10), &json!(true)));
    sync_after(&lab, FIVE_MINUTES).await;
    let places = lab.places().await;
    assert!(!places.keys().any(|place| place.starts_with(MEMBER)), "{:?}", places.keys());
    assert_eq!(lab.regions().await["us-east-1"]["serverCount"], 80);
    assert!(lab.history().await.contains(&format!("account-removed {MEMBER}")));
    assert!(lab.servers().await.values().all(|row| row["sourceAccountId"] != MEMBER));
}

#[tokio::test]
async fn more_accounts_at_once_than_may_go_unasked_are_held() {
    let lab = Lab::of(three_accounts()).await;
    lab.run().await;
    delete_account(&lab, MEMBER).await;
    delete_account(&lab, OTHER).await;
    let details = sync_after(&lab, FIVE_MINUTES).await;
    assert!(details["removalsHeld"]["installation"].as_u64().unwrap() >= 50, "{details}");
    for _ in 0..3 {
        assert_eq!(sync_after(&lab, 25 * HOUR).await["serversRemoved"], 0);
    }
    assert!(lab.places().await["#sync/#last"]["removalHeld"].is_object());
}

#[tokio::test]
async fn a_staging_account_that_moved_leaves_no_second_row() {
    let lab = lab(3).await;
    let mut moved = world(1..4);
    let server = &mut moved["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"][1];
    server["stagingArea"]["stagingAccountID"] = json!(OTHER);
    lab.set_world(moved);
    let details = lab.run().await["details"].clone();
    assert_eq!((&details["serversMissing"], &details["complete"]), (&json!(0), &json!(true)));
    let rows = scan(&lab.inventory()).await;
    assert_eq!(rows.len(), 3);
    assert_eq!(lab.servers().await[&server_id(2)]["stagingAccountId"], OTHER);
    assert_eq!((told(&lab, "added").await, told(&lab, "removed").await), (0, 0));
    assert_eq!(told(&lab, "changed").await, 1);
}

#[tokio::test]
async fn a_row_stays_with_the_place_that_holds_it_until_that_loses_it() {
    let shared = |holder_lists: bool| {
        let mut world = three_accounts();
        let mut server = server(MEMBER, "us-east-1", 99);
        server["lifeCycle"]["lastSeenByServiceDateTime"] = json!("2026-11-01T09:00:00Z");
        if holder_lists {
            world["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"]
                .as_array_mut()
                .unwrap()
                .push(server.clone());
        }
        server["lifeCycle"]["lastSeenByServiceDateTime"] = json!("2026-11-01T12:00:00Z");
        server["agentVersion"] = json!("theirs");
        (world, server)
    };
    let with_both = |(mut world, server): (Value, Value)| {
        world["accounts"][OTHER]["drs"]["us-east-1"]["sourceServers"]
            .as_array_mut()
            .unwrap()
            .push(server);
        world
    };
    let lab = Lab::of(shared(true).0).await;
    lab.run().await;
    let holder = format!("{MEMBER}/us-east-1");
    lab.set_world(with_both(shared(true)));
    sync_after(&lab, FIVE_MINUTES).await;
    let row = lab.servers().await[&server_id(99)].clone();
    assert_eq!((&row["listedIn"], &row["agentVersion"]), (&json!(holder), &json!("")));
    assert_eq!(lab.places().await[&format!("{OTHER}/us-east-1")]["counts"]["notHeld"], 1);

    lab.set_world(with_both(shared(false)));
    sync_after(&lab, FIVE_MINUTES).await;
    sync_after(&lab, FIVE_MINUTES).await;
    let row = &lab.servers().await[&server_id(99)];
    assert_eq!(row["listedIn"], format!("{OTHER}/us-east-1"), "{row}");
    assert!(row.get("missingSince").is_none(), "{row}");
}

#[tokio::test]
async fn a_closed_region_is_a_failure_until_it_is_acknowledged_or_its_removal_approved() {
    let lab = lab(8).await;
    let mut closed = world(1..9);
    closed["accounts"][MEMBER]["drs"] = json!({});
    lab.set_world(closed);
    let details = sync_after(&lab, FIVE_MINUTES).await;
    assert_eq!(details["failed"][0]["status"], "NOT_INITIALIZED");
    let entry = lab.places().await[&place()].clone();
    assert_eq!((&entry["trouble"], &entry["serverCount"]), (&json!("FAILED"), &json!(8)));

    let mut acknowledged = entry.clone();
    let until = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48)).to_string();
    acknowledged["acknowledgedUntil"] = json!(until);
    lab.put(&lab.ledger(), &acknowledged).await;
    let details = sync_after(&lab, FIVE_MINUTES).await;
    assert_eq!((&details["complete"], lab.servers().await.len()), (&json!(true), 8));
    assert!(lab.places().await[&place()].get("trouble").is_none());
    let details = sync_after(&lab, 49 * HOUR).await;
    assert_eq!(details["complete"], false, "the acknowledgement has an end");

    let mut approved = lab.places().await[&place()].clone();
    approved["removalApproved"] = json!({ "count": 8, "since": approved["failingSince"] });
    lab.put(&lab.ledger(), &approved).await;
    let details = sync_after(&lab, FIVE_MINUTES).await;
    assert_eq!(
        (&details["serversRemoved"], lab.servers().await.len()),
        (&json!(8), 0),
        "{details}"
    );
    assert_eq!(sync_after(&lab, FIVE_MINUTES).await["complete"], true);
}
