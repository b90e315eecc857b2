//! `removals restore`.

use serde_json::{Value, json};
use store::tables::TableKind;

use crate::commands::{home, run, stderr, stdout};
use crate::history::put;

const ARN: &str = "arn:aws:drs:us-east-1:222222222222:source-server/s-0123456789abcdef0";

#[test]
fn a_removed_server_is_put_back_from_the_history() {
    let home = home();
    let store = home.path().join("restore.db");
    let ask = |arguments: &[&str]| {
        run(home.path(), &[arguments, &["--store", store.to_str().unwrap()]].concat())
    };
    ask(&["tables", "create"]);
    let row = json!({ "sourceServerArn": ARN, "stagingAccountId": "222222222222",
        "sourceServerID": "s-0123456789abcdef0", "hostname": "db-07\u{1b}[31m",
        "listedIn": "222222222222/us-east-1", "missingSince": "2026-11-23T00:00:00.000000+00:00",
        "contentHash": "1" });
    let removed = json!({ "subject": ARN, "at": "2026-11-24T10:00:00.000000+00:00#1",
        "day": "2026-11-24#0", "kind": "removed", "syncId": "1", "row": row });
    put(&store, TableKind::InventoryChanges, &[removed]);

    let restored = ask(&["removals", "restore", ARN]);
    assert_eq!(restored.status.code(), Some(0), "{}", stderr(&restored));
    let said = stderr(&restored);
    assert!(said.contains("db-07") && said.contains("removed 2026-11-24"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said:?}");
    let servers = ask(&["servers", "--output", "json"]);
    let servers: Value = serde_json::from_str(&stdout(&servers)).unwrap();
    assert_eq!(servers[0]["sourceServerArn"], ARN, "{servers}");

    let again = ask(&["removals", "restore", ARN]);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("nothing was put back"), "{}", stderr(&again));
    let unknown = ask(&["removals", "restore", "s-1"]);
    assert!(stderr(&unknown).contains("no removed row of s-1"), "{}", stderr(&unknown));
}
