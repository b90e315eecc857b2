//! Changes of verdicts, over the wire to an event bus.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lambda::bus::{Bus, Published};
use lambda::query::QueryHandler;
use lambda::runtime::Handler;
use model::Place;
use model::environment::Environment;
use model::readiness::{ReasonCode, Verdict};
use serde_json::{Value, json};
use sync::report::VerdictChange;
use testing::Scripted;

use crate::common::*;

const AS_OF: &str = "2026-11-28T01:00:00.000000+00:00";

fn changes(count: u32) -> Vec<VerdictChange> {
    let change = |number| VerdictChange {
        source_server_arn: format!("arn:aws:drs:us-east-1:{MEMBER}:source-server/s-{number}"),
        hostname: format!("host-{number}"),
        listed_in: Place::new(MEMBER, "us-east-1"),
        before: Some(Verdict::Ready),
        after: Verdict::NotReady,
        reasons: vec![ReasonCode::Stalled.about("AGENT_NOT_SEEN"), ReasonCode::Paused.into()],
    };
    (0..count).map(change).collect()
}

/// A bus that answers with what `script` makes of the number of a request and its entries.
struct Listening {
    service: Scripted,
    got: Arc<Mutex<Vec<Vec<Value>>>>,
}

impl Listening {
    async fn start(script: impl Fn(usize, usize) -> Option<Value> + Send + Sync + 'static) -> Self {
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        let service = Scripted::start(move |number, body| {
            let request: Value = serde_json::from_str(body).unwrap();
            let entries = request["Entries"].as_array().unwrap().clone();
            let answer = script(number, entries.len());
            kept.lock().unwrap().push(entries);
            Some(("application/x-amz-json-1.1", answer?.to_string()))
        });
        Self { service: service.await, got }
    }

    async fn publish(&self, count: u32) -> Published {
        let environment = Environment::of([("EVENT_BUS_NAME", "drs-inventory-test")]);
        let bus = Bus::from_environment(&self.service.aws, &environment).unwrap().unwrap();
        bus.publish(&changes(count), AS_OF, Duration::from_secs(10)).await
    }

    fn sizes(&self) -> Vec<usize> {
        self.got.lock().unwrap().iter().map(Vec::len).collect()
    }
}

fn taken(count: usize) -> Value {
    let entries: Vec<Value> = (0..count).map(|id| json!({ "EventId": id.to_string() })).collect();
    json!({ "FailedEntryCount": 0, "Entries": entries })
}

#[tokio::test]
async fn a_change_is_an_event_with_what_a_listener_needs() {
    let bus = Listening::start(|_, count| Some(taken(count))).await;
    assert_eq!(bus.publish(1).await, Published { sent: 1, failed: 0 });
    let entry = bus.got.lock().unwrap()[0][0].clone();
    let arn = format!("arn:aws:drs:us-east-1:{MEMBER}:source-server/s-0");
    assert_eq!(entry["Source"], "drs-inventory");
    assert_eq!(entry["DetailType"], "DRS Inventory Readiness Change");
    assert_eq!(entry["EventBusName"], "drs-inventory-test");
    assert_eq!(entry["Resources"], json!([arn]));
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    assert_eq!(
        detail,
        json!({
            "sourceServerArn": arn, "hostname": "host-0", "accountId": MEMBER,
            "region": "us-east-1", "before": "READY", "after": "NOT_READY", "asOf": AS_OF,
            "reasons": [
                { "code": "STALLED", "level": "NOT_READY", "field": "AGENT_NOT_SEEN" },
                { "code": "PAUSED", "level": "AT_RISK" },
            ],
        })
    );
}

#[tokio::test]
async fn ten_go_in_a_call() {
    let bus = Listening::start(|_, count| Some(taken(count))).await;
    assert_eq!(bus.publish(25).await, Published { sent: 25, failed: 0 });
    assert_eq!(bus.sizes(), [10, 10, 5]);
    assert_eq!(bus.publish(0).await, Published::default());
    assert_eq!(bus.sizes().len(), 3);
}

#[tokio::test]
async fn only_what_was_refused_is_sent_again_and_not_for_ever() {
    // The first entry is refused twice and then taken, the second one always.
    let bus = Listening::start(|number, count| {
        let refused = json!({ "ErrorCode": "ThrottlingException", "ErrorMessage": "slow down" });
        let mut answer = taken(count);
        if number <= 2 {
            answer["Entries"][0] = refused.clone();
        }
        answer["Entries"][if number <= 2 { 1 } else { count - 1 }] = refused;
        Some(answer)
    })
    .await;
    assert_eq!(bus.publish(4).await, Published { sent: 3, failed: 1 });
    assert_eq!(bus.sizes(), [4, 2, 2]);
    let got = bus.got.lock().unwrap();
    assert_eq!(got[1][0]["Resources"], got[0][0]["Resources"]);
}

#[tokio::test]
async fn a_bus_that_does_not_answer_costs_one_call() {
    let bus = Listening::start(|_, _| None).await;
    assert_eq!(bus.publish(30).await, Published { sent: 0, failed: 30 });
    // The SDK tries a call three times.
    assert!(bus.sizes().iter().all(|size| *size == 10) && bus.sizes().len() <= 3);
    let unclear = Listening::start(|_, _| Some(json!({ "FailedEntryCount": 0 }))).await;
    assert_eq!(unclear.publish(1).await, Published { sent: 0, failed: 1 });
}

#[tokio::test]
async fn a_name_that_is_none_is_refused_by_the_variable() {
    let bus = Listening::start(|_, count| Some(taken(count))).await;
    let read = |value: &str| {
        let environment = Environment::of([("EVENT_BUS_NAME", value)]);
        Bus::from_environment(&bus.service.aws, &environment).map(|bus| bus.is_some())
    };
    assert_eq!((read(""), read("default")), (Ok(false), Ok(true)));
    assert_eq!(read("arn:aws:events:us-east-1:111111111111:event-bus/drs"), Ok(true));
    let error = read("a bus").unwrap_err().to_string();
    assert!(error.contains("EVENT_BUS_NAME") && error.contains("a bus"), "{error}");
}

#[tokio::test]
async fn a_sync_over_http_is_asked_for_on_the_bus_and_done_at_once_where_it_is_invoked() {
    let asked = |outcome: fn() -> Value| async move {
        let bus = Listening::start(move |_, _| Some(json!({ "Entries": [outcome()] }))).await;
        let stage = Stage::of(&json!({ "hubAccountId": HUB, "accounts": {} })).await;
        let tables = store::tables::TableKind::ALL.map(|kind| kind.schema());
        let tables = tables.iter().map(|schema| (schema.variable, schema.default_name));
        let environment = Environment::of(
            tables.chain([("SYNC_REQUEST_BUS", "default"), ("INSTALLATION", "drs-inventory-test")]),
        );
        let aws = bus.service.aws.clone();
        let handler = QueryHandler::new(aws, stage.store.client(), environment);
        let answer = handler.handle(v2("POST", "/sync", json!(null), None), &call()).await;
        let entries = bus.got.lock().unwrap().concat();
        (answer, entries)
    };
    let (answer, entries) = asked(|| json!({ "EventId": "e-1" })).await;
    assert_eq!(answer["statusCode"], 202);
    assert_eq!(http(&answer).1, json!({ "accepted": true, "lookAt": "/overview" }));
    assert_eq!(answer["headers"].get("Access-Control-Allow-Origin"), None);
    assert_eq!(entries[0]["DetailType"], "DRS Inventory Sync Requested");
    assert_eq!(entries[0]["Detail"], "{\"installation\":\"drs-inventory-test\"}");
    let (answer, _) = asked(|| json!({ "ErrorCode": "ThrottlingException" })).await;
    assert_eq!(http(&answer).1["retryable"], true, "{answer}");
    assert_eq!(answer["statusCode"], 500);
}
