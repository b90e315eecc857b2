//! Every operation of `query-handler`, with good and with bad input.

use embedded::Fault;
use serde_json::{Value, json};
use store::tables::TableKind;

use crate::common::*;

async fn synced(servers: u32) -> Lab {
    let lab = Lab::of(world(servers)).await;
    let answer = lab.ask(json!({ "action": "sync_source_server_inventory" })).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    lab
}

async fn hosts(lab: &Lab, mut filter: Value) -> Vec<String> {
    filter["operation"] = json!("get_source_server_inventory");
    let answer = lab.ask(filter).await;
    assert!(answer["servers"].is_array(), "{answer}");
    let servers = answer["servers"].as_array().unwrap();
    assert_eq!(answer["count"], servers.len());
    let mut hosts: Vec<String> =
        servers.iter().map(|server| server["hostname"].as_str().unwrap().to_owned()).collect();
    hosts.sort_unstable();
    hosts
}

#[tokio::test]
async fn the_sync_answers_as_the_legacy_function_did_however_it_is_invoked() {
    let lab = Lab::of(world(4)).await;
    let direct = lab.ask(json!({ "operation": "sync_source_server_inventory" })).await;
    let (status, body) = http(&direct);
    assert_eq!((status, &body["totalSynced"], &body["totalErrors"]), (200, &json!(4), &json!(0)));
    assert_eq!(body["details"]["complete"], true);
    assert_eq!(direct["headers"]["X-Frame-Options"], "DENY");
    assert_eq!(direct["headers"]["Access-Control-Allow-Methods"], "GET,POST,PUT,DELETE,OPTIONS");
    let over_http = lab.ask(v2("POST", "/sync", json!(null), None)).await;
    assert_eq!(http(&over_http).1["totalSynced"], 4);
    assert_eq!(lab.rows(TableKind::SourceServerInventory).await.len(), 4);
}

#[tokio::test]
async fn each_filter_alone_and_together() {
    let lab = synced(10).await;
    assert_eq!(hosts(&lab, json!({})).await.len(), 10);
    for (filter, expected) in [
        (json!({ "accountId": MEMBER }), 10),
        (json!({ "accountId": HUB }), 0),
        (json!({ "stagingAccountId": STAGING }), 3),
        (json!({ "region": "us-east-1" }), 5),
        (json!({ "state": "stalled" }), 2),
        (json!({ "hostname": "HOST-00" }), 9),
        (json!({ "tag": { "key": "Tier", "value": "db" } }), 1),
        (json!({ "tag": "Tier=web" }), 9),
        (json!({ "minLagSeconds": 480 }), 3),
        (json!({ "minLagSeconds": "480", "maxLagSeconds": 540 }), 2),
        (json!({ "accountId": MEMBER, "region": "eu-west-1", "state": "STALLED" }), 1),
    ] {
        assert_eq!(hosts(&lab, filter.clone()).await.len(), expected, "{filter}");
    }
}

#[tokio::test]
async fn a_filter_that_an_index_serves_scans_no_server() {
    let lab = synced(10).await;
    let scans = || lab.operations().iter().filter(|operation| *operation == "Scan").count();
    let before = scans();
    for filter in ["accountId", "stagingAccountId", "region"] {
        hosts(&lab, json!({ filter: MEMBER, "state": "STALLED" })).await;
    }
    // The accounts once for all who ask within two seconds, and the regions, which say whether every
    // row was judged.
    assert_eq!(scans(), before + 1 + 1);
}

#[tokio::test]
async fn pages_hold_every_server_once() {
    let lab = synced(23).await;
    for filter in [json!({}), json!({ "accountId": MEMBER }), json!({ "stagingAccountId": MEMBER })]
    {
        let mut all = Vec::new();
        let mut event = filter.clone();
        event["operation"] = json!("get_source_server_inventory");
        event["limit"] = json!(5);
        loop {
            let answer = lab.ask(event.clone()).await;
            let page = answer["servers"].as_array().unwrap();
            assert!(page.len() <= 5);
            all.extend(page.iter().map(|s| s["sourceServerID"].as_str().unwrap().to_owned()));
            let Some(next) = answer.get("nextToken") else { break };
            assert_eq!(page.len(), 5);
            event["nextToken"] = next.clone();
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        let expected = if filter.get("stagingAccountId").is_some() { 16 } else { 23 };
        assert_eq!((count, all.len()), (expected, expected), "{filter}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_of_these_filters_is_refused() {
    let lab = synced(10).await;
    let mut event =
        json!({ "operation": "get_source_server_inventory", "limit": 2, "accountId": MEMBER });
    let token = lab.ask(event.clone()).await["nextToken"].as_str().unwrap().to_owned();
    event["accountId"] = json!(HUB);
    for token in [token.as_str(), "", "not base64!", "bm8ganNvbg", "e30", &"A".repeat(100_000)] {
        event["nextToken"] = json!(token);
        let answer = lab.ask(event.clone()).await;
        assert_eq!(answer["error"], "INVALID_PARAMETER", "{answer}");
        assert!(answer["message"].as_str().unwrap().contains("nextToken"));
    }
}

#[tokio::test]
async fn regions_accounts_identity_and_health() {
    let lab = synced(4).await;
    let all = lab.ask(json!({ "operation": "get_region_status" })).await;
    assert_eq!(all["count"], 34);
    let one = json!({ "operation": "get_region_status", "region": "us-east-1" });
    let one = lab.ask(one).await;
    assert_eq!((&one["count"], &one["regions"][0]["serverCount"]), (&json!(1), &json!(2)));

    let accounts = lab.ask(json!({ "operation": "get_target_accounts" })).await;
    assert_eq!(accounts["accounts"][0]["accountId"], MEMBER);
    assert_eq!(accounts["accounts"][0]["hasExternalId"], true);
    assert!(!accounts.to_string().contains("the-external-id"), "{accounts}");

    let identity = lab.ask(json!({ "operation": "get_current_account_id" })).await;
    assert_eq!(identity, json!({ "accountId": HUB }));
    let health = lab.ask(json!({ "operation": "health" })).await;
    assert_eq!(
        (&health["status"], &health["implementation"]),
        (&json!("healthy"), &json!("refactored"))
    );
}

/// Whatever the row looks like, the answer says whether there is an external id, and not which.
#[tokio::test]
async fn of_external_ids_only_whether_there_is_one_is_shown() {
    let lab = Lab::of(world(0)).await;
    let secret = "external-id-of-the-row";
    let member = json!({ "accountId": STAGING, "externalId": secret });
    for (row, has) in [
        (json!({ "externalId": secret }), true),
        (json!({ "externalId": "" }), false),
        (json!({ "externalId": null }), false),
        (json!({ "externalId": 4_711_471_147_114_711_u64 }), false),
        (json!({ "externalId": { "value": secret } }), false),
        (json!({}), false),
        (json!({ "stagingAccounts": member }), false),
        (json!({ "stagingAccounts": { "first": member } }), false),
        (json!({ "stagingAccounts": [[member]] }), false),
        (json!({ "stagingAccounts": member.to_string() }), false),
        (json!({ "stagingAccounts": [member.to_string()] }), false),
        (json!({ "notes": [{ "EXTERNAL_ID": secret, "externalId": secret }] }), false),
    ] {
        let mut item = row.clone();
        item["accountId"] = json!(MEMBER);
        lab.stage.put(TableKind::TargetAccounts, &item).await;
        let answer = lab.ask(json!({ "operation": "get_target_accounts" })).await;
        assert_eq!(answer["accounts"][0]["hasExternalId"], has, "{row}: {answer}");
        let text = answer.to_string();
        assert!(!text.contains(secret) && !text.contains("4711"), "{row}: {answer}");
    }
    let members = json!([{ "accountId": STAGING, "externalId": secret }, { "externalId": "" }]);
    let row = json!({ "accountId": MEMBER, "stagingAccounts": members });
    lab.stage.put(TableKind::TargetAccounts, &row).await;
    let answer = lab.ask(json!({ "operation": "get_target_accounts" })).await;
    let members = &answer["accounts"][0]["stagingAccounts"];
    assert_eq!(members[0]["accountId"], STAGING);
    assert_eq!(
        (&members[0]["hasExternalId"], &members[1]["hasExternalId"]),
        (&json!(true), &json!(false))
    );
}

/// Both functions list groups and plans; the order is the same, whatever the case of letters.
#[tokio::test]
async fn lists_are_sorted_by_one_rule() {
    let lab = Lab::of(world(0)).await;
    for (id, name) in [("1", "b"), ("2", "C"), ("3", "a"), ("4", "B")] {
        let group = json!({ "groupId": id, "groupName": name });
        lab.stage.put(TableKind::ProtectionGroups, &group).await;
        let plan = json!({ "planId": id, "planName": name });
        lab.stage.put(TableKind::RecoveryPlans, &plan).await;
        let server = json!({ "sourceServerArn": id, "stagingAccountId": MEMBER, "hostname": name });
        lab.stage.put(TableKind::SourceServerInventory, &server).await;
    }
    for (list, key) in [("groups", "groupId"), ("plans", "planId")] {
        let name = if list == "groups" { "protection_groups" } else { "recovery_plans" };
        let read = lab.ask(json!({ "operation": format!("get_{name}") })).await;
        let managed = lab.change(json!({ "operation": format!("list_{name}") })).await;
        for answer in [read, managed] {
            let rows = answer[list].as_array().unwrap();
            let ids: Vec<_> = rows.iter().map(|row| row[key].as_str().unwrap()).collect();
            assert_eq!(ids, ["3", "1", "4", "2"], "{answer}");
        }
    }
}

#[tokio::test]
async fn groups_and_plans_are_read_all_or_one() {
    let lab = Lab::of(world(0)).await;
    lab.stage
        .put(TableKind::ProtectionGroups, &json!({ "groupId": "g-1", "groupName": "b" }))
        .await;
    lab.stage
        .put(TableKind::ProtectionGroups, &json!({ "groupId": "g-2", "groupName": "a" }))
        .await;
    lab.stage.put(TableKind::RecoveryPlans, &json!({ "planId": "p-1", "planName": "all" })).await;
    let groups = lab.ask(json!({ "operation": "get_protection_groups" })).await;
    assert_eq!((&groups["groups"][0]["groupId"], &groups["count"]), (&json!("g-2"), &json!(2)));
    let one = lab.ask(v1("GET", "/protection-groups/g-1", json!(null), None)).await;
    assert_eq!(http(&one).1["groups"][0]["groupName"], "b");
    let plans = lab.ask(json!({ "operation": "get_recovery_plans", "planId": "p-1" })).await;
    assert_eq!(plans["plans"][0]["planName"], "all");
    let none = lab.ask(v1("GET", "/recovery-plans/p-2", json!(null), None)).await;
    assert_eq!((http(&none).0, &http(&none).1["error"]), (404, &json!("NOT_FOUND")));
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let lab = Lab::of(world(1)).await;
    for (operation, parameters, name) in [
        ("get_source_server_inventory", json!({ "limit": 0 }), "limit"),
        ("get_source_server_inventory", json!({ "limit": 1001 }), "limit"),
        ("get_source_server_inventory", json!({ "limit": -1 }), "limit"),
        ("get_source_server_inventory", json!({ "limit": "many" }), "limit"),
        ("get_source_server_inventory", json!({ "limit": [1] }), "limit"),
        ("get_source_server_inventory", json!({ "accountId": 222 }), "accountId"),
        ("get_source_server_inventory", json!({ "region": "" }), "region"),
        ("get_source_server_inventory", json!({ "tag": "no-equals-sign" }), "tag"),
        ("get_source_server_inventory", json!({ "tag": { "key": "x" } }), "tag"),
        ("get_source_server_inventory", json!({ "acountId": MEMBER }), "acountId"),
        ("get_source_server_inventory", json!({ "nextToken": {} }), "nextToken"),
        ("get_region_status", json!({ "region": ["us-east-1"] }), "region"),
        ("get_target_accounts", json!({ "all": true }), "all"),
        ("get_protection_groups", json!({ "groupId": 7 }), "groupId"),
        ("get_recovery_plans", json!({ "planId": null, "x": 1 }), "x"),
        ("get_current_account_id", json!({ "x": 1 }), "x"),
        ("health", json!({ "x": 1 }), "x"),
        ("sync_source_server_inventory", json!({ "dryRun": true }), "dryRun"),
    ] {
        let mut event = parameters.clone();
        event["operation"] = json!(operation);
        let answer = lab.ask(event).await;
        assert_eq!(answer["error"], "INVALID_PARAMETER", "{operation} {parameters}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(name), "{answer}");
    }
    assert!(lab.stage.sim.calls().is_empty());
}

#[tokio::test]
async fn a_variable_that_is_missing_fails_what_needs_it_and_is_named() {
    let lab = Lab::with(world(1), &[("DRS_REGION_STATUS_TABLE", "")]).await;
    let answer = lab.ask(json!({ "operation": "get_region_status" })).await;
    assert_eq!(answer["error"], "INTERNAL_ERROR");
    assert!(answer["message"].as_str().unwrap().contains("DRS_REGION_STATUS_TABLE"), "{answer}");
    let servers = lab.ask(json!({ "operation": "get_source_server_inventory" })).await;
    assert_eq!(servers["count"], 0);
    let health = lab.ask(json!({ "operation": "health" })).await;
    assert_eq!(health["status"], "unhealthy");
    assert!(health["problems"].to_string().contains("DRS_REGION_STATUS_TABLE"), "{health}");

    let flag = ("USE_REFACTORED_INVENTORY_SYNC", "maybe");
    let lab = Lab::with(world(1), &[flag]).await;
    let answer = lab.ask(json!({ "operation": "sync_source_server_inventory" })).await;
    assert_eq!(answer["error"], "INTERNAL_ERROR");
    assert!(answer["message"].as_str().unwrap().contains(flag.0), "{answer}");
}

#[tokio::test]
async fn the_legacy_sync_answers_as_it_did() {
    let legacy = ("USE_REFACTORED_INVENTORY_SYNC", "false");
    let lab = Lab::with(world(3), &[legacy]).await;
    let (status, body) = http(&lab.ask(json!({ "action": "sync_source_server_inventory" })).await);
    let mut keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    keys.sort_unstable();
    assert_eq!(
        (status, format!("{keys:?}").as_str()),
        (200, r#"["message", "timestamp", "totalErrors", "totalSynced"]"#)
    );

    let lab = Lab::with(world(3), &[legacy, ("SOURCE_SERVER_INVENTORY_TABLE", "")]).await;
    let answer = lab.ask(json!({ "action": "sync_source_server_inventory" })).await;
    let expected = json!({ "error": "SOURCE_SERVER_INVENTORY_TABLE not configured" });
    assert_eq!(http(&answer), (500, expected));

    let mut broken = world(1);
    broken["targetAccounts"][0]["stagingAccounts"] = Value::Null;
    let lab = Lab::with(broken, &[legacy]).await;
    let answer = lab.ask(json!({ "action": "sync_source_server_inventory" })).await;
    assert_eq!(answer["error"], "INTERNAL_ERROR");
    assert!(answer["message"].as_str().unwrap().starts_with("Operation failed: "), "{answer}");
}

#[tokio::test]
async fn errors_of_services_say_whether_a_retry_helps() {
    for (code, status, error, retryable) in [
        ("AccessDeniedException", 400, "AUTHORIZATION_FAILED", false),
        ("ResourceNotFoundException", 400, "DYNAMODB_ERROR", false),
        ("InternalServerError", 500, "DYNAMODB_ERROR", true),
    ] {
        let lab = Lab::of(world(1)).await;
        let operation = "Scan";
        lab.stage.store.inject(Fault::Error { operation, count: 20, status, code });
        let answer = lab.ask(v2("GET", "/target-accounts", json!(null), None)).await;
        let body = http(&answer).1;
        assert_eq!(
            (&body["error"], &body["retryable"]),
            (&json!(error), &json!(retryable)),
            "{body}"
        );
        assert!(body["message"].as_str().unwrap().contains("target-accounts"), "{body}");
        assert_eq!(answer["headers"].get("Retry-After").is_some(), retryable);
    }
}

/// The lock of another sync, which ends in so many seconds.
fn held_for(seconds: i64) -> Value {
    let ends = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    json!({ "accountId": "#sync", "region": "#lock", "owner": "another",
        "since": "2026-11-23T10:00:00Z", "expiresAt": sync::time::iso(ends) })
}

#[tokio::test]
async fn one_sync_at_a_time() {
    let lab = Lab::of(world(2)).await;
    lab.stage.put(TableKind::AccountRegionStatus, &held_for(60)).await;
    let busy = lab.ask(json!({ "operation": "sync_source_server_inventory" })).await;
    assert_eq!((&busy["error"], &busy["retryable"]), (&json!("INVALID_STATE"), &json!(true)));
    assert!(busy["message"].as_str().unwrap().contains("2026-11-23T10:00:00Z"), "{busy}");
    assert!((50..=60).contains(&busy["retryAfter"].as_u64().unwrap()));
    assert!(lab.stage.sim.calls().is_empty());

    lab.stage.put(TableKind::AccountRegionStatus, &held_for(-1)).await;
    let answer = lab.ask(json!({ "operation": "sync_source_server_inventory" })).await;
    assert_eq!(answer["statusCode"], 200, "the lease of the other sync has ended");
    let entries = lab.stage.rows(TableKind::AccountRegionStatus).await;
    let lock = entries.iter().find(|entry| entry["region"] == "#lock").unwrap();
    assert!(lock.get("owner").is_none() && lock.get("expiresAt").is_none(), "{lock}");
    let again = lab.ask(json!({ "operation": "sync_source_server_inventory" })).await;
    assert_eq!(again["statusCode"], 200, "the lock was given back");
}

#[tokio::test]
async fn the_end_of_a_sync_says_what_it_came_to() {
    let lab = Lab::of(world(3)).await;
    let started = jiff::Timestamp::now().to_string();
    for account in [MEMBER, STAGING] {
        lab.ask(json!({ "operation": "sync_account", "accountId": account })).await;
    }
    let event = json!({ "operation": "finish_sync", "startedAt": started });
    let finished = lab.ask(event).await;
    for (name, expected) in [
        ("complete", json!(true)),
        ("accounts", json!(2)),
        ("accountsWithoutAnswer", json!(0)),
        ("placesFailed", json!(0)),
        ("servers", json!(3)),
        ("missing", json!(0)),
        ("removalsHeld", json!(0)),
        ("notKnown", json!([])),
    ] {
        assert_eq!(finished[name], expected, "{name}: {finished}");
    }
    let over_http =
        lab.ask(v2("POST", "/finish-sync", json!(null), Some(r#"{"accountsIncomplete":1}"#))).await;
    assert_eq!(http(&over_http).1["complete"], false);

    for wrong in [
        json!({ "startedAt": "yesterday" }),
        json!({ "startedAt": "2999-01-01T00:00:00Z" }),
        json!({ "startedAt": 7 }),
        json!({ "serversRemoved": -1 }),
        json!({ "force": true }),
    ] {
        let mut event = wrong;
        event["operation"] = json!("finish_sync");
        assert_eq!(lab.ask(event.clone()).await["error"], "INVALID_PARAMETER", "{event}");
    }
    let (operation, code) = ("BatchGetItem", "AccessDeniedException");
    lab.stage.store.inject(Fault::Error { operation, count: 1, status: 400, code });
    let denied = lab.ask(json!({ "operation": "finish_sync" })).await;
    assert_eq!(denied["error"], "AUTHORIZATION_FAILED", "{denied}");
    let lab = Lab::with(world(1), &[("USE_REFACTORED_INVENTORY_SYNC", "false")]).await;
    assert_eq!(lab.ask(json!({ "operation": "finish_sync" })).await["error"], "INVALID_STATE");
}

#[tokio::test]
async fn a_sync_goes_on_where_its_lock_cannot_be_taken() {
    let lab = Lab::of(world(2)).await;
    let (operation, code) = ("UpdateItem", "AccessDeniedException");
    lab.stage.store.inject(Fault::Error { operation, count: 1, status: 400, code });
    let (_, body) = http(&lab.ask(json!({ "operation": "sync_source_server_inventory" })).await);
    assert_eq!(body["totalSynced"], 2);
}

#[tokio::test]
async fn one_account_is_synced_on_its_own_also_while_another_sync_runs() {
    let lab = Lab::of(world(3)).await;
    lab.stage.put(TableKind::AccountRegionStatus, &held_for(60)).await;
    let one = json!({ "operation": "sync_account", "accountId": MEMBER });
    let (_, body) = http(&lab.ask(one).await);
    assert_eq!((&body["totalSynced"], &body["details"]["accountsAsked"]), (&json!(3), &json!(1)));
    let over_http = lab.ask(v2("POST", &format!("/sync/{STAGING}"), json!(null), None)).await;
    assert_eq!(http(&over_http).1["totalSynced"], 0);

    let unknown = lab.ask(json!({ "operation": "sync_account", "accountId": HUB })).await;
    assert_eq!(unknown["error"], "NOT_FOUND");
    for (parameters, error) in [
        (json!({}), "MISSING_PARAMETER"),
        (json!({ "accountId": 7 }), "INVALID_PARAMETER"),
        (json!({ "accountId": MEMBER, "force": true }), "INVALID_PARAMETER"),
        (json!({ "accountId": "../x" }), "NOT_FOUND"),
    ] {
        let mut event = parameters;
        event["operation"] = json!("sync_account");
        assert_eq!(lab.ask(event).await["error"], error);
    }
    let lab = Lab::with(world(1), &[("USE_REFACTORED_INVENTORY_SYNC", "false")]).await;
    let legacy = lab.ask(json!({ "operation": "sync_account", "accountId": MEMBER })).await;
    assert_eq!(legacy["error"], "INVALID_STATE");
}

#[tokio::test]
async fn every_account_that_can_be_synced_on_its_own_is_listed_once() {
    let lab = Lab::of(world(1)).await;
    let listed = lab.ask(json!({ "operation": "list_account_ids" })).await;
    assert_eq!(listed, json!({ "accountIds": [MEMBER, STAGING], "count": 2 }));
    let wrong = json!({ "accountId": "22", "stagingAccounts": [{ "accountId": MEMBER }] });
    lab.stage.put(TableKind::TargetAccounts, &wrong).await;
    let over_http = lab.ask(v2("GET", "/account-ids", json!(null), None)).await;
    assert_eq!(http(&over_http).1["accountIds"], json!(["22", MEMBER, STAGING]));
    let answer = lab.ask(json!({ "operation": "sync_account", "accountId": "22" })).await;
    assert_eq!(http(&answer).1["details"]["accountsSkipped"][0]["account"], "22");

    let with_more = json!({ "operation": "list_account_ids", "limit": 5 });
    assert_eq!(lab.ask(with_more).await["error"], "INVALID_PARAMETER");
    let (operation, code) = ("Scan", "AccessDeniedException");
    lab.stage.store.inject(Fault::Error { operation, count: 1, status: 400, code });
    let denied = lab.ask(json!({ "operation": "list_account_ids" })).await;
    assert!(denied["error"].is_string(), "{denied}");
}

#[tokio::test]
async fn an_account_with_many_failures_answers_what_a_state_machine_can_take() {
    let lab = Lab::of(world(150)).await;
    let (operation, code) = ("BatchWriteItem", "ValidationException");
    lab.stage.store.inject(Fault::Error { operation, count: 10_000, status: 400, code });
    let one = json!({ "operation": "sync_account", "accountId": MEMBER });
    let answer = lab.ask(one).await;
    let (_, body) = http(&answer);
    let total = body["totalErrors"].as_u64().unwrap();
    assert!(total > 100, "{total}");
    assert_eq!(body["details"]["failed"].as_array().unwrap().len(), 100);
    assert_eq!(body["details"]["failedLeftOut"], total - 100);
    assert!(answer.to_string().len() < 256 * 1024);
}

#[tokio::test]
async fn a_sync_ends_before_lambda_ends_it() {
    let mut slow = world(2);
    slow["accounts"][MEMBER]["drs"]["eu-west-2"] = json!({ "fault": { "connection": "hang" } });
    let lab = Lab::of(slow).await;
    let deadline = std::time::SystemTime::now() + std::time::Duration::from_secs(4);
    let call = lambda::runtime::Invocation { deadline: Some(deadline), ..call() };
    let event = json!({ "operation": "sync_source_server_inventory" });
    use lambda::runtime::Handler;
    let (_, body) = http(&lab.query.handle(event, &call).await);
    assert!(std::time::SystemTime::now() < deadline);
    assert_eq!((&body["totalSynced"], &body["details"]["complete"]), (&json!(2), &json!(false)));
    assert_eq!(body["details"]["failed"][0]["code"], "SyncDeadlineReached");
}
