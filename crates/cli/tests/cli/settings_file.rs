//! `drs-inventory.toml`: where it is looked for, who wins over it, and what it must not hold.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::commands::{home, program, run, stderr, stdout};

fn write(path: &Path, text: &str) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    path.to_owned()
}

/// In the user's own configuration directory.
fn own(home: &Path, text: &str) -> PathBuf {
    write(&home.join(".config/drs-inventory/drs-inventory.toml"), text)
}

/// A setting and who decides it, as `settings` says with these arguments and variables.
fn setting(home: &Path, key: &str, arguments: &[&str], variables: &[(&str, &str)]) -> [String; 2] {
    let mut program = program(home);
    program.envs(variables.iter().copied()).args(arguments);
    let output = program.args(["settings", "--output", "jsonl"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let rows = stdout(&output);
    let mut rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let row = rows.find(|row| row["setting"] == key).unwrap();
    [&row["value"], &row["from"]].map(|value| value.as_str().unwrap().to_owned())
}

#[test]
fn an_argument_wins_over_the_environment_and_that_over_the_file() {
    let home = home();
    own(home.path(), "rpo_minutes = 5\nregion = \"eu-west-1\"\nstore = \"mine.db\"\n");
    let setting = |key, arguments: &[&str], variables: &[(&str, &str)]| {
        setting(home.path(), key, arguments, variables)
    };
    assert_eq!(setting("rpo_minutes", &[], &[]), ["5", "settings file"]);
    assert_eq!(setting("rpo_minutes", &[], &[("RPO_MINUTES", "7")]), ["7", "environment"]);
    assert_eq!(setting("read_drills", &[], &[]), ["false", "default"]);
    let region = [("AWS_REGION", "eu-west-2")];
    assert_eq!(setting("region", &[], &[]), ["eu-west-1", "settings file"]);
    assert_eq!(setting("region", &[], &region), ["eu-west-2", "environment"]);
    assert_eq!(setting("region", &["--region", "us-east-1"], &region), ["us-east-1", "argument"]);
    let beside = home.path().join(".config/drs-inventory/mine.db");
    assert_eq!(setting("store", &[], &[]), [beside.to_str().unwrap(), "settings file"]);
    assert_eq!(setting("store", &["--store", "x.db"], &[]), ["x.db", "argument"]);
    let secret = [("DEFAULT_EXTERNAL_ID", "hush-hush")];
    assert_eq!(setting("default_external_id", &[], &secret), ["(not shown)", "environment"]);
}

#[test]
fn what_the_file_says_is_what_commands_do() {
    let home = home();
    let settings = own(home.path(), "store = \"mine.db\"\nremove_after_hours = \"never\"\n");
    let added = run(home.path(), &["accounts", "add", "111111111111"]);
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    assert!(settings.with_file_name("mine.db").exists());
    // The suggestion means the same store.
    own(home.path(), "store = \"other.db\"\n");
    let said = stderr(&run(home.path(), &["servers"]));
    assert!(said.contains("drs-inventory sync --store") && said.contains("other.db"), "{said}");
}

#[test]
fn a_file_in_the_working_directory_is_read_only_where_it_is_named() {
    let home = home();
    let folder = home.path().join("somebody-elses");
    let file = write(&folder.join("drs-inventory.toml"), "rpo_minutes = 1\n");
    let from = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut program = program(home.path());
        program.current_dir(&folder).envs(variables.iter().copied()).args(arguments);
        let asked = ["settings", "--columns", "value,from", "--output", "csv"];
        stdout(&program.args(asked).output().unwrap())
    };
    let named = ("DRS_INVENTORY_SETTINGS", file.to_str().unwrap());
    assert!(!from(&[], &[]).contains("settings file"));
    let by_argument = from(&["--settings", "drs-inventory.toml"], &[]);
    assert!(by_argument.contains("\n1,settings file\n"), "{by_argument}");
    assert!(from(&[], &[named]).contains("\n1,settings file\n"));
    own(home.path(), "rpo_minutes = 2\n");
    assert!(from(&[], &[]).contains("\n2,settings file\n"));
    // Named by nothing, none is read.
    assert!(!from(&[], &[(named.0, "")]).contains("settings file"));
}

fn refused(home: &Path, text: &str) -> Output {
    let file = write(&home.join("wrong.toml"), text);
    let output = run(home, &["servers", "--settings", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{text}");
    output
}

#[test]
fn what_is_wrong_is_refused_with_file_line_key_and_what_was_expected() {
    let home = home();
    for (text, parts) in [
        ("\nrpo_minuets = 1", &["line 2", "rpo_minuets", "rpo_minutes"][..]),
        ("rpo_minutes = \"15\"", &["line 1", "rpo_minutes", "whole number"]),
        (
            "# x\nmax_concurrent_accounts = 0",
            &["line 2", "max_concurrent_accounts", "from 1 to 1000"],
        ),
        ("member_role_name = \"a b\"", &["line 1", "member_role_name", "name of a role"]),
        ("installation = \"x\"", &["line 1", "installation"]),
        ("rpo_minutes = ", &["line 1", "TOML"]),
    ] {
        let said = stderr(&refused(home.path(), text));
        assert!(said.contains("wrong.toml"), "{said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{text:?}: {said}");
    }
    let large = refused(home.path(), &"# much\n".repeat(20_000));
    assert!(stderr(&large).contains("65536 bytes"), "{}", stderr(&large));
    let missing = run(home.path(), &["servers", "--settings", "none.toml"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(stderr(&missing).contains("none.toml"), "{}", stderr(&missing));
}

#[test]
fn a_secret_is_refused_and_not_shown() {
    let home = home();
    for text in [
        "default_external_id = \"hush-hush\"",
        "aws_secret_access_key = \"hush-hush\"",
        "aws_access_key_id = hush-hush",
        "[aws]\nsession_token = \"hush-hush\"",
    ] {
        let output = refused(home.path(), text);
        assert!(!(stderr(&output) + &stdout(&output)).contains("hush"), "{}", stderr(&output));
    }
    let said = stderr(&refused(home.path(), "default_external_id = \"x\""));
    assert!(said.contains("is a secret") && said.contains("DEFAULT_EXTERNAL_ID"), "{said}");
}

#[test]
fn a_wrong_file_does_not_keep_the_demo_or_the_help_from_working() {
    let home = home();
    own(home.path(), "nonsense = 1\n");
    let store = home.path().join("demo.db");
    for arguments in [
        &["demo", "--store", store.to_str().unwrap()][..],
        &["--help"],
        &["man"],
        &["completions", "bash"],
    ] {
        let output = run(home.path(), arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(run(home.path(), &["servers"]).status.code(), Some(1));
}
