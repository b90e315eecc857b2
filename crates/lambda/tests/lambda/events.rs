//! Events of any shape: what is no request is an error of the contract, for the caller it came from.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::*;

#[tokio::test]
async fn what_names_no_operation_is_an_invalid_invocation() {
    let lab = Lab::of(world(0)).await;
    for event in [
        json!(null),
        json!(7),
        json!("health"),
        json!([]),
        json!({}),
        json!({ "operation": null }),
        json!({ "operation": 7 }),
        json!({ "operation": { "name": "health" } }),
        json!({ "operation": "health", "action": "get_region_status" }),
        json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} }),
        json!({ "Records": [{ "eventSource": "aws:sqs", "body": "{}" }] }),
    ] {
        for answer in [lab.ask(event.clone()).await, lab.change(event.clone()).await] {
            assert_eq!(answer["error"], "INVALID_INVOCATION", "{event}: {answer}");
            assert!(answer["message"].is_string());
        }
    }
}

#[tokio::test]
async fn operation_and_action_are_the_same() {
    let lab = Lab::of(world(0)).await;
    for event in [
        json!({ "operation": "health" }),
        json!({ "action": "health" }),
        json!({ "action": "health", "operation": "health" }),
    ] {
        assert_eq!(lab.ask(event).await["status"], "healthy");
    }
}

#[tokio::test]
async fn an_unknown_operation_is_told_which_there_are() {
    let lab = Lab::of(world(0)).await;
    let long = "x".repeat(100_000);
    for name in ["", "drop_table", "HEALTH", "health ", long.as_str(), "\u{1b}[2J"] {
        let answer = lab.ask(json!({ "operation": name })).await;
        assert_eq!(answer["error"], "INVALID_OPERATION", "{answer}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains("get_source_server_inventory") && message.len() < 600);
        assert!(!message.contains('\u{1b}'));
        let answer = lab.change(json!({ "operation": name })).await;
        assert!(answer["message"].as_str().unwrap().contains("add_target_account"), "{answer}");
    }
}

#[tokio::test]
async fn both_versions_of_api_gateway() {
    let lab = Lab::of(world(3)).await;
    for event in [v1, v2] {
        let answer = lab.ask(event("GET", "/health", json!(null), None)).await;
        assert_eq!((http(&answer).0, &http(&answer).1["status"]), (200, &json!("healthy")));
        assert_eq!(answer["headers"]["X-Content-Type-Options"], "nosniff");
        assert_eq!(http(&lab.ask(event("POST", "/sync", json!(null), None)).await).0, 200);
        let query = json!({ "region": "us-east-1", "limit": "1" });
        let (status, body) = http(&lab.ask(event("GET", "/source-servers", query, None)).await);
        assert_eq!((status, &body["count"]), (200, &json!(1)));
        let (status, body) = http(&lab.ask(event("GET", "/nothing/here", json!(null), None)).await);
        assert_eq!((status, &body["error"]), (404, &json!("INVALID_OPERATION")));
        let (status, body) = http(&lab.ask(event("DELETE", "/health", json!(null), None)).await);
        assert_eq!(status, 404);
        assert!(body["message"].as_str().unwrap().contains("GET"), "{body}");
    }
    let preflight = lab.ask(v1("OPTIONS", "/anything", json!(null), None)).await;
    assert_eq!(http(&preflight), (204, Value::Null));
    // An HTTP API is asked by programs; a browser of another site is not to ask it.
    let preflight = lab.ask(v2("OPTIONS", "/anything", json!(null), None)).await;
    assert_eq!(http(&preflight).0, 404);
    assert_eq!(preflight["headers"].get("Access-Control-Allow-Origin"), None);
    let mut staged = v2("GET", "/prod/health", json!(null), None);
    staged["requestContext"]["stage"] = json!("prod");
    assert_eq!(http(&lab.ask(staged).await).0, 200);
}

#[tokio::test]
async fn bodies_are_objects_plain_or_base64() {
    let lab = Lab::of(world(0)).await;
    let body = json!({ "accountId": MEMBER }).to_string();
    let mut event = v2("POST", "/target-accounts", json!(null), None);
    use base64::Engine;
    event["body"] = base64::engine::general_purpose::STANDARD.encode(body).into();
    event["isBase64Encoded"] = json!(true);
    let (status, answer) = http(&lab.change(event.clone()).await);
    assert_eq!((status, &answer["error"]), (409, &json!("ALREADY_EXISTS")), "{answer}");
    event["body"] = json!("%%%");
    assert_eq!(http(&lab.change(event).await).1["error"], "INVALID_INVOCATION");
    for body in ["[1]", "nonsense", "\"text\"", "{\"a\":", "{} {}"] {
        let event = v1("POST", "/target-accounts", json!(null), Some(body));
        let (status, answer) = http(&lab.change(event).await);
        assert_eq!((status, &answer["error"]), (400, &json!("INVALID_INVOCATION")), "{body}");
    }
    let event = v1(
        "PUT",
        "/target-accounts/222222222222",
        json!(null),
        Some("{\"accountId\":\"333333333333\"}"),
    );
    let (status, answer) = http(&lab.change(event).await);
    assert_eq!((status, &answer["error"]), (400, &json!("INVALID_PARAMETER")), "{answer}");
}

#[tokio::test]
async fn broken_proxy_events_are_answered_over_http() {
    let lab = Lab::of(world(0)).await;
    for event in [
        json!({ "httpMethod": "GET" }),
        json!({ "httpMethod": 7, "requestContext": {} }),
        json!({ "httpMethod": "GET", "path": {}, "requestContext": {} }),
        json!({ "requestContext": { "http": null } }),
        json!({ "requestContext": { "http": { "method": "GET", "path": "/health" } }, "body": 7 }),
    ] {
        let (status, body) = http(&lab.ask(event.clone()).await);
        assert!((400..500).contains(&status), "{event}: {body}");
        assert!(body["error"].as_str().unwrap().starts_with("INVALID_"), "{body}");
    }
}

#[tokio::test]
async fn parameters_stand_beside_the_operation_or_in_query_and_body() {
    let lab = Lab::of(world(6)).await;
    let operation = "get_source_server_inventory";
    lab.ask(
        json!({ "operation": "sync_source_server_inventory", "queryParams": null, "body": null }),
    )
    .await;
    for event in [
        json!({ "operation": operation, "region": "us-east-1", "limit": 2 }),
        json!({ "operation": operation, "queryParams": { "region": "us-east-1" }, "limit": 2 }),
        json!({ "action": operation, "body": { "region": "us-east-1", "limit": 2 } }),
        json!({ "operation": operation, "queryParams": null,
            "body": "{\"region\": \"us-east-1\", \"limit\": 2}" }),
        json!({ "operation": operation, "region": "us-east-1", "body": " ",
            "queryParams": { "region": "us-east-1", "limit": "2" } }),
    ] {
        let answer = lab.ask(event.clone()).await;
        assert_eq!(answer["count"], 2, "{event}: {answer}");
        assert_eq!(answer["servers"][0]["replicationRegion"], "us-east-1", "{event}");
    }
    let account = json!({ "operation": "add_target_account", "body": { "accountId": STAGING } });
    assert_eq!(lab.change(account).await, json!({ "accountId": STAGING }));
}

#[tokio::test]
async fn a_direct_event_that_contradicts_itself_is_refused() {
    let lab = Lab::of(world(0)).await;
    let twice = |other: Value| {
        let mut event = json!({ "operation": "get_region_status", "region": "us-east-1" });
        event.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        event
    };
    for (event, code) in [
        (twice(json!({ "queryParams": { "region": "eu-west-1" } })), "INVALID_PARAMETER"),
        (twice(json!({ "body": { "region": "eu-west-1" } })), "INVALID_PARAMETER"),
        (twice(json!({ "body": "{\"region\":\"eu-west-1\"}" })), "INVALID_PARAMETER"),
        (twice(json!({ "queryParams": { "regoin": "us-east-1" } })), "INVALID_PARAMETER"),
        (twice(json!({ "queryParams": "region=us-east-1" })), "INVALID_INVOCATION"),
        (twice(json!({ "queryParams": [] })), "INVALID_INVOCATION"),
        (twice(json!({ "body": 7 })), "INVALID_INVOCATION"),
        (twice(json!({ "body": [{}] })), "INVALID_INVOCATION"),
        (twice(json!({ "body": "[]" })), "INVALID_INVOCATION"),
        (twice(json!({ "body": "{" })), "INVALID_INVOCATION"),
    ] {
        let answer = lab.ask(event.clone()).await;
        assert_eq!(answer["error"], code, "{event}: {answer}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["GET", "POST", "/health", "health", "{}", "get_region_status"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let name = prop_oneof![
            3 => prop::sample::select(vec![
                "operation", "action", "httpMethod", "path", "requestContext", "http", "method",
                "body", "queryParams", "rawPath", "limit", "accountId", "queryStringParameters", "nextToken",
            ]).prop_map(str::to_owned),
            1 => ".{0,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_event_gets_an_answer_or_an_error_of_the_contract(event in any_json()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
            for answer in [lab.ask(event.clone()).await, lab.change(event.clone()).await] {
                assert!(answer.is_object(), "{answer}");
                if answer.get("statusCode").is_some() {
                    http(&answer);
                } else if let Some(error) = answer.get("error") {
                    assert!(error.is_string() && answer["message"].is_string(), "{answer}");
                }
            }
        });
    }
}

#[tokio::test]
async fn every_event_of_the_fuzzers_corpus_is_answered() {
    let lab = Lab::of(world(0)).await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/event");
    let mut events = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        // Lambda itself refuses what is no JSON.
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let Ok(event) = serde_json::from_slice::<Value>(&bytes) else { continue };
        events += 1;
        assert!(lab.ask(event.clone()).await.is_object());
        assert!(lab.change(event).await.is_object());
    }
    assert!(events >= 15);
}
