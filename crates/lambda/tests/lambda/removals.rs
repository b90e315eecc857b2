//! Approving removals and acknowledging regions, from the event to the entry.

use serde_json::{Value, json};
use store::tables::TableKind;

use crate::common::*;

const SINCE: &str = "2026-11-24T00:00:00.000000+00:00";

async fn held() -> Lab {
    let lab = Lab::of(world(0)).await;
    let entry = json!({ "accountId": MEMBER, "region": "us-east-1", "status": "ACTIVE",
        "trouble": "HELD", "removalHeld": { "count": 12, "since": SINCE } });
    lab.stage.put(TableKind::AccountRegionStatus, &entry).await;
    lab
}

async fn approved(lab: &Lab) -> Value {
    let entries = lab.stage.rows(TableKind::AccountRegionStatus).await;
    let entry = entries.into_iter().find(|entry| entry["region"] == "us-east-1");
    entry.unwrap()["removalApproved"].clone()
}

#[tokio::test]
async fn an_approval_is_of_what_was_seen() {
    let lab = held().await;
    let regions = lab.ask(json!({ "operation": "get_region_status" })).await;
    let waiting = &regions["removalsHeld"][0];
    assert_eq!((&waiting["count"], &waiting["because"]), (&json!(12), &json!("TOO_MANY")));
    let approve = |count: u64| json!({ "accountId": MEMBER, "region": "us-east-1", "count": count, "since": SINCE });
    let body = approve(11).to_string();
    let refused = lab.change(v2("POST", "/removals/approve", json!(null), Some(&body))).await;
    let (status, refused) = http(&refused);
    assert_eq!((status, &refused["error"]), (409, &json!("INVALID_STATE")));
    assert_eq!(refused["details"], json!({ "count": 12, "since": SINCE }));
    assert_eq!(approved(&lab).await, Value::Null);
    let mut event = approve(12);
    event["operation"] = json!("approve_removal");
    assert_eq!(lab.change(event).await, approve(12));
    assert_eq!(approved(&lab).await, json!({ "count": 12, "since": SINCE }));
    let whole =
        json!({ "operation": "approve_removal", "installation": true, "count": 1, "since": SINCE });
    assert_eq!(lab.change(whole).await["error"], "NOT_FOUND");
}

#[tokio::test]
async fn a_region_is_acknowledged() {
    let lab = held().await;
    let path = format!("/accounts/{MEMBER}/regions/us-east-1/acknowledge");
    let body = json!({ "until": "2099-01-31", "because": "left Virginia" }).to_string();
    let (status, answer) = http(&lab.change(v1("POST", &path, json!(null), Some(&body))).await);
    assert_eq!((status, &answer["until"]), (200, &json!("2099-01-31T00:00:00.000000+00:00")));
    let elsewhere = format!("/accounts/{MEMBER}/regions/eu-west-1/acknowledge");
    let answer = lab.change(v1("POST", &elsewhere, json!(null), Some(&body))).await;
    assert_eq!(http(&answer).0, 404);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let lab = held().await;
    for (operation, parameters, code, name) in [
        ("approve_removal", json!({ "count": 1 }), "MISSING_PARAMETER", "since"),
        ("approve_removal", json!({ "since": SINCE }), "MISSING_PARAMETER", "count"),
        (
            "approve_removal",
            json!({ "count": 1, "since": SINCE }),
            "INVALID_PARAMETER",
            "accountId",
        ),
        (
            "approve_removal",
            json!({ "accountId": MEMBER, "region": "us-east-1", "installation": true, "count": 1, "since": SINCE }),
            "INVALID_PARAMETER",
            "installation",
        ),
        (
            "acknowledge_region",
            json!({ "accountId": MEMBER, "region": "us-east-1", "because": "x" }),
            "MISSING_PARAMETER",
            "until",
        ),
        (
            "acknowledge_region",
            json!({ "accountId": MEMBER, "region": "us-east-1", "because": "x", "until": "soon" }),
            "INVALID_PARAMETER",
            "until",
        ),
        (
            "acknowledge_region",
            json!({ "accountId": MEMBER, "region": "us-east-1", "because": "x", "until": "2020-01-01" }),
            "INVALID_PARAMETER",
            "until",
        ),
    ] {
        let mut event = parameters.clone();
        event["operation"] = json!(operation);
        let answer = lab.change(event).await;
        assert_eq!(answer["error"], code, "{parameters}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(name), "{answer}");
    }
}
