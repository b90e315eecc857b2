//! What nothing protects, as a person reads it and takes things out of it.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::commands::{home, run, stderr, stdout};

fn ask(home: &Path, store: &str, arguments: &[&str]) -> Output {
    run(home, &[arguments, &["--store", store]].concat())
}

#[test]
fn the_demo_shows_what_nothing_protects() {
    let home = home();
    let store = home.path().join("demo.db");
    let store = store.to_str().unwrap();
    assert_eq!(run(home.path(), &["demo", "--store", store]).status.code(), Some(0));
    let list = ask(home.path(), store, &["unprotected", "list"]);
    assert_eq!(list.status.code(), Some(0), "{}", stderr(&list));
    for name in ["pay-reports-01", "pay-build-07", "web-admin-01"] {
        assert!(stdout(&list).contains(name), "{}", stdout(&list));
    }
    // What DRS launched, what is gone, and what a server names.
    for name in ["pay-build-06", "pay-api-04", "pay-ledger-01"] {
        assert!(!stdout(&list).contains(name), "{}", stdout(&list));
    }
    let told = stderr(&list);
    assert!(told.contains("3 instances that nothing protects, 0 excluded"), "{told}");
    assert!(told.contains("333333333333 eu-west-1: DRS could not be read in us-east-1"), "{told}");
    assert!(told.contains("444444444444 us-east-1: EC2 could not be asked"), "{told}");

    let one = ["unprotected", "list", "--account", "222222222222", "--region", "us-east-1"];
    let json = ask(home.path(), store, &[&one[..], &["--output", "json"]].concat());
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 2);
    assert_eq!(
        (&json[0]["certain"], &json[0]["owner"]),
        (&json!(true), &json!("finance-reporting"))
    );
    let csv = stdout(&ask(home.path(), store, &[&one[..], &["--output", "csv"]].concat()));
    assert!(csv.starts_with("accountId,region,instanceId,name,owner"), "{csv}");
}

#[test]
fn what_is_excluded_is_left_out_by_the_next_sync() {
    let home = home();
    let store = home.path().join("demo.db");
    let store = store.to_str().unwrap();
    run(home.path(), &["demo", "--store", store]);
    let tag = "tag:Owner=payments-platform";
    let exclude = ["unprotected", "exclude", tag, "--owner", "pay", "--reason", "rebuilt nightly"];
    let done = ask(home.path(), store, &[&exclude[..], &["--until", "2999-01-31"]].concat());
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert!(stderr(&done).contains(tag), "{}", stderr(&done));
    run(home.path(), &["demo", "--store", store]);
    let list = ask(home.path(), store, &["unprotected", "list"]);
    assert!(!stdout(&list).contains("pay-build-07"), "{}", stdout(&list));
    assert!(stderr(&list).contains("2 instances that nothing protects, 1 excluded"));

    let exclusions = ["unprotected", "list", "--exclusions", "--output", "json"];
    let holds = || {
        let json = ask(home.path(), store, &exclusions);
        let json: Value = serde_json::from_slice(&json.stdout).unwrap();
        (json[0]["what"].clone(), json[0]["holds"].clone())
    };
    assert_eq!(holds(), (json!(tag), json!(true)));
    assert_eq!(ask(home.path(), store, &["unprotected", "include", tag]).status.code(), Some(0));
    assert_eq!(holds(), (json!(tag), json!(false)));
    let again = ask(home.path(), store, &["unprotected", "include", tag]);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("is not excluded"), "{}", stderr(&again));
}

#[test]
fn where_no_sync_has_looked_it_says_so() {
    let home = home();
    let store = home.path().join("empty.db");
    let store = store.to_str().unwrap();
    run(home.path(), &["tables", "create", "--store", store]);
    let list = ask(home.path(), store, &["unprotected", "list"]);
    assert_eq!(list.status.code(), Some(0));
    assert!(stderr(&list).contains("FIND_UNPROTECTED=true"), "{}", stderr(&list));
    let until = ["--until", "soon", "--owner", "x", "--reason", "y"];
    let wrong =
        ask(home.path(), store, &[&["unprotected", "exclude", "id:i-1"][..], &until].concat());
    assert_eq!(wrong.status.code(), Some(1));
    for arguments in [
        &["unprotected", "exclude", "tag:a=b"][..],
        &["unprotected", "exclude", "tag:a=b", "--owner", "x", "--reason", "y"],
        &["unprotected", "list", "--exclusions", "--account", "222222222222"],
    ] {
        assert_eq!(ask(home.path(), store, arguments).status.code(), Some(2), "{arguments:?}");
    }
}
