//! What nothing protects, and what need not be, from the event to the entry.

use serde_json::{Value, json};
use store::tables::TableKind;

use crate::common::*;

const WHAT: &str = "tag:Environment=test";

async fn found() -> Lab {
    let lab = Lab::of(world(0)).await;
    let account = json!({ "accountId": MEMBER, "region": "#account" });
    let entry = json!({ "accountId": MEMBER, "region": "#unprotected/us-east-1", "count": 1,
        "asOf": "2999-01-01T00:00:00+00:00", "isCertain": true, "excluded": 2,
        "instances": [{ "instanceId": "i-1", "name": "reports", "state": "running" }] });
    for entry in [account, entry] {
        lab.stage.put(TableKind::AccountRegionStatus, &entry).await;
    }
    lab
}

#[tokio::test]
async fn what_was_found_is_listed_and_counted() {
    let lab = found().await;
    let answer = lab.ask(json!({ "operation": "get_unprotected" })).await;
    assert_eq!((&answer["count"], &answer["complete"]), (&json!(1), &json!(true)), "{answer}");
    let instance = &answer["instances"][0];
    assert_eq!(
        (&instance["instanceId"], &instance["region"]),
        (&json!("i-1"), &json!("us-east-1"))
    );
    assert_eq!(answer["accounts"][0]["excluded"], 2);
    let none = json!({ "operation": "get_unprotected", "accountId": "999999999999" });
    let none = lab.ask(none).await;
    // Where nobody looked nothing is known.
    assert_eq!((&none["count"], &none["complete"]), (&json!(0), &json!(false)));
}

#[tokio::test]
async fn an_exclusion_is_made_and_ended() {
    let lab = found().await;
    let body =
        json!({ "what": WHAT, "owner": "platform", "reason": "rebuilt", "until": "2099-01-31" });
    let path = "/unprotected/exclusions";
    let made = lab.change(v2("POST", path, json!(null), Some(&body.to_string()))).await;
    let (status, made) = http(&made);
    assert_eq!((status, &made["what"]), (200, &json!(WHAT)), "{made}");
    let listed = lab.ask(json!({ "operation": "get_unprotected" })).await;
    let exclusion = &listed["exclusions"][0];
    assert_eq!((&exclusion["owner"], &exclusion["holds"]), (&json!("platform"), &json!(true)));
    let include = json!({ "operation": "include_unprotected", "what": WHAT });
    assert_eq!(lab.change(include.clone()).await, json!({ "what": WHAT }));
    assert_eq!(lab.change(include).await["error"], "NOT_FOUND");
    let listed = lab.ask(json!({ "operation": "get_unprotected" })).await;
    assert_eq!(listed["exclusions"][0]["holds"], json!(false));
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let lab = found().await;
    let good = json!({ "operation": "exclude_unprotected", "what": WHAT, "owner": "a",
                       "reason": "b", "until": "2099-01-31" });
    for (name, value, code) in [
        ("what", json!("everything"), "INVALID_PARAMETER"),
        ("owner", json!(""), "INVALID_PARAMETER"),
        ("reason", json!("a\nb"), "INVALID_PARAMETER"),
        ("until", json!("soon"), "INVALID_PARAMETER"),
        ("until", json!("2020-01-31"), "INVALID_PARAMETER"),
        ("owner", Value::Null, "MISSING_PARAMETER"),
    ] {
        let mut event = good.clone();
        match value {
            Value::Null => drop(event.as_object_mut().unwrap().remove(name)),
            value => event[name] = value,
        }
        let refused = lab.change(event).await;
        assert_eq!(refused["error"], code, "{refused}");
        assert!(refused["message"].as_str().unwrap().contains(name), "{refused}");
    }
}
