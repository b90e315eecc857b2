//! Protection groups and recovery plans, from the event to the row.

use serde_json::{Value, json};
use store::tables::TableKind;

use crate::common::*;

/// Ten servers in the inventory: odd ones in eu-west-1, even ones in us-east-1, number 7 a database.
async fn lab() -> Lab {
    let lab = Lab::of(world(10)).await;
    lab.ask(json!({ "operation": "sync_source_server_inventory" })).await;
    lab
}

fn id(number: u32) -> String {
    format!("s-{number:017x}")
}

async fn change(lab: &Lab, operation: &str, mut parameters: Value) -> Value {
    parameters["operation"] = json!(operation);
    lab.change(parameters).await
}

fn named(name: &str, servers: &[u32]) -> Value {
    let ids: Vec<String> = servers.iter().map(|number| id(*number)).collect();
    json!({ "groupName": name, "region": "eu-west-1", "sourceServerIds": ids })
}

async fn group(lab: &Lab, name: &str, servers: &[u32]) -> String {
    let group = change(lab, "create_protection_group", named(name, servers)).await;
    group["groupId"].as_str().unwrap().to_owned()
}

fn plan(name: &str, waves: &[&[&str]]) -> Value {
    let waves = waves.iter().enumerate().map(
        |(n, groups)| json!({ "waveName": format!("wave {n}"), "protectionGroupIds": groups }),
    );
    json!({ "planName": name, "waves": waves.collect::<Vec<_>>() })
}

#[tokio::test]
async fn a_group_names_servers_and_shows_them() {
    let lab = lab().await;
    let created = change(&lab, "create_protection_group", named("web", &[1, 3])).await;
    assert_eq!((&created["groupName"], &created["version"]), (&json!("web"), &json!(1)));
    let group_id = created["groupId"].as_str().unwrap();
    let got = change(&lab, "get_protection_group", json!({ "groupId": group_id })).await;
    let hosts: Vec<&Value> =
        got["servers"].as_array().unwrap().iter().map(|s| &s["hostname"]).collect();
    assert_eq!(
        (hosts, &got["missing"]),
        (vec![&json!("host-001"), &json!("host-003")], &json!([]))
    );
    let read = lab.ask(json!({ "operation": "get_protection_groups", "groupId": group_id })).await;
    assert_eq!(read["groups"][0]["sourceServerIds"], json!([id(1), id(3)]));
}

#[tokio::test]
async fn a_group_selects_servers_by_tags_as_they_are_now() {
    let lab = lab().await;
    let by_tag = json!({ "groupName": "db", "region": "eu-west-1", "accountId": MEMBER,
        "serverSelectionTags": { "Tier": "db" } });
    let group_id = change(&lab, "create_protection_group", by_tag).await["groupId"].clone();
    let got = change(&lab, "get_protection_group", json!({ "groupId": group_id })).await;
    assert_eq!(got["servers"].as_array().unwrap().len(), 1);
    assert_eq!(got["servers"][0]["hostname"], "host-007");
    let web =
        json!({ "groupId": group_id, "serverSelectionTags": { "Tier": "web" }, "version": 1 });
    assert_eq!(change(&lab, "update_protection_group", web).await["version"], 2);
    let got = change(&lab, "get_protection_group", json!({ "groupId": group_id })).await;
    assert_eq!(got["servers"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn wrong_groups_are_refused_by_name() {
    let lab = lab().await;
    group(&lab, "Web", &[1]).await;
    for (parameters, error, name) in [
        (
            json!({ "region": "eu-west-1", "sourceServerIds": [id(1)] }),
            "MISSING_PARAMETER",
            "groupName",
        ),
        (json!({ "groupName": "x", "sourceServerIds": [id(1)] }), "MISSING_PARAMETER", "region"),
        (named("web", &[1]), "ALREADY_EXISTS", "web"),
        (named("", &[1]), "INVALID_PARAMETER", "groupName"),
        (named("a\u{1b}[2J", &[1]), "INVALID_PARAMETER", "groupName"),
        (named(&"x".repeat(10_000), &[1]), "INVALID_PARAMETER", "groupName"),
        (named("none", &[]), "INVALID_PARAMETER", "sourceServerIds"),
        (named("twice", &[1, 1]), "INVALID_PARAMETER", "sourceServerIds"),
        (named("elsewhere", &[1, 2]), "INVALID_PARAMETER", &id(2)),
        (named("unknown", &[99]), "INVALID_PARAMETER", &id(99)),
        (
            json!({ "groupName": "x", "region": "nowhere", "sourceServerIds": [id(1)] }),
            "INVALID_PARAMETER",
            "region",
        ),
        (
            json!({ "groupName": "x", "region": "eu-west-1" }),
            "INVALID_PARAMETER",
            "serverSelectionTags",
        ),
        (
            json!({ "groupName": "x", "region": "eu-west-1", "sourceServerIds": "s-1" }),
            "INVALID_PARAMETER",
            "sourceServerIds",
        ),
        (
            json!({ "groupName": "x", "region": "eu-west-1", "sourceServerIds": ["s-1"] }),
            "INVALID_PARAMETER",
            "hexadecimal",
        ),
        (
            json!({ "groupName": "x", "region": "eu-west-1", "serverSelectionTags": {} }),
            "INVALID_PARAMETER",
            "serverSelectionTags",
        ),
        (
            json!({ "groupName": "x", "region": "eu-west-1", "serverSelectionTags": { "a": 1 } }),
            "INVALID_PARAMETER",
            "serverSelectionTags",
        ),
        (
            json!({ "groupName": "x", "region": "eu-west-1", "accountId": "7", "sourceServerIds": [id(1)] }),
            "INVALID_PARAMETER",
            "accountId",
        ),
        (
            json!({ "groupName": "x", "region": "eu-west-1", "servers": [] }),
            "INVALID_PARAMETER",
            "servers",
        ),
    ] {
        let answer = change(&lab, "create_protection_group", parameters.clone()).await;
        assert_eq!(answer["error"], error, "{parameters}: {answer}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(name) && message.len() < 1000, "{answer}");
    }
    assert_eq!(lab.rows(TableKind::ProtectionGroups).await.len(), 1);
}

#[tokio::test]
async fn an_update_keeps_what_is_not_known_and_refuses_an_old_version() {
    let lab = lab().await;
    let group_id = group(&lab, "web", &[1]).await;
    let mut row = lab.rows(TableKind::ProtectionGroups).await.remove(&group_id).unwrap();
    row["owner"] = json!("team-a");
    lab.stage.put(TableKind::ProtectionGroups, &row).await;
    let update = json!({ "groupId": group_id, "description": "front ends", "version": 1 });
    let updated = change(&lab, "update_protection_group", update.clone()).await;
    assert_eq!((&updated["version"], &updated["description"]), (&json!(2), &json!("front ends")));
    let row = lab.rows(TableKind::ProtectionGroups).await.remove(&group_id).unwrap();
    assert_eq!((&row["owner"], &row["groupName"]), (&json!("team-a"), &json!("web")));
    let old = change(&lab, "update_protection_group", update).await;
    assert_eq!((&old["error"], &old["retryable"]), (&json!("INVALID_STATE"), &json!(true)));
    let none = json!({ "groupId": group_id, "description": null });
    assert!(change(&lab, "update_protection_group", none).await.get("description").is_none());
}

#[tokio::test]
async fn of_two_writers_at_once_none_is_overwritten() {
    let lab = lab().await;
    let group_id = group(&lab, "web", &[1]).await;
    let writers = (0..8).map(|n| {
        let update = json!({ "groupId": group_id, "description": format!("by {n}") });
        change(&lab, "update_protection_group", update)
    });
    let answers = futures::future::join_all(writers).await;
    let written = answers.iter().filter(|answer| answer.get("error").is_none()).count() as u64;
    assert!(answers.iter().all(|a| a.get("error").is_none_or(|error| error == "INVALID_STATE")));
    let row = lab.rows(TableKind::ProtectionGroups).await.remove(&group_id).unwrap();
    assert_eq!(row["version"], 1 + written, "{answers:?}");
}

#[tokio::test]
async fn plans_order_groups_in_waves_and_refuse_unknown_ones() {
    let lab = lab().await;
    let (web, db) = (group(&lab, "web", &[1, 3]).await, group(&lab, "db", &[7]).await);
    let created = change(&lab, "create_recovery_plan", plan("all", &[&[&db], &[&web]])).await;
    assert_eq!(created["waves"][1]["waveNumber"], 2);
    assert_eq!(created["waves"][1]["protectionGroupIds"], json!([web]));
    let plan_id = created["planId"].as_str().unwrap();
    for (parameters, error, name) in [
        (plan("all", &[&[&db]]), "ALREADY_EXISTS", "all"),
        (plan("x", &[]), "INVALID_PARAMETER", "waves"),
        (plan("x", &[&[]]), "INVALID_PARAMETER", "protectionGroupIds"),
        (plan("x", &[&["pg-unknown"]]), "INVALID_PARAMETER", "pg-unknown"),
        (plan("x", &[&[""]]), "INVALID_PARAMETER", "protectionGroupIds"),
        (plan("x", &[&[&db], &[&db]]), "INVALID_PARAMETER", &db),
        (json!({ "planName": "x" }), "MISSING_PARAMETER", "waves"),
        (json!({ "planName": "x", "waves": {} }), "INVALID_PARAMETER", "waves"),
        (
            json!({ "planName": "x", "waves": [{ "waveName": "w" }] }),
            "MISSING_PARAMETER",
            "protectionGroupIds",
        ),
    ] {
        let answer = change(&lab, "create_recovery_plan", parameters.clone()).await;
        assert_eq!(answer["error"], error, "{parameters}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(name), "{answer}");
    }
    let in_use = change(&lab, "delete_protection_group", json!({ "groupId": db })).await;
    assert_eq!(in_use["error"], "INVALID_STATE");
    assert!(in_use["message"].as_str().unwrap().contains("all"), "{in_use}");

    let mut update = plan("everything", &[&[&web]]);
    update["planId"] = json!(plan_id);
    let updated = change(&lab, "update_recovery_plan", update).await;
    assert_eq!((&updated["planName"], &updated["version"]), (&json!("everything"), &json!(2)));
    assert_eq!(
        change(&lab, "delete_protection_group", json!({ "groupId": db })).await,
        json!({ "groupId": db })
    );
    let got = change(&lab, "get_recovery_plan", json!({ "planId": plan_id })).await;
    assert_eq!(got["waves"].as_array().unwrap().len(), 1);
    let deleted = change(&lab, "delete_recovery_plan", json!({ "planId": plan_id })).await;
    assert_eq!(deleted, json!({ "planId": plan_id }));
    assert_eq!(change(&lab, "list_recovery_plans", json!({})).await["count"], 0);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let lab = lab().await;
    for (operation, id) in [
        ("get_protection_group", "groupId"),
        ("update_protection_group", "groupId"),
        ("delete_protection_group", "groupId"),
        ("get_recovery_plan", "planId"),
        ("update_recovery_plan", "planId"),
        ("delete_recovery_plan", "planId"),
    ] {
        for value in ["", "nobody", "\u{0}", &"x".repeat(3000)] {
            let answer = change(&lab, operation, json!({ id: value })).await;
            assert_eq!(answer["error"], "NOT_FOUND", "{operation} {answer}");
        }
        let answer = change(&lab, operation, json!({ id: 7 })).await;
        assert_eq!(answer["error"], "INVALID_PARAMETER", "{operation} {answer}");
        assert_eq!(change(&lab, operation, json!({})).await["error"], "MISSING_PARAMETER");
    }
}

#[tokio::test]
async fn the_same_over_http() {
    let lab = lab().await;
    let body = named("web", &[1]).to_string();
    let (status, group) =
        http(&lab.change(v2("POST", "/protection-groups", json!(null), Some(&body))).await);
    assert_eq!(status, 201, "{group}");
    let path = format!("/protection-groups/{}", group["groupId"].as_str().unwrap());
    let (status, got) = http(&lab.change(v1("GET", &path, json!(null), None)).await);
    assert_eq!((status, got["servers"].as_array().unwrap().len()), (200, 1));
    let (status, _) =
        http(&lab.change(v1("PUT", &path, json!(null), Some("{\"description\":\"d\"}"))).await);
    assert_eq!(status, 200);
    let (_, list) = http(&lab.change(v2("GET", "/protection-groups", json!(null), None)).await);
    assert_eq!(list["groups"][0]["description"], "d");
    assert_eq!(http(&lab.change(v2("DELETE", &path, json!(null), None)).await).0, 200);
    assert_eq!(http(&lab.change(v2("GET", &path, json!(null), None)).await).0, 404);
}
