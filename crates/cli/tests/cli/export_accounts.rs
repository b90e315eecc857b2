//! `accounts export`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use store::tables::TableKind;

use crate::commands::{home, run, stderr, stdout};
use crate::history::put;

/// A store with a target, its staging account, and what is no account.
fn store(home: &Path) -> PathBuf {
    let store = home.join("accounts.db");
    ask(home, &store, &["tables", "create"]);
    let staging =
        json!({ "accountId": "333333333333", "externalId": "id-of-staging", "owner": "a" });
    let payments = json!({ "accountId": "222222222222", "accountName": "=payments", "owner": "a",
        "roleArn": "arn:aws:iam::222222222222:role/R", "externalId": "id-of-payments",
        "stagingAccounts": [null, staging, "444444444444", { "accountId": "4" }] });
    let hub = json!({ "accountId": "111111111111", "roleArn": null, "stagingAccounts": "none" });
    put(&store, TableKind::TargetAccounts, &[payments, hub, json!({ "accountId": "test\u{1b}" })]);
    store
}

fn ask(home: &Path, store: &Path, arguments: &[&str]) -> Output {
    run(home, &[arguments, &["--store", store.to_str().unwrap()]].concat())
}

fn export(home: &Path, store: &Path, name: &str, more: &[&str]) -> (PathBuf, Output) {
    let file = home.join(name);
    let arguments = [&["accounts", "export", file.to_str().unwrap()], more].concat();
    let output = ask(home, store, &arguments);
    (file, output)
}

#[test]
fn accounts_are_exported_whole_and_without_external_ids() {
    let home = home();
    let store = store(home.path());
    let (file, exported) = export(home.path(), &store, "accounts.json", &[]);
    assert!(exported.status.success(), "{}", stderr(&exported));
    assert_eq!(stdout(&exported), "");
    let text = fs::read_to_string(&file).unwrap();
    let read: Value = serde_json::from_str(&text).unwrap();
    let staging = json!({ "accountId": "333333333333", "hasExternalId": true });
    assert_eq!(
        read,
        json!([
            { "accountId": "111111111111", "hasExternalId": false, "stagingAccounts": [] },
            { "accountId": "222222222222", "accountName": "=payments", "hasExternalId": true,
                "roleArn": "arn:aws:iam::222222222222:role/R", "stagingAccounts": [staging] },
        ])
    );
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let said = stderr(&exported);
    for part in [
        "2 target accounts, 1 staging account\n",
        "not in the file: the row \"test",
        "not in the file: the stagingAccounts of 111111111111 is not a list",
        "not in the file: 2 of the stagingAccounts of 222222222222",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(!said.contains('\u{1b}') && !said.contains("external ids"), "{said:?}");
}

#[test]
fn external_ids_are_written_where_somebody_asks_for_them() {
    let home = home();
    let store = store(home.path());
    let (file, exported) = export(home.path(), &store, "all.json", &["--with-external-ids"]);
    let read: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(read[1]["externalId"], "id-of-payments");
    assert_eq!(read[1]["stagingAccounts"][0]["externalId"], "id-of-staging");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let said = stderr(&exported);
    assert!(said.contains("it holds external ids") && !said.contains("id-of"), "{said}");
}

#[test]
fn a_line_of_csv_is_an_account() {
    let home = home();
    let store = store(home.path());
    let (file, _) = export(home.path(), &store, "accounts.csv", &[]);
    let expected = "accountId,accountName,roleArn,stagingOf,hasExternalId\n\
        111111111111,,,,false\n\
        222222222222,'=payments,arn:aws:iam::222222222222:role/R,,true\n\
        333333333333,,,222222222222,true\n";
    assert_eq!(fs::read_to_string(file).unwrap(), expected);
    let (file, _) = export(home.path(), &store, "all.csv", &["--with-external-ids"]);
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(",true,id-of-payments\n") && text.contains(",false,\n"), "{text}");
}

#[test]
fn a_file_that_is_there_stays_and_another_name_is_refused() {
    let home = home();
    let store = store(home.path());
    let there = home.path().join("there.json");
    fs::write(&there, "mine").unwrap();
    for (name, expected) in [
        ("there.json", "there.json: File exists"),
        ("nowhere/accounts.json", "cannot write"),
        ("accounts.txt", "ends with .json or .csv"),
        ("accounts", "ends with .json or .csv"),
    ] {
        let (_, refused) = export(home.path(), &store, name, &[]);
        assert_eq!(refused.status.code(), Some(1), "{name}");
        assert!(stderr(&refused).contains(expected), "{}", stderr(&refused));
    }
    assert_eq!(fs::read_to_string(there).unwrap(), "mine");
    let names = fs::read_dir(home.path()).unwrap().map(|it| it.unwrap().file_name());
    let left: Vec<_> =
        names.filter(|name| !name.to_string_lossy().starts_with("accounts.db")).collect();
    assert_eq!(left, ["there.json"], "something half-written is left");
}

#[test]
fn another_installation_takes_an_export_in() {
    let home = home();
    let store = store(home.path());
    let (hidden, _) = export(home.path(), &store, "hidden.json", &[]);
    let (shown, _) = export(home.path(), &store, "shown.csv", &["--with-external-ids"]);
    let mut taken = Vec::new();
    for (file, other) in [(&hidden, "of-json.db"), (&shown, "of-csv.db")] {
        let other = home.path().join(other);
        let import = ["accounts", "import", file.to_str().unwrap(), "--apply"];
        let refused = ask(home.path(), &other, &import);
        let import = [&import[..], &["--external-id", "id-of-all"]].concat();
        let imported = ask(home.path(), &other, &import);
        assert!(imported.status.success(), "{}", stderr(&imported));
        assert_eq!(refused.status.code(), Some(i32::from(file == &hidden)), "{}", stderr(&refused));
        taken.push(stdout(&ask(home.path(), &other, &["accounts", "list", "--output", "json"])));
    }
    let listed = stdout(&ask(home.path(), &store, &["accounts", "list", "--output", "json"]));
    let mut listed: Value = serde_json::from_str(&listed).unwrap();
    let is_account = |row: &Value| row["accountId"].as_str().unwrap().len() == 12;
    listed.as_array_mut().unwrap().retain(is_account);
    let taken: Vec<Value> = taken.iter().map(|it| serde_json::from_str(it).unwrap()).collect();
    let ids = |rows: &Value| {
        let rows = rows.as_array().unwrap();
        rows.iter()
            .map(|row| {
                (
                    row["accountId"].clone(),
                    row["externalIdSet"].clone(),
                    row["targetAccountId"].clone(),
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&taken[0]), ids(&listed));
    assert_eq!(ids(&taken[1]), ids(&listed));
    // What keeps a spreadsheet from running a cell of CSV is no part of the name.
    let names: Vec<&Value> = taken.iter().map(|rows| &rows[1]["accountName"]).collect();
    assert_eq!(names, ["=payments", "=payments"]);
}
