//! The command line, as a person or a script uses it.

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};
use sim::{Simulator, World};
use testing::simulator;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../worlds/demo.json");

/// The program, with nothing of this machine's AWS set-up.
pub(crate) fn program(home: &Path) -> Command {
    let mut command = Command::cargo_bin("drs-inventory").unwrap();
    command.env_clear().env("HOME", home).env("XDG_DATA_HOME", home.join("data"));
    command
}

pub(crate) fn run(home: &Path, arguments: &[&str]) -> Output {
    program(home).args(arguments).output().unwrap()
}

/// The program between a simulated AWS and the store of this home.
pub(crate) fn run_against(home: &Path, sim: &Simulator, arguments: &[&str]) -> Output {
    program(home)
        .env("AWS_ENDPOINT_URL", sim.endpoint())
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "us-east-1")
        .env("DRS_REGIONS", "us-east-1")
        .args(arguments)
        .output()
        .unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(crate) fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn help() {
    let home = home();
    insta::assert_snapshot!("help", stdout(&run(home.path(), &["--help"])));
    let commands = [
        "demo",
        "serve",
        "status",
        "sync",
        "accounts",
        "check",
        "servers",
        "server",
        "changes",
        "regions",
        "removals",
        "sim",
        "compare",
        "tables",
        "unprotected",
        "diff",
        "report",
        "settings",
        "completions",
        "man",
    ];
    for command in commands {
        let help = stdout(&run(home.path(), &[command, "--help"]));
        insta::assert_snapshot!(format!("help-{command}"), help);
    }
}

#[test]
fn wrong_usage_exits_with_2() {
    let home = home();
    for arguments in
        [&[][..], &["unheard"], &["servers", "--tag", "x"], &["sim"], &["sync", "--no"]]
    {
        assert_eq!(run(home.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn the_demo_shows_the_sync_and_leaves_what_can_be_read() {
    let home = home();
    let demo = run(home.path(), &["demo"]);
    assert_eq!(demo.status.code(), Some(0), "{}", stderr(&demo));
    assert_eq!(stderr(&demo), "");
    let shown = stdout(&demo);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"in \d+\.\d s", "in [time] s");
    settings.add_filter(
        r"\S+drs-inventory (status|servers|regions) --store \S+",
        "[program] $1 --store [path]",
    );
    settings.add_filter(r"\S+drs-inventory demo --serve", "[program] demo --serve");
    settings.bind(|| insta::assert_snapshot!("demo", shown));

    let lines = || shown.lines().filter(|line| line.contains(" --store "));
    assert_eq!(lines().count(), 3);
    for (line, expected) in lines().zip(["NOT PROVEN READY", "pay-db-01", "eu-central-1"]) {
        let mut words = line.split_whitespace().skip(1);
        let arguments: Vec<&str> = words.by_ref().collect();
        let read = run(home.path(), &arguments);
        assert_eq!(read.status.code(), Some(0));
        assert!(stdout(&read).contains(expected), "{line}");
        if line.contains(" servers ") {
            assert!(stderr(&read).contains("333333333333 us-east-1: IAM_PERMISSION_DENIED"));
        }
    }
}

#[test]
fn the_demo_does_not_mix_with_other_accounts() {
    let home = home();
    let store = home.path().join("mine.db");
    let store = store.to_str().unwrap();
    run(home.path(), &["accounts", "add", "999999999999", "--store", store]);
    let demo = run(home.path(), &["demo", "--store", store]);
    assert_eq!(demo.status.code(), Some(1));
    assert!(stderr(&demo).contains("999999999999"), "{}", stderr(&demo));
}

#[test]
fn accounts_are_added_listed_and_removed_and_no_external_id_is_shown() {
    let home = home();
    let role = "arn:aws:iam::222222222222:role/Reader";
    let add = [
        "accounts",
        "add",
        "222222222222",
        "--name",
        "pay",
        "--role-arn",
        role,
        "--external-id",
        "hush-hush",
    ];
    assert_eq!(run(home.path(), &add).status.code(), Some(0));
    let again = run(home.path(), &add);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("is there already"));
    let staging = ["accounts", "add", "333333333333", "--staging-of", "222222222222"];
    assert_eq!(run(home.path(), &staging).status.code(), Some(0));
    for format in ["table", "json", "jsonl", "csv"] {
        let list = run(home.path(), &["accounts", "list", "--output", format]);
        let shown = stdout(&list);
        assert!(shown.contains("222222222222") && shown.contains("333333333333"), "{shown}");
        assert!(!shown.contains("hush-hush"), "{shown}");
    }
    insta::assert_snapshot!("accounts", stdout(&run(home.path(), &["accounts", "list"])));
    let remove = ["accounts", "remove", "333333333333", "--staging-of", "222222222222"];
    assert_eq!(run(home.path(), &remove).status.code(), Some(0));
    assert_eq!(run(home.path(), &["accounts", "remove", "222222222222"]).status.code(), Some(0));
    assert_eq!(run(home.path(), &["accounts", "remove", "222222222222"]).status.code(), Some(1));
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_reading_it() {
    let home = home();
    for arguments in [&["servers"][..], &["regions"], &["accounts", "list"]] {
        let read = run(home.path(), arguments);
        assert_eq!(read.status.code(), Some(1));
        assert!(stderr(&read).contains("drs-inventory sync"), "{}", stderr(&read));
    }
    assert!(!home.path().join("data/drs-inventory/inventory.db").exists());
}

#[test]
fn no_accounts_yet_says_how_to_add_one() {
    let home = home();
    let sync = run(home.path(), &["sync"]);
    assert_eq!(sync.status.code(), Some(0), "{}", stderr(&sync));
    insta::assert_snapshot!("no-accounts", stdout(&sync));
}

#[test]
fn a_table_without_a_name_and_a_wrong_flag_are_named() {
    let home = home();
    let unnamed = program(home.path())
        .env("SOURCE_SERVER_INVENTORY_TABLE", "")
        .args(["sync", "--output", "json"])
        .output()
        .unwrap();
    assert_eq!(unnamed.status.code(), Some(1));
    let response: Value = serde_json::from_slice(&unnamed.stdout).unwrap();
    assert_eq!(
        response,
        json!({ "statusCode": 500, "body": { "error": "SOURCE_SERVER_INVENTORY_TABLE not configured" } })
    );
    let flag = program(home.path()).env("USE_REFACTORED_INVENTORY_SYNC", "1").arg("sync").output();
    let flag = flag.unwrap();
    assert_eq!(flag.status.code(), Some(1));
    assert!(stderr(&flag).contains("USE_REFACTORED_INVENTORY_SYNC"));
    let tables = run(home.path(), &["sync", "--store", "dynamodb"]);
    assert_eq!(tables.status.code(), Some(1));
    assert!(stderr(&tables).contains("_TABLE"), "{}", stderr(&tables));
}

#[test]
fn tables_are_created_once() {
    let home = home();
    let store = home.path().join("tables.db");
    let create = run(home.path(), &["tables", "create", "--store", store.to_str().unwrap()]);
    assert_eq!(create.status.code(), Some(0));
    assert_eq!(stdout(&create).lines().count(), 7);
}

/// A sync against a simulator in this process, through the SDK's own variables.
fn sync(home: &Path, endpoint: &str, arguments: &[&str]) -> Output {
    program(home)
        .env("AWS_ACCESS_KEY_ID", "AKIAHUB")
        .env("AWS_SECRET_ACCESS_KEY", "hub-secret")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ENDPOINT_URL_DRS", endpoint)
        .env("AWS_ENDPOINT_URL_EC2", endpoint)
        .env("AWS_ENDPOINT_URL_STS", endpoint)
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn an_incomplete_picture_exits_with_3_and_the_response_says_what_is_missing() {
    let home = home();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = World::from_file(DEMO.as_ref()).unwrap();
    let sim = runtime.block_on(Simulator::start(world)).unwrap();
    for id in ["111111111111", "222222222222", "333333333333"] {
        let role = format!("arn:aws:iam::{id}:role/DRSOrchestrationRole");
        let external_id = "drs-orchestration-cross-account";
        let add = ["accounts", "add", id, "--role-arn", &role, "--external-id", external_id];
        assert_eq!(run(home.path(), &add).status.code(), Some(0));
    }
    let json = sync(home.path(), &sim.endpoint(), &["sync", "--output", "json"]);
    assert_eq!(json.status.code(), Some(3), "{}", stderr(&json));
    let response: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(response["statusCode"], 200);
    assert_eq!(response["body"]["details"]["complete"], json!(false));
    assert_eq!(response["body"]["details"]["failed"][0]["region"], "us-east-1");
    let text = sync(home.path(), &sim.endpoint(), &["sync"]);
    assert_eq!(text.status.code(), Some(3));
    assert!(stdout(&text).contains("333333333333 region us-east-1: IAM_PERMISSION_DENIED"));
    assert_eq!(stderr(&text), "");
}

#[test]
fn regions_share_connections() {
    let home = home();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = json!({ "hubAccountId": "111111111111", "accounts": { "111111111111": {} } });
    let sim = runtime.block_on(simulator(&world));
    run(home.path(), &["accounts", "add", "111111111111"]);
    let synced = sync(home.path(), &sim.endpoint(), &["sync"]);
    assert_eq!(synced.status.code(), Some(0), "{}", stderr(&synced));
    let (calls, connections) = (sim.calls().len(), sim.connections());
    assert!(calls > 30);
    // Ten regions are asked at once.
    assert!(connections <= 15, "{connections} connections for {calls} calls");
}

#[test]
fn hostile_names_reach_neither_the_terminal_nor_a_spreadsheet() {
    let home = home();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = json!({ "hubAccountId": "111111111111", "accounts": { "111111111111": { "drs": {
        "us-east-1": { "sourceServers": [{ "arn": "arn:x", "sourceServerID": "s-1", "sourceProperties": {
            "identificationHints": { "hostname": "=cmd|' /C calc'!A0", "fqdn": "x\u{1b}]0;owned\u{7}" } } }] } } } } });
    let sim = runtime.block_on(simulator(&world));
    run(home.path(), &["accounts", "add", "111111111111"]);
    sync(home.path(), &sim.endpoint(), &["sync"]);
    let csv = stdout(&run(home.path(), &["servers", "--output", "csv"]));
    assert!(csv.contains("\n'=cmd"), "{csv}");
    let table = stdout(&run(home.path(), &["servers"]));
    assert!(!table.contains('\u{1b}'), "{table}");
    let json: Value =
        serde_json::from_str(&stdout(&run(home.path(), &["servers", "--output", "json"]))).unwrap();
    assert_eq!(json[0]["hostname"], "=cmd|' /C calc'!A0");
    let lines = stdout(&run(home.path(), &["servers", "--output", "jsonl"]));
    assert_eq!(lines.lines().count(), 1);
}

#[test]
fn credentials_that_nobody_knows_fail_the_sync_with_a_reason() {
    let home = home();
    run(home.path(), &["accounts", "add", "111111111111"]);
    let sync = sync(home.path(), "http://127.0.0.1:9", &["sync"]);
    assert_eq!(sync.status.code(), Some(1));
    assert!(stderr(&sync).contains("which account"), "{}", stderr(&sync));
    assert!(!stderr(&sync).contains("hub-secret"));
}

#[test]
fn a_wrong_world_file_is_named_with_its_path() {
    let home = home();
    let file = home.path().join("world.json");
    std::fs::write(&file, r#"{ "hubAccountId": "111111111111", "acounts": {} }"#).unwrap();
    let sim = run(home.path(), &["sim", "--world", file.to_str().unwrap()]);
    assert_eq!(sim.status.code(), Some(1));
    assert!(stderr(&sim).contains("world.json") && stderr(&sim).contains("acounts"));
}

#[test]
fn compare_shows_each_difference_with_its_reason() {
    let home = home();
    let world = concat!(env!("CARGO_MANIFEST_DIR"), "/../../worlds/access-denied.json");
    let table = run(home.path(), &["compare", "--world", world]);
    assert_eq!(table.status.code(), Some(0), "{}", stderr(&table));
    assert!(stdout(&table).contains("errorMessage: error-message-stored"), "{}", stdout(&table));
    let json = run(home.path(), &["compare", "--world", world, "--output", "json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&json[0]["unexplained"], &json[0]["world"]), (&json!(0), &json!("access-denied")));
}
