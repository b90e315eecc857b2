//! Accounts from a file: checked as a whole, and added as a whole.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::commands::{home, program, run, stderr, stdout};

const SECRET: &str = "a-shared-secret-of-this-company";

fn role(id: &str) -> String {
    format!("arn:aws:iam::{id}:role/DRSOrchestrationRole")
}

fn import(home: &Path, name: &str, text: &str, arguments: &[&str]) -> Output {
    let file = home.join(name);
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    run(home, &[&["accounts", "import", file], arguments].concat())
}

fn listed(home: &Path) -> Value {
    let list = run(home, &["accounts", "list", "--output", "json"]);
    serde_json::from_slice(&list.stdout).unwrap_or_default()
}

#[test]
fn a_table_is_tried_first_and_then_added() {
    let home = home();
    let home = home.path();
    let table = format!(
        "accountId,accountName,roleArn,externalId,stagingOf\n\
         222222222222,payments <b>,{},{SECRET},\n\
         333333333333,payments staging,{},{SECRET},222222222222\n\
         444444444444,,,,\n",
        role("222222222222"),
        role("333333333333"),
    );
    let tried = import(home, "a.csv", &table, &[]);
    assert_eq!(tried.status.code(), Some(0), "{}", stderr(&tried));
    assert!(stdout(&tried).contains("Would add 2 target accounts"), "{}", stdout(&tried));
    assert!(stderr(&tried).contains("--apply"), "{}", stderr(&tried));
    assert_eq!(listed(home), json!([]));
    let added = import(home, "a.csv", &table, &["--apply"]);
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    let rows = listed(home);
    let ids: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["accountId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["222222222222", "333333333333", "444444444444"]);
    assert_eq!(
        (&rows[1]["kind"], &rows[1]["targetAccountId"]),
        (&json!("staging"), &json!(ids[0]))
    );
    // Once more is no error: an import that was ended can be run again.
    let again = import(home, "a.csv", &table, &["--apply"]);
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    assert!(stdout(&again).contains("There already 2 target accounts"), "{}", stdout(&again));
    for output in [&tried, &added, &again] {
        assert!(!(stdout(output) + &stderr(output)).contains(SECRET));
    }
}

#[test]
fn json_as_it_is_exported_takes_the_external_id_from_outside() {
    let home = home();
    let home = home.path();
    let file = json!([{ "accountId": "222222222222", "roleArn": role("222222222222"),
        "hasExternalId": true, "stagingAccounts": [
            { "accountId": "333333333333", "roleArn": role("333333333333"), "hasExternalId": false }] }]);
    let file = file.to_string();
    let missing = import(home, "a.json", &file, &["--apply"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(stderr(&missing).contains("account 1: the account 222222222222 has an external id"));
    let path = home.join("a.json");
    let arguments = ["accounts", "import", path.to_str().unwrap(), "--apply"];
    let added =
        program(home).env("DRS_INVENTORY_EXTERNAL_ID", SECRET).args(arguments).output().unwrap();
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    let rows = listed(home);
    let set = |row: &Value| row["externalIdSet"].clone();
    assert_eq!((set(&rows[0]), set(&rows[1])), (json!("set"), json!("")));
}

#[test]
fn a_file_with_one_wrong_account_adds_none() {
    let home = home();
    let home = home.path();
    let good = format!("222222222222,a,{},{SECRET},", role("222222222222"));
    let header = "accountId,accountName,roleArn,externalId,stagingOf";
    let wrong_role = format!("333333333333,b,{},,", role("222222222222"));
    for (line, said) in [
        ("33333,b,,,", "line 3"),
        (",b,,,", "accountId is empty"),
        (wrong_role.as_str(), "a role of this account"),
        (good.as_str(), "is there twice"),
        ("333333333333,b,,,444444444444", "is not in the file"),
        ("222222222222,b,,,222222222222", "another one than the target itself"),
        ("333333333333,b", "expected 5 cells"),
        ("333333333333,b,,x,", "external id"),
    ] {
        let refused = import(home, "a.csv", &format!("{header}\n{good}\n{line}\n"), &["--apply"]);
        let told = stderr(&refused);
        assert_eq!(refused.status.code(), Some(1), "{line}");
        assert!(told.contains(said) && told.contains("nothing was imported"), "{line}: {told}");
        assert!(!told.contains(SECRET), "{told}");
        assert_eq!(listed(home), json!([]), "{line}");
    }
    for (name, text, said) in [
        ("a.csv", format!("222222222222,{SECRET}\n"), "column 1"),
        ("a.json", "{}".to_owned(), "expected a JSON list"),
        (
            "a.json",
            format!("[{{\"accountId\": \"222222222222\", \"externalid\": \"{SECRET}\"}}]"),
            "externalid",
        ),
        (
            "a.json",
            "[{\"accountId\": \"222222222222\", \"externalId\": 4711}]".to_owned(),
            "expected texts",
        ),
        ("a.csv", "accountId,accountId\n".to_owned(), "is there twice"),
        (
            "a.csv",
            format!("accountId,externalId,hasExternalId\n222222222222,true,{SECRET}\n"),
            "expected true or false",
        ),
        ("a.txt", String::new(), ".csv or .json"),
    ] {
        let refused = import(home, name, &text, &["--apply"]);
        let told = stderr(&refused);
        assert_eq!(refused.status.code(), Some(1), "{name} {text}");
        assert!(told.contains(said) && !told.contains(SECRET) && !told.contains("4711"), "{told}");
    }
}

#[test]
fn a_table_of_windows_is_read_as_it_is() {
    let home = home();
    let text = "\u{feff}accountId,accountName\r\n222222222222,\"a, b\"\r\n333333333333,c\r\n";
    let added = import(home.path(), "a.csv", text, &["--apply"]);
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    assert_eq!(listed(home.path())[0]["accountName"], "a, b");
}

#[test]
fn an_account_that_is_there_otherwise_is_not_changed() {
    let home = home();
    let home = home.path();
    run(home, &["accounts", "add", "222222222222", "--name", "payments"]);
    let table = "accountId,accountName\n333333333333,new\n222222222222,other\n";
    let refused = import(home, "a.csv", table, &["--apply"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("another accountName"), "{}", stderr(&refused));
    assert_eq!(listed(home).as_array().unwrap().len(), 1);
}

#[test]
fn more_than_a_transaction_takes_are_added_all_the_same() {
    let home = home();
    let home = home.path();
    let ids = (0..250).map(|n| format!("{:012}\n", 300_000_000_000u64 + n));
    let table = format!("accountId\n{}", ids.collect::<String>());
    let added = import(home, "a.csv", &table, &["--apply"]);
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    assert_eq!(listed(home).as_array().unwrap().len(), 250);
}

#[test]
fn what_is_exported_is_imported_elsewhere() {
    let (home, other) = (home(), crate::commands::home());
    let (home, other) = (home.path(), other.path());
    for arguments in [
        &[
            "222222222222",
            "--name",
            "a, \"b\"",
            "--role-arn",
            &role("222222222222"),
            "--external-id",
            SECRET,
        ][..],
        &["333333333333", "--staging-of", "222222222222"],
        &[
            "444444444444",
            "--name=-prod",
            "--role-arn",
            &role("444444444444"),
            "--external-id",
            "=x+y",
        ],
    ] {
        run(home, &[&["accounts", "add"], arguments].concat());
    }
    let (json, csv) = (home.join("a.json"), home.join("a.csv"));
    let (json, csv) = (json.to_str().unwrap(), csv.to_str().unwrap());
    run(home, &["accounts", "export", json, "--with-external-ids"]);
    run(home, &["accounts", "export", csv, "--with-external-ids"]);
    let imported = run(other, &["accounts", "import", json, "--apply"]);
    assert_eq!(imported.status.code(), Some(0), "{}", stderr(&imported));
    assert_eq!(listed(other), listed(home));
    let again = run(other, &["accounts", "import", csv, "--apply"]);
    assert!(stdout(&again).contains("There already 2 target accounts"), "{}", stderr(&again));
}
