//! What was: `status --as-of`, `servers --as-of`, `diff`, and the history that they are told from.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use sim::{Simulator, World};
use testing::{MEMBER, denied, member, server};

use crate::commands::{home, run_against as ask, stderr, stdout};

/// A server that is ready, or in this state.
fn listed(number: u32, state: &str) -> Value {
    let mut server = server(MEMBER, "us-east-1", number);
    server["lifeCycle"]["lastSeenByServiceDateTime"] = json!(jiff::Timestamp::now().to_string());
    server["sourceProperties"]["identificationHints"]["awsInstanceID"] = json!(null);
    server["dataReplicationInfo"]["dataReplicationState"] = json!(state);
    server
}

fn world(servers: &[Value], fault: Option<Value>) -> World {
    let mut drs = json!({ "sourceServers": servers });
    if let Some(fault) = fault {
        drs["fault"] = fault;
    }
    let world = sim::world::build::WorldBuilder::new("111111111111");
    let world = world.target(member(MEMBER).drs("us-east-1", drs)).json();
    World::from_json(&world.to_string()).unwrap()
}

/// A sync, and a moment after it.
fn sync(home: &Path, sim: &Simulator) -> String {
    let synced = ask(home, sim, &["sync"]);
    assert!(matches!(synced.status.code(), Some(0 | 3)), "{}", stderr(&synced));
    std::thread::sleep(Duration::from_millis(50));
    let moment = jiff::Timestamp::now().to_string();
    std::thread::sleep(Duration::from_millis(50));
    moment
}

fn verdicts(home: &Path, sim: &Simulator, as_of: &str) -> Value {
    let status = ask(home, sim, &["status", "--as-of", as_of, "--output", "json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    status["verdicts"].clone()
}

fn of(ready: u64, at_risk: u64, not_ready: u64, unknown: u64) -> Value {
    json!({ "ready": ready, "atRisk": at_risk, "notReady": not_ready, "unknown": unknown })
}

#[test]
fn three_syncs_of_a_changing_world_are_told_afterwards() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let home = home();
    let home = home.path();
    let first = [listed(1, "CONTINUOUS"), listed(2, "CONTINUOUS"), listed(3, "PAUSED")];
    let sim = runtime.block_on(Simulator::start(world(&first, None))).unwrap();
    let role = format!("arn:aws:iam::{MEMBER}:role/DRSOrchestrationRole");
    let added = ask(
        home,
        &sim,
        &["accounts", "add", MEMBER, "--role-arn", &role, "--external-id", "the-external-id"],
    );
    assert!(added.status.success(), "{}", stderr(&added));

    let one = sync(home, &sim);
    let mut launched = listed(1, "CONTINUOUS");
    launched["lastLaunchResult"] = json!("SUCCEEDED");
    launched["lifeCycle"]["lastLaunch"] = json!({ "status": "LAUNCHED", "initiated": {
        "apiCallDateTime": "2026-11-20T10:00:00Z", "jobID": "drsjob-1", "type": "DRILL" } });
    let second = [launched.clone(), listed(2, "STALLED"), listed(4, "CONTINUOUS")];
    sim.set_world(world(&second, None));
    let two = sync(home, &sim);
    sim.set_world(world(&[], Some(denied())));
    let three = sync(home, &sim);

    assert_eq!(verdicts(home, &sim, &one), of(2, 1, 0, 0));
    // The third server is no longer listed.
    assert_eq!(verdicts(home, &sim, &two), of(2, 0, 2, 0));
    assert_eq!(verdicts(home, &sim, &three), of(0, 0, 0, 4));

    let then = ask(home, &sim, &["servers", "--as-of", &two, "--state", "STALLED"]);
    assert!(
        stdout(&then).contains("host-2") && !stdout(&then).contains("host-1"),
        "{}",
        stdout(&then)
    );

    let diff = stdout(&ask(home, &sim, &["diff", &one, &two]));
    for line in [
        "Came: 1 server",
        "host-4",
        "Another verdict: 2 servers",
        "ready → not ready  STALLED",
        "at risk → not ready  NO_LONGER_LISTED",
    ] {
        assert!(diff.contains(line), "{line}: {diff}");
    }
    let diff = ask(home, &sim, &["diff", &one, "--output", "json"]);
    let diff: Value = serde_json::from_slice(&diff.stdout).unwrap();
    assert_eq!(diff["difference"]["after"]["verdicts"]["UNKNOWN"], 4, "{diff}");
    assert_eq!(diff["gaps"], json!([]));

    let changes = stdout(&ask(home, &sim, &["changes"]));
    for line in [
        "drill of 2026-11-20 10:00 UTC, SUCCEEDED",
        "ready → not ready: STALLED",
        "at risk → not ready: NO_LONGER_LISTED",
        "region-failed",
    ] {
        assert!(changes.contains(line), "{line}: {changes}");
    }
    assert!(!changes.contains("summary"), "{changes}");
    let summaries = stdout(&ask(home, &sim, &["changes", "--kind", "summary"]));
    assert!(summaries.contains("3 servers, at risk 1, ready 2; not known: 0"), "{summaries}");
}

#[test]
fn a_moment_that_cannot_be_told_is_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let home = home();
    let sim = runtime.block_on(Simulator::start(world(&[], None))).unwrap();
    assert!(ask(home.path(), &sim, &["tables", "create"]).status.success());
    for (arguments, said) in [
        (vec!["status", "--as-of", "soon"], "--as-of \"soon\" is no time"),
        (vec!["servers", "--as-of", "2999-01-01"], "has not come yet"),
        (vec!["status", "--as-of", "1d"], "run `sync` first"),
        (vec!["diff", "1h", "2h"], "give the earlier moment first"),
    ] {
        let refused = ask(home.path(), &sim, &arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        assert!(stderr(&refused).contains(said), "{arguments:?}: {}", stderr(&refused));
    }
}
