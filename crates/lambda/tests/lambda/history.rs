//! One server, one account, and what happened, from the event to the answer.

use serde_json::{Value, json};
use store::tables::TableKind;

use crate::common::*;

async fn synced(servers: u32) -> Lab {
    let lab = Lab::of(world(servers)).await;
    lab.ask(json!({ "action": "sync_source_server_inventory" })).await;
    lab
}

fn id(number: u32) -> String {
    format!("s-{number:017x}")
}

fn arn(number: u32) -> String {
    format!("arn:aws:drs:eu-west-1:{MEMBER}:source-server/{}", id(number))
}

async fn tell(lab: &Lab, subject: &str, at: &str, kind: &str, extra: Value) {
    let mut entry = json!({ "subject": subject, "at": format!("{at}#0000000{}", kind.len()),
        "day": format!("{}#3", &at[..10]), "kind": kind, "syncId": "sync", "TTL": 1 });
    entry.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    lab.stage.put(TableKind::InventoryChanges, &entry).await;
}

#[tokio::test]
async fn a_server_has_its_row_as_of_and_history() {
    let lab = synced(4).await;
    let state = json!({ "before": { "replicationState": "CONTINUOUS" },
        "after": { "replicationState": "STALLED" } });
    tell(&lab, &arn(1), "2026-11-20T10:00:00.000000+00:00", "changed", state).await;
    tell(&lab, &arn(1), "2026-11-21T10:00:00.000000+00:00", "missing", json!({})).await;
    let encoded = arn(1).replace(':', "%3A").replace('/', "%2F");
    let by_path = |id: &str| v2("GET", &format!("/source-servers/{id}"), json!(null), None);
    let direct = lab.ask(json!({ "operation": "get_source_server", "id": arn(1) })).await;
    for event in [by_path(&id(1)), by_path(&encoded)] {
        assert_eq!(http(&lab.ask(event).await), (200, direct.clone()));
    }
    assert_eq!(direct["server"]["hostname"], "host-001");
    assert_eq!((&direct["server"]["known"], &direct["complete"]), (&json!(true), &json!(true)));
    assert!(direct["server"]["asOf"].is_string());
    assert_eq!((&direct["count"], &direct["history"][0]["kind"]), (&json!(2), &json!("missing")));
    assert_eq!(direct["history"][1]["after"]["replicationState"], "STALLED");
    assert_eq!(direct["history"][1]["at"], "2026-11-20T10:00:00.000000+00:00");
    let first = json!({ "operation": "get_source_server", "id": arn(1), "limit": 1 });
    let mut next = first.clone();
    next["nextToken"] = lab.ask(first).await["nextToken"].clone();
    assert_eq!(lab.ask(next).await["history"][0]["kind"], "changed");

    let none = lab.ask(by_path(&id(99))).await;
    assert_eq!((http(&none).0, &http(&none).1["error"]), (404, &json!("NOT_FOUND")));
}

#[tokio::test]
async fn an_account_has_its_entry_and_its_regions() {
    let lab = synced(4).await;
    let event = v2("GET", &format!("/accounts/{MEMBER}/status"), json!(null), None);
    let (status, answer) = http(&lab.ask(event).await);
    assert_eq!((status, &answer["count"], &answer["complete"]), (200, &json!(34), &json!(true)));
    assert!(answer["account"]["lastSuccess"].is_string(), "{answer}");
    let regions = answer["regions"].as_array().unwrap();
    let region = regions.iter().find(|it| it["region"] == "us-east-1").unwrap();
    assert_eq!((&region["serverCount"], &region["known"]), (&json!(2), &json!(true)));

    let new = json!({ "accountId": "444444444444" });
    lab.stage.put(TableKind::TargetAccounts, &new).await;
    let ask = |id: &str| json!({ "operation": "get_account_status", "accountId": id });
    let never = lab.ask(ask("444444444444")).await;
    assert_eq!((&never["account"], &never["listed"]), (&Value::Null, &json!(true)), "{never}");
    assert_eq!(never["notKnown"][0]["why"], "NEVER_ASKED");
    assert_eq!(lab.ask(ask("999999999999")).await["error"], "NOT_FOUND");
}

#[tokio::test]
async fn changes_are_filtered_paged_and_folded() {
    let lab = synced(4).await;
    let ask = |extra: Value| {
        let mut event = json!({ "operation": "get_changes" });
        event.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        event
    };
    let answer = lab.ask(ask(json!({ "kind": "region-first-seen" }))).await;
    assert_eq!(answer["count"], 2, "{answer}");
    assert_eq!((&answer["complete"], &answer["notKnown"]), (&json!(true), &json!([])));
    assert!(answer["lookedBackTo"].is_string());

    let place = format!("{OTHER}/eu-west-1");
    for hour in 1..4 {
        let at = format!("2026-11-20T0{hour}:00:00.000000+00:00");
        tell(&lab, &place, &at, "region-failed", json!({})).await;
    }
    let folded = lab.ask(ask(json!({ "subject": place }))).await;
    assert_eq!((&folded["count"], &folded["changes"][0]["count"]), (&json!(1), &json!(3)));
    assert_eq!(folded["changes"][0]["firstAt"], "2026-11-20T01:00:00.000000+00:00");
    let over_http = json!({ "accountId": OTHER, "kind": "region-failed,missing",
        "since": "2026-11-20", "until": "2026-11-20T02:30:00Z" });
    let (_, some) = http(&lab.ask(v1("GET", "/changes", over_http, None)).await);
    assert_eq!(some["changes"][0]["count"], 2, "{some}");
}

#[tokio::test]
async fn wrong_questions_are_named() {
    let lab = Lab::of(world(0)).await;
    for (parameters, name) in [
        (json!({ "kind": "vanished" }), "found-again"),
        (json!({ "kind": [7] }), "kind"),
        (json!({ "since": "yesterday" }), "since"),
        (json!({ "until": "2026-13-01" }), "until"),
        (json!({ "subject": "" }), "subject"),
        (json!({ "subject": "a", "server": "b" }), "subject"),
        (json!({ "limit": 0 }), "limit"),
        (json!({ "nextToken": "e30" }), "nextToken"),
        (json!({ "account": MEMBER }), "account"),
    ] {
        let mut event = parameters.clone();
        event["operation"] = json!("get_changes");
        let answer = lab.ask(event).await;
        assert_eq!(answer["error"], "INVALID_PARAMETER", "{parameters}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(name), "{answer}");
    }
}
