//! A sync that is ended before it is done.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::CommandCargoExt;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use sim::Simulator;
use testing::simulator;
use tokio::runtime::Runtime;

/// Of an answer of DRS.
const LATENCY: Duration = Duration::from_millis(300);
const HUB: &str = "111111111111";

fn program(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("drs-inventory").unwrap();
    command.env_clear().env("HOME", home).env("XDG_DATA_HOME", home.join("data")).args(arguments);
    command
}

/// One region answers with a server, one never, so that the second account is not reached.
fn start_simulator(runtime: &Runtime) -> Simulator {
    let server = json!({ "arn": "arn:x", "sourceServerID": "s-1" });
    let hang = json!({ "fault": { "connection": "hang" } });
    let latency = u64::try_from(LATENCY.as_millis()).unwrap();
    let world = json!({ "hubAccountId": HUB, "latencyMs": { "drs": latency }, "accounts": { HUB: { "drs": {
        "us-east-1": { "sourceServers": [server] }, "eu-west-1": hang } } } });
    runtime.block_on(simulator(&world))
}

/// A sync that has stored what it can and waits for the region that hangs.
fn start_sync(home: &Path, sim: &Simulator, environment: &[(&str, &str)]) -> Child {
    for account in [HUB, "222222222222"] {
        program(home, &["accounts", "add", account]).output().unwrap();
    }
    let mut command = program(home, &["sync"]);
    command.env("AWS_ACCESS_KEY_ID", "AKIAHUB").env("AWS_SECRET_ACCESS_KEY", "hub-secret");
    command.env("AWS_REGION", "us-east-1").env("AWS_ENDPOINT_URL", sim.endpoint());
    command.env("DRS_REGIONS", "us-east-1,eu-west-1").env("MAX_CONCURRENT_ACCOUNTS", "1");
    command.envs(environment.iter().copied());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn wait_until(what: impl Fn() -> bool) {
    let started = Instant::now();
    while !what() {
        assert!(started.elapsed() < Duration::from_secs(20), "it does not come to pass");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn a_server_is_stored(home: &Path) -> bool {
    let servers = program(home, &["servers", "--output", "jsonl"]).output().unwrap();
    servers.stdout.windows(5).any(|text| text == b"arn:x")
}

fn end(child: Child, signal: Signal) -> (Output, Duration) {
    let started = Instant::now();
    let pid = Pid::from_child(&child);
    kill_process(pid, signal).unwrap();
    (child.wait_with_output().unwrap(), started.elapsed())
}

#[test]
fn a_sync_that_is_ended_says_what_was_stored_and_what_was_not() {
    let runtime = Runtime::new().unwrap();
    for (signal, name, code) in [(Signal::INT, "SIGINT", 130), (Signal::TERM, "SIGTERM", 143)] {
        let home = tempfile::tempdir().unwrap();
        let sim = start_simulator(&runtime);
        let child = start_sync(home.path(), &sim, &[]);
        wait_until(|| a_server_is_stored(home.path()));
        let (output, took) = end(child, signal);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(took < Duration::from_secs(5), "{took:?}");
        for text in [
            format!("ended by {name}").as_str(),
            "0 of 2 accounts done, 1 servers stored, 0 found but not known to be stored",
            "111111111111 cut off: 1 of 2 regions answered",
            "1 accounts not asked",
        ] {
            assert!(said.contains(text), "{said}");
        }
        assert!(output.stdout.is_empty());
        assert!(a_server_is_stored(home.path()));
    }
}

#[test]
fn the_legacy_sync_can_be_ended_too() {
    let runtime = Runtime::new().unwrap();
    let home = tempfile::tempdir().unwrap();
    let sim = start_simulator(&runtime);
    let legacy = [("USE_REFACTORED_INVENTORY_SYNC", "false")];
    let child = start_sync(home.path(), &sim, &legacy);
    wait_until(|| sim.calls().len() > 10);
    let (output, took) = end(child, Signal::INT);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(took < Duration::from_secs(5) && said.contains("what it stored stays"), "{said}");
}

/// Another process holds the store, so that a write is under way when the signal comes.
#[test]
fn a_store_that_stands_still_does_not_keep_a_sync_that_is_ended() {
    let runtime = Runtime::new().unwrap();
    let home = tempfile::tempdir().unwrap();
    let sim = start_simulator(&runtime);
    program(home.path(), &["tables", "create"]).output().unwrap();
    let store = home.path().join("data/drs-inventory/inventory.db");
    let holder = rusqlite::Connection::open(store).unwrap();
    let child = start_sync(home.path(), &sim, &[]);
    // It has claimed the account by then, both regions are asked, and it is to hear of servers only
    // after the latency.
    wait_until(|| sim.calls().len() > 2);
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    std::thread::sleep(LATENCY * 2);
    let (output, took) = end(child, Signal::TERM);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(143), "{said}");
    assert!(said.contains("0 servers stored, 1 found but not known to be stored"), "{said}");
    assert!(took < Duration::from_secs(2), "{took:?}");
}
