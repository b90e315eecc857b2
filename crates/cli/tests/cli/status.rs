//! `status`, and the list behind its figures.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::commands::{home, run, stderr, stdout};

pub(crate) fn demo(home: &Path) -> PathBuf {
    let store = home.join("demo.db");
    assert!(run(home, &["--store", store.to_str().unwrap(), "demo"]).status.success());
    store
}

pub(crate) fn ask(home: &Path, store: &Path, arguments: &[&str]) -> Output {
    run(home, &[&["--store", store.to_str().unwrap()], arguments].concat())
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Host names of a list, in its order.
fn hosts(output: &Output) -> Vec<String> {
    let rows = json(output);
    let name = |row: &Value| row["hostname"].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(name).collect()
}

#[test]
fn the_screen_adds_up_to_the_list_and_says_what_to_do() {
    let home = home();
    let store = demo(home.path());
    let status = json(&ask(home.path(), &store, &["status", "--output", "json"]));
    let servers = json(&ask(home.path(), &store, &["servers", "--output", "json"]));
    let servers = servers.as_array().unwrap();
    for (name, verdict) in [
        ("ready", "READY"),
        ("atRisk", "AT_RISK"),
        ("notReady", "NOT_READY"),
        ("unknown", "UNKNOWN"),
    ] {
        let listed = servers.iter().filter(|row| row["readiness"] == verdict).count();
        assert!(listed > 0, "the demo shows no {verdict}");
        assert_eq!(status["verdicts"][name], listed, "{name}: {status}");
    }
    assert_eq!(status["servers"], servers.len());
    for (reason, count) in status["reasons"].as_object().unwrap() {
        let with_it = ask(
            home.path(),
            &store,
            &["servers", "--reason", reason, "--verdict", "!unknown", "--output", "json"],
        );
        assert_eq!(hosts(&with_it).len() as u64, count.as_u64().unwrap(), "{reason}");
    }

    let screen = stdout(&ask(home.path(), &store, &["status"]));
    for part in [
        "NOT PROVEN READY. Known:",
        "not known: 777777777777",
        "UNKNOWN 3",
        "Do this next",
        "Still running: 1 drill instance",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
}

#[test]
fn what_it_fails_on_is_its_exit_code() {
    let home = home();
    let store = demo(home.path());
    for (fail_on, code) in
        [("unknown", 3), ("not-ready", 4), ("at-risk", 4), ("unknown,not-ready", 4)]
    {
        let status = ask(home.path(), &store, &["status", "--fail-on", fail_on]);
        assert_eq!(status.status.code(), Some(code), "{fail_on}");
        assert!(stdout(&status).contains("NOT PROVEN READY"));
    }
    assert!(ask(home.path(), &store, &["status"]).status.success());
    assert_eq!(ask(home.path(), &store, &["status", "--fail-on", "red"]).status.code(), Some(2));
}

#[test]
fn the_worst_and_the_least_known_come_first_and_filters_take_several_values_and_their_opposite() {
    let home = home();
    let store = demo(home.path());
    let of = |filters: &[&str]| {
        hosts(&ask(home.path(), &store, &[&["servers", "--output", "json"], filters].concat()))
    };
    let all = json(&ask(home.path(), &store, &["servers", "--output", "json"]));
    let order = |row: &Value| match row["readiness"].as_str().unwrap() {
        "NOT_READY" => 0,
        "UNKNOWN" => 1,
        "AT_RISK" => 2,
        _ => 3,
    };
    assert!(all.as_array().unwrap().is_sorted_by_key(order));

    let (worst, rest) =
        (of(&["--verdict", "not-ready,unknown"]), of(&["--verdict", "!not-ready,!unknown"]));
    assert_eq!(worst.len() + rest.len(), all.as_array().unwrap().len());
    assert_eq!(of(&["--verdict", "unknown"]), ["boston-03", "boston-02", "boston-01"]);
    let lags = of(&["--lag-above", "2h", "--verdict", "!unknown"]);
    assert!(lags.contains(&"pay-db-03".to_owned()), "{lags:?}");
    assert!(of(&["--lag-above", "P9D"]).is_empty());
    let stalled = of(&["--state", "stalled"]);
    assert_eq!(stalled, ["pay-batch-01"]);
    assert!(!of(&["--state", "!STALLED"]).contains(&stalled[0]));
    assert!(of(&["--tag", "!Name=nobody"]).len() == all.as_array().unwrap().len());

    let table = stdout(&ask(home.path(), &store, &["servers", "--state", "stalled"]));
    assert!(table.contains("9 h 40 m") && table.contains("stalled, AGENT_NOT_SEEN"), "{table}");
    let unknown = stdout(&ask(home.path(), &store, &["servers", "--verdict", "unknown"]));
    assert!(unknown.contains("not read; was at risk"), "{unknown}");
}

#[test]
fn a_filter_that_is_misspelt_is_refused() {
    let home = home();
    let store = demo(home.path());
    for (filter, value) in [
        ("--verdict", "red"),
        ("--reason", "LAG"),
        ("--drill", "soon"),
        ("--group", "nobody's"),
        ("--region", ""),
        ("--state", " , "),
    ] {
        let refused = ask(home.path(), &store, &["servers", filter, value]);
        assert_eq!(refused.status.code(), Some(1), "{filter}");
        assert!(stderr(&refused).contains(filter), "{}", stderr(&refused));
    }
    assert_eq!(
        ask(home.path(), &store, &["servers", "--lag-above", "soon"]).status.code(),
        Some(2)
    );
}

#[test]
fn one_server_has_its_reasons_in_words() {
    let home = home();
    let store = demo(home.path());
    let server = ask(home.path(), &store, &["server", "s-7ffc050fec94dbca3"]);
    let text = stdout(&server);
    assert!(text.contains("STALLED: stalled, AGENT_NOT_SEEN"), "{text}");
    assert!(text.contains("mend what the replication error names"), "{text}");
}

#[test]
fn an_empty_store_has_no_servers_and_is_not_proven() {
    let home = home();
    let store = home.path().join("empty.db");
    assert!(ask(home.path(), &store, &["tables", "create"]).status.success());
    let screen = stdout(&ask(home.path(), &store, &["status"]));
    assert!(screen.contains("no sync has ended yet") && screen.contains("NO SERVERS"), "{screen}");
}
