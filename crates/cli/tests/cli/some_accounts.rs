//! `sync --account`: some accounts, and nothing of the others.

use std::path::Path;

use serde_json::{Value, json};
use testing::fixtures::{HUB, MEMBER, OTHER, role_arn, roles, server};
use testing::simulator;

use crate::commands::{home, program, run, run_against, stderr, stdout};

fn world() -> Value {
    let account = |id: &str| {
        let drs = json!({ "us-east-1": { "sourceServers": [server(id, "us-east-1", id[..1].parse().unwrap())] } });
        json!({ "roles": roles(), "drs": drs })
    };
    json!({ "hubAccountId": HUB, "accounts": {
        HUB: account(HUB), MEMBER: account(MEMBER), OTHER: account(OTHER) } })
}

fn add_accounts(home: &Path) {
    run(home, &["accounts", "add", HUB]);
    for id in [MEMBER, OTHER] {
        let role = role_arn(id);
        let add = ["accounts", "add", id, "--role-arn", &role, "--external-id", "the-external-id"];
        assert_eq!(run(home, &add).status.code(), Some(0));
    }
}

/// What the whole syncs left in the history: one line each.
fn whole_syncs(home: &Path) -> String {
    stdout(&run(home, &["changes", "--kind", "summary", "--output", "jsonl"]))
}

#[test]
fn only_the_accounts_that_are_named_are_asked_and_the_summary_says_so() {
    let home = home();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sim = runtime.block_on(simulator(&world()));
    add_accounts(home.path());
    let whole = run_against(home.path(), &sim, &["sync"]);
    assert_eq!(whole.status.code(), Some(0), "{}", stderr(&whole));
    assert!(stdout(&whole).contains("The picture is complete."), "{}", stdout(&whole));
    let before = whole_syncs(home.path());
    assert_eq!(before.lines().count(), 1, "{before}");
    // It left the table: a whole sync would retire it.
    run(home.path(), &["accounts", "remove", OTHER]);

    sim.clear_calls();
    let some = run_against(home.path(), &sim, &["sync", "--account", HUB, "--account", MEMBER]);
    assert_eq!(some.status.code(), Some(0), "{}", stderr(&some));
    let said = stdout(&some);
    assert!(said.contains("2 accounts and 2 regions asked"), "{said}");
    assert!(said.contains(&format!("Only {HUB}, {MEMBER} asked")), "{said}");
    assert!(!said.contains("The picture is complete"), "{said}");
    sim.clear_calls();
    let one = run_against(home.path(), &sim, &["sync", "--account", MEMBER, "--output", "json"]);
    let response: Value = serde_json::from_slice(&one.stdout).unwrap();
    assert_eq!(response["body"]["details"]["accountsAsked"], 1);
    let accounts: Vec<String> = sim.calls().into_iter().map(|call| call.account).collect();
    assert!(accounts.iter().any(|it| it == MEMBER), "{accounts:?}");
    assert!(accounts.iter().all(|it| it != OTHER), "{accounts:?}");

    assert_eq!(whole_syncs(home.path()), before);
    let servers = stdout(&run(home.path(), &["servers", "--columns", "account", "--no-header"]));
    assert_eq!(servers.lines().count(), 3, "{servers}");
    let left = stdout(&run(home.path(), &["changes", "--kind", "account-removed"]));
    assert!(!left.contains(OTHER), "{left}");
}

#[test]
fn an_account_that_is_not_in_the_table_is_named() {
    let home = home();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sim = runtime.block_on(simulator(&world()));
    add_accounts(home.path());
    let accounts = format!("{HUB},999999999999");
    let unknown = run_against(home.path(), &sim, &["sync", "--account", &accounts]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(stderr(&unknown).contains("999999999999"), "{}", stderr(&unknown));
    assert_eq!(sim.calls().len(), 0);
}

#[test]
fn the_legacy_sync_knows_no_single_account() {
    let home = home();
    let legacy = ("USE_REFACTORED_INVENTORY_SYNC", "false");
    let asked = ["sync", "--account", HUB];
    let refused = program(home.path()).env(legacy.0, legacy.1).args(asked).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("--account"), "{}", stderr(&refused));
}
