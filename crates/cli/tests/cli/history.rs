//! What happened, and one server, as a person asks for it.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use store::tables::{Table, TableKind};

use crate::commands::{home, run, stderr, stdout};

const ARN: &str = "arn:aws:drs:us-east-1:222222222222:source-server/s-2222222222222200f";

/// The demo's store.
fn demo(home: &Path) -> PathBuf {
    let store = home.join("demo.db");
    assert_eq!(run(home, &["demo", "--store", store.to_str().unwrap()]).status.code(), Some(0));
    store
}

fn ask(home: &Path, store: &Path, arguments: &[&str]) -> Output {
    run(home, &[arguments, &["--store", store.to_str().unwrap()]].concat())
}

/// Writes rows as a sync would.
pub(crate) fn put(store: &Path, kind: TableKind, rows: &[Value]) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let client = embedded::Store::open(store).unwrap().client();
        let table = Table { client, name: kind.schema().default_name.to_owned() };
        for row in rows {
            let item = serde_dynamo::to_item(row).unwrap();
            let put = table.client.put_item().table_name(&table.name).set_item(Some(item));
            put.send().await.unwrap();
        }
    });
}

fn change(at: &str, extra: Value) -> Value {
    let mut change = json!({ "subject": ARN, "at": at, "day": format!("{}#1", &at[..10]),
        "kind": "changed", "syncId": "sync", "TTL": 1 });
    change.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    change
}

fn told(store: &Path) {
    let state = json!({ "before": { "replicationState": "CONTINUOUS", "hostname": "a\u{1b}[2J" },
        "after": { "replicationState": "STALLED", "hostname": "=cmd" } });
    let changes = [
        change("2026-11-20T10:00:00.000000+00:00#1", state),
        change("2026-11-21T10:00:00.000000+00:00#2", json!({ "kind": "missing" })),
        change("2026-11-21T11:00:00.000000+00:00#3", json!({ "kind": "missing" })),
    ];
    put(store, TableKind::InventoryChanges, &changes);
}

#[test]
fn what_happened_is_shown_and_hostile_values_are_not() {
    let home = home();
    let store = demo(home.path());
    let first = ask(home.path(), &store, &["changes"]);
    assert!(stdout(&first).contains("region-first-seen"), "{}", stdout(&first));
    assert!(stderr(&first).contains("333333333333 us-east-1: IAM_PERMISSION_DENIED"));

    told(&store);
    let shown = stdout(&ask(home.path(), &store, &["changes", "--server", ARN]));
    insta::assert_snapshot!("changes", shown);
    let some = ["changes", "--kind", "missing", "--since", "2026-11-01", "--output", "json"];
    let json: Value = serde_json::from_slice(&ask(home.path(), &store, &some).stdout).unwrap();
    assert_eq!((&json[0]["count"], json.as_array().unwrap().len()), (&json!(2), 1));
    let none =
        ask(home.path(), &store, &["changes", "--since", "2026-11-01", "--region", "eu-west-9"]);
    assert!(stderr(&none).contains("no changes since 2026-11-01"), "{}", stderr(&none));
    let last = ask(home.path(), &store, &["changes", "--server", ARN, "--limit", "1"]);
    assert!(stderr(&last).contains("there may be more"), "{}", stderr(&last));
    let csv = stdout(&ask(home.path(), &store, &["changes", "--server", ARN, "--output", "csv"]));
    assert!(csv.starts_with("at,kind,subject,count,after,before"), "{csv}");
}

#[test]
fn wrong_questions_are_refused() {
    let home = home();
    let store = demo(home.path());
    for (arguments, code, text) in [
        (["changes", "--kind", "vanished"], 2, "found-again"),
        (["changes", "--limit", "0"], 2, "limit"),
        (["changes", "--since", "yesterday"], 1, "yesterday"),
    ] {
        let refused = ask(home.path(), &store, &arguments);
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}");
        assert!(stderr(&refused).contains(text), "{}", stderr(&refused));
    }
    let none = ask(home.path(), &store, &["server", "s-1"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(stderr(&none).contains("no source server \"s-1\""), "{}", stderr(&none));
}

#[test]
fn one_server_has_facts_as_of_and_history() {
    let home = home();
    let store = demo(home.path());
    let servers = ask(home.path(), &store, &["servers", "--output", "json"]);
    let servers: Value = serde_json::from_slice(&servers.stdout).unwrap();
    let server = servers.as_array().unwrap().iter().find(|it| it["hostname"] == "pay-db-01");
    let server = server.unwrap();
    let (id, arn) =
        (server["sourceServerID"].as_str().unwrap(), server["sourceServerArn"].as_str().unwrap());
    let at = "2026-11-20T10:00:00.000000+00:00#1";
    let mut missing = change(at, json!({ "kind": "missing" }));
    missing["subject"] = json!(arn);
    put(&store, TableKind::InventoryChanges, &[missing]);
    for name in [id, arn] {
        let shown = stdout(&ask(home.path(), &store, &["server", name]));
        for part in ["pay-db-01", "asOf", "known                true", "missing"] {
            assert!(shown.contains(part), "{shown}");
        }
    }
    let json = ask(home.path(), &store, &["server", id, "--output", "json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(
        (&json["server"]["known"], &json["history"][0]["kind"]),
        (&json!(true), &json!("missing"))
    );
}
