//! What a script or a careless hand meets at the edges of a command.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::{Value, json};
use testing::simulator;

const HUB: &str = "111111111111";

/// The program, with nothing of this machine's AWS set-up.
fn program(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("drs-inventory").unwrap();
    command.env_clear().env("HOME", home).env("XDG_DATA_HOME", home.join("data")).args(arguments);
    command
}

fn run(home: &Path, arguments: &[&str]) -> Output {
    program(home, arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A sync of the hub against `world`, with what `change` does to the command.
fn sync(home: &Path, world: &Value, change: impl Fn(&mut Command)) -> Option<i32> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sim = runtime.block_on(simulator(world));
    run(home, &["accounts", "add", HUB]);
    let mut command = program(home, &["sync"]);
    command.env("AWS_ACCESS_KEY_ID", "AKIAHUB").env("AWS_SECRET_ACCESS_KEY", "hub-secret");
    command.env("AWS_REGION", "us-east-1").env("AWS_ENDPOINT_URL", sim.endpoint());
    change(&mut command);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // The reader is gone before the first line.
    drop(child.stdout.take());
    child.wait().unwrap().code()
}

#[test]
fn a_reader_that_leaves_does_not_make_the_picture_complete() {
    let home = tempfile::tempdir().unwrap();
    let fault = json!({ "status": 403, "code": "AccessDeniedException", "message": "no" });
    let drs = json!({ "us-east-1": { "fault": fault } });
    let world = json!({ "hubAccountId": HUB, "accounts": { HUB: { "drs": drs } } });
    assert_eq!(sync(home.path(), &world, |_| {}), Some(3));
    let json = |command: &mut Command| {
        command.args(["--output", "json"]);
    };
    assert_eq!(sync(home.path(), &world, json), Some(3));
    let world = json!({ "hubAccountId": HUB, "accounts": {} });
    assert_eq!(sync(tempfile::tempdir().unwrap().path(), &world, |_| {}), Some(0));
}

#[test]
fn tables_that_are_new_are_told_from_those_that_were_there() {
    let home = tempfile::tempdir().unwrap();
    for state in ["created", "is there"] {
        let create = run(home.path(), &["tables", "create"]);
        assert_eq!(create.status.code(), Some(0));
        assert!(stdout(&create).lines().all(|line| line.ends_with(state)), "{}", stdout(&create));
    }
}

#[test]
fn suggested_commands_mean_the_same_store() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("my store.db");
    let store = store.to_str().unwrap();
    let option = format!("--store '{store}'");
    let missing = run(home.path(), &["servers", "--store", store]);
    assert!(stderr(&missing).contains(&format!("sync {option}`")), "{}", stderr(&missing));
    let empty = run(home.path(), &["sync", "--store", store]);
    assert!(stdout(&empty).contains(&format!("222222222222 {option} ")), "{}", stdout(&empty));
}

#[test]
fn an_empty_store_name_is_refused_by_every_command() {
    let home = tempfile::tempdir().unwrap();
    for command in ["demo", "sync", "servers"] {
        let output = run(home.path(), &[command, "--store", ""]);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("--store is empty"), "{}", stderr(&output));
    }
}

#[test]
fn the_demo_does_not_mix_with_servers_of_accounts_that_were_removed() {
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("data/drs-inventory/inventory.db");
    let server = json!({ "arn": "arn:x", "sourceServerID": "s-1" });
    let drs = json!({ "us-east-1": { "sourceServers": [server] } });
    let world = json!({ "hubAccountId": HUB, "accounts": { HUB: { "drs": drs } } });
    assert_eq!(sync(home.path(), &world, |_| {}), Some(0));
    run(home.path(), &["accounts", "remove", HUB]);
    let demo = run(home.path(), &["demo", "--store", store.to_str().unwrap()]);
    assert_eq!(demo.status.code(), Some(1));
    assert!(stderr(&demo).contains("not the demo's"), "{}", stderr(&demo));
}

#[test]
fn a_file_of_another_program_is_refused_by_every_command() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("notes.txt");
    std::fs::write(&file, "notes ".repeat(1000)).unwrap();
    let file = file.to_str().unwrap();
    let commands: [&[&str]; 8] = [
        &["demo"],
        &["sync"],
        &["servers"],
        &["regions"],
        &["accounts", "list"],
        &["accounts", "add", HUB],
        &["accounts", "remove", HUB],
        &["tables", "create"],
    ];
    for command in commands {
        let output = run(home.path(), &[command, &["--store", file]].concat());
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let said = stderr(&output);
        assert!(said.contains("notes.txt is no store of this program"), "{command:?}: {said}");
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), "notes ".repeat(1000));
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn a_store_called_memory_keeps_its_accounts() {
    let home = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:x?mode=memory"] {
        let mut add = program(home.path(), &["accounts", "add", HUB, "--store", name]);
        assert!(add.current_dir(home.path()).output().unwrap().status.success());
        let mut list = program(home.path(), &["accounts", "list", "--store", name]);
        assert!(stdout(&list.current_dir(home.path()).output().unwrap()).contains(HUB), "{name}");
    }
}

#[test]
fn a_table_that_a_store_does_not_have_is_not_made_by_reading() {
    let home = tempfile::tempdir().unwrap();
    run(home.path(), &["accounts", "add", HUB]);
    let read = program(home.path(), &["regions"]).env("DRS_REGION_STATUS_TABLE", "other").output();
    let said = stderr(&read.unwrap());
    assert!(said.contains("the table other") && said.contains("tables create"), "{said}");
}

#[test]
fn beside_a_process_that_holds_the_store_readers_read_and_writers_say_who_it_is() {
    let home = tempfile::tempdir().unwrap();
    run(home.path(), &["accounts", "add", HUB]);
    let holder =
        rusqlite::Connection::open(home.path().join("data/drs-inventory/inventory.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    for reader in [&["servers"][..], &["regions"], &["accounts", "list"]] {
        let output = run(home.path(), reader);
        assert_eq!(output.status.code(), Some(0), "{reader:?}: {}", stderr(&output));
    }
    assert!(started.elapsed() < Duration::from_secs(2));
    let writers: [&[&str]; 4] = [
        &["sync"],
        &["accounts", "add", "222222222222"],
        &["accounts", "remove", HUB],
        &["tables", "create"],
    ];
    let started = Instant::now();
    let spawn = |writer: &[&str]| {
        program(home.path(), writer).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    };
    for writer in writers.map(spawn) {
        let output = writer.wait_with_output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("process {} (", std::process::id())), "{said}");
        assert!(!said.contains("store made by this program"), "{said}");
    }
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}
