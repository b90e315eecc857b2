//! Whatever is asked, the answer is one of the document: an error of the caller is never one of the
//! program.

use api::operation::{Entry, Operation};
use api::{Answer, DataOperation, Failure, QueryOperation, openapi};
use serde_json::{Map, Value, json};
use testing::MEMBER;

use crate::schema::misfits;
use crate::world::World;

fn values() -> Vec<Value> {
    vec![
        json!(""),
        json!(" "),
        json!(","),
        json!("!"),
        json!("#"),
        json!("%00%ff"),
        json!("\u{0}\u{7f}\u{202e}\u{10ffff}"),
        json!("x".repeat(3000)),
        json!(format!("s-{}", "f".repeat(17))),
        json!("tag:=x"),
        json!(format!("tag:{}={}", "\u{1f600}".repeat(128), "\u{1f600}".repeat(256))),
        json!("id:i-00000000"),
        json!("-99999-01-01"),
        json!("9999-12-31"),
        json!("9999-12-31T23:59:59Z"),
        json!("4294967295w"),
        json!("18446744073709551615"),
        json!("eyJrZXkiOnt9fQ"),
        json!("AAAA"),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        // Once more: what is summed up must not end the program either.
        json!(u64::MAX - 1),
        json!(1_000_000_000),
        json!(true),
        json!(null),
        json!([]),
        json!([""]),
        json!({}),
        json!({ "": "" }),
    ]
}

/// What makes an operation look at the parameter that is wrong.
fn others(name: &str) -> Value {
    match name {
        "add_target_account" | "update_target_account" => json!({ "accountId": MEMBER }),
        "add_staging_account" | "remove_staging_account" => {
            json!({ "targetAccountId": MEMBER, "accountId": "555555555555" })
        }
        "acknowledge_region" => json!({ "accountId": MEMBER, "region": "us-east-1",
            "until": "2999-01-01", "because": "x" }),
        "exclude_unprotected" => {
            json!({ "what": "tag:a=b", "owner": "x", "reason": "x", "until": "2999-01-01" })
        }
        "approve_removal" => {
            json!({ "accountId": MEMBER, "region": "us-east-1", "count": 1, "since": "x" })
        }
        "create_protection_group" => json!({ "groupName": "x", "region": "us-east-1",
            "serverSelectionTags": { "a": "b" } }),
        "create_recovery_plan" => json!({ "planName": "x",
            "waves": [{ "waveName": "x", "protectionGroupIds": ["pg-1"] }] }),
        "update_protection_group" => json!({ "groupId": "pg-1" }),
        "update_recovery_plan" => json!({ "planId": "rp-1" }),
        "sync_account" => json!({ "accountId": "999999999999" }),
        _ => json!({}),
    }
}

/// Each parameter with each value, the others as they should be.
fn requests<O>(entry: &Entry<O>) -> Vec<Map<String, Value>> {
    let schema = serde_json::to_value((entry.parameters.schema)()).unwrap();
    let names = schema["properties"].as_object().cloned().unwrap_or_default();
    let mut requests = Vec::new();
    for name in names.keys() {
        for value in values() {
            let mut request = others(entry.name).as_object().cloned().unwrap();
            request.insert(name.clone(), value);
            requests.push(request);
        }
    }
    requests
}

/// What is wrong with an answer.
fn fault(
    name: &str,
    request: &Map<String, Value>,
    answer: Result<Answer, Failure>,
    document: &Value,
) -> Option<String> {
    let failure = answer.err()?;
    let schema = json!({ "$ref": "#/components/schemas/Error" });
    let is_good =
        failure.code.status() < 500 && misfits(&failure.to_json(), &schema, document).is_empty();
    let shown: String = json!(request).to_string().chars().take(200).collect();
    let message: String = failure.message.chars().take(300).collect();
    (!is_good).then(|| format!("{name} {shown}: {message}"))
}

#[tokio::test]
async fn nothing_that_is_asked_is_an_error_of_the_program() {
    let world = World::new().await;
    let document = serde_json::to_value(openapi::document()).unwrap();
    let mut faults = Vec::new();
    for entry in QueryOperation::TABLE {
        for request in requests(entry) {
            let answer = world.query(entry.name, Value::Object(request.clone())).await;
            faults.extend(fault(entry.name, &request, answer, &document));
        }
    }
    for entry in DataOperation::TABLE {
        for request in requests(entry) {
            let answer = world.change(entry.name, Value::Object(request.clone())).await;
            faults.extend(fault(entry.name, &request, answer, &document));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
