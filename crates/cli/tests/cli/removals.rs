//! Removals that wait and regions that are closed, as a person lets them go.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use store::tables::TableKind;

use crate::commands::{home, run, stderr, stdout};
use crate::history::put;

const ACCOUNT: &str = "222222222222";
const SINCE: &str = "2026-11-24T00:00:00.000000+00:00";

/// A store in which the removal of twelve servers waits, and another of the whole installation.
fn held(home: &Path) -> PathBuf {
    let store = home.join("held.db");
    run(home, &["tables", "create", "--store", store.to_str().unwrap()]);
    let held = json!({ "count": 12, "since": SINCE });
    let place = json!({ "accountId": ACCOUNT, "region": "us-east-1", "status": "ACTIVE",
        "trouble": "HELD", "removalHeld": held });
    let last = json!({ "accountId": "#sync", "region": "#last", "startedAt": SINCE,
        "finishedAt": SINCE, "removalHeld": held });
    put(&store, TableKind::AccountRegionStatus, &[place, last]);
    store
}

fn ask(home: &Path, store: &Path, arguments: &[&str]) -> Output {
    run(home, &[arguments, &["--store", store.to_str().unwrap()]].concat())
}

#[test]
fn what_waits_is_listed_and_approved_as_it_was_seen() {
    let home = home();
    let store = held(home.path());
    let list = ["removals", "list"];
    insta::assert_snapshot!("removals", stdout(&ask(home.path(), &store, &list)));
    let json = ask(home.path(), &store, &["removals", "list", "--output", "json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&json[0]["installation"], &json[1]["accountId"]), (&json!(true), &json!(ACCOUNT)));
    let warned = ask(home.path(), &store, &["servers"]);
    assert!(stderr(&warned).contains("removals approve"), "{}", stderr(&warned));

    let approve = ["removals", "approve", ACCOUNT, "us-east-1"];
    let unseen = ask(home.path(), &store, &approve);
    assert_eq!(unseen.status.code(), Some(1));
    assert!(stderr(&unseen).contains("--count"), "{}", stderr(&unseen));
    let grown = [&approve[..], &["--count", "11", "--since", SINCE]].concat();
    let grown = ask(home.path(), &store, &grown);
    assert_eq!(grown.status.code(), Some(1));
    assert!(stderr(&grown).contains("12 servers"), "{}", stderr(&grown));
    let seen = ["--count", "12", "--since", SINCE];
    for what in [&[ACCOUNT, "us-east-1"][..], &["--installation"]] {
        let approved = [&["removals", "approve"], what, &seen].concat();
        let approved = ask(home.path(), &store, &approved);
        assert_eq!(approved.status.code(), Some(0), "{}", stderr(&approved));
    }
}

#[test]
fn wrong_usage_of_an_approval_exits_with_2() {
    let home = home();
    for arguments in [
        &["removals", "approve"][..],
        &["removals", "approve", ACCOUNT],
        &["removals", "approve", ACCOUNT, "us-east-1", "--installation"],
        &["removals", "approve", ACCOUNT, "us-east-1", "--count", "1"],
        &["regions", "acknowledge", ACCOUNT, "us-east-1"],
        &["regions", "--region", "us-east-1", "acknowledge", ACCOUNT, "us-east-1"],
    ] {
        assert_eq!(run(home.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_region_is_acknowledged() {
    let home = home();
    let store = held(home.path());
    let acknowledge = |region, until| {
        let rest = ["--until", until, "--because", "left Virginia"];
        let arguments = [&["regions", "acknowledge", ACCOUNT, region][..], &rest].concat();
        ask(home.path(), &store, &arguments)
    };
    let done = acknowledge("us-east-1", "2099-01-31");
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let own = ["regions", "--account", ACCOUNT, "--output", "json"];
    let own: Value = serde_json::from_slice(&ask(home.path(), &store, &own).stdout).unwrap();
    assert_eq!(own[0]["acknowledgedBecause"], "left Virginia");
    for (region, until, text) in [
        ("us-east-1", "soon", "soon"),
        ("us-east-1", "2020-01-01", "to come"),
        ("eu-west-1", "2099-01-31", "eu-west-1"),
    ] {
        let refused = acknowledge(region, until);
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr(&refused).contains(text), "{}", stderr(&refused));
    }
}
