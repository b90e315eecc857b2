//! What the program logs, whatever `RUST_LOG` says.

use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::json;
use sim::Simulator;
use testing::simulator;

const HUB: &str = "111111111111";
const MEMBER: &str = "222222222222";
const EXTERNAL_ID: &str = "the-external-id-of-the-member";

/// The program with a session of the hub and every log that there is.
fn run(home: &Path, sim: &Simulator, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("drs-inventory").unwrap();
    command.env_clear().env("HOME", home).env("XDG_DATA_HOME", home.join("data")).args(arguments);
    command.env("AWS_ENDPOINT_URL", sim.endpoint()).env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", "ASIAHUB").env("AWS_SECRET_ACCESS_KEY", "the-secret-key");
    command.env("AWS_SESSION_TOKEN", "the-session-token").env("RUST_LOG", "trace");
    command.output().unwrap()
}

#[test]
fn the_log_holds_no_secret_at_any_level() {
    let role = format!("arn:aws:iam::{MEMBER}:role/R");
    let server = json!({ "arn": "arn:x", "sourceServerID": "s-1", "sourceProperties": {
        "identificationHints": { "awsInstanceID": "i-00000000000000001" } } });
    let world = json!({ "hubAccountId": HUB, "accounts": { MEMBER: {
        "roles": { "R": { "externalId": EXTERNAL_ID } },
        "drs": { "us-east-1": { "sourceServers": [server] } } } } });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sim = runtime.block_on(simulator(&world));
    let home = tempfile::tempdir().unwrap();
    let add = ["accounts", "add", MEMBER, "--role-arn", &role, "--external-id", EXTERNAL_ID];
    let sync: &[&str] = &["sync"];
    let mut log = String::new();
    for arguments in
        [&add, sync, &["accounts", "list", "--output", "json"], &["sync", "--store", "dynamodb"]]
    {
        let output = run(home.path(), &sim, arguments);
        log += &String::from_utf8(output.stdout).unwrap();
        log += &String::from_utf8(output.stderr).unwrap();
    }
    assert!(log.contains("1 stored, 0 unchanged, 0 not stored"), "{log}");
    assert!(log.contains("inventory sync starts"), "{log}");
    let log = log.to_lowercase();
    for secret in [
        EXTERNAL_ID,
        "the-secret-key",
        "the-session-token",
        "x-amz-security-token",
        "<sessiontoken>",
        "<secretaccesskey>",
        "externalid=",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
