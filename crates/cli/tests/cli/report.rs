//! `report` and `report verify`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use sha2::{Digest, Sha256};
use testing::{MEMBER, member, server};

use crate::commands::{home, run, run_against, stderr, stdout};
use crate::status::{ask, demo};

const FILES: [&str; 4] = ["manifest.json", "report.html", "report.json", "servers.csv"];

/// A report of the demo.
fn report(home: &Path) -> (PathBuf, PathBuf) {
    let (store, out) = (demo(home), home.join("evidence"));
    let written = ask(home, &store, &["report", "--out", out.to_str().unwrap()]);
    assert!(written.status.success(), "{}", stderr(&written));
    (store, out)
}

fn verify(home: &Path, out: &Path) -> Output {
    run(home, &["report", "verify", out.to_str().unwrap()])
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Puts the hashes of the files as they are into the manifest, as somebody would who changed one.
fn correct_hashes(out: &Path) {
    let path = out.join("manifest.json");
    let mut manifest = json(&path);
    for name in ["report.html", "report.json", "servers.csv"] {
        let content = fs::read(out.join(name)).unwrap();
        let hash: String =
            Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        manifest["files"][name]["sha256"] = hash.into();
        manifest["files"][name]["bytes"] = content.len().into();
    }
    fs::write(&path, serde_json::to_string_pretty(&manifest).unwrap() + "\n").unwrap();
}

#[test]
fn a_report_says_what_status_says_and_verifies() {
    let home = home();
    let (store, out) = report(home.path());
    let mut names: Vec<_> = fs::read_dir(&out)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, FILES);
    let status = ask(home.path(), &store, &["status", "--output", "json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    let figures = &json(&out.join("report.json"))["figures"];
    for (own, shown) in [
        ("READY", "ready"),
        ("AT_RISK", "atRisk"),
        ("NOT_READY", "notReady"),
        ("UNKNOWN", "unknown"),
    ] {
        assert_eq!(figures["verdicts"][own], status["verdicts"][shown], "{own}");
    }
    assert_eq!(figures["reasons"], status["reasons"]);
    assert_eq!(&json(&out.join("manifest.json"))["figures"], figures);
    let verified = verify(home.path(), &out);
    assert!(verified.status.success(), "{}", stdout(&verified));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(!page.contains("<script") && !page.contains("http"), "{page}");
    assert!(page.contains("777777777777, the whole account"), "{page}");
}

#[test]
fn one_changed_byte_in_each_file_is_found() {
    let home = home();
    let (_, out) = report(home.path());
    for name in FILES {
        let path = out.join(name);
        let content = fs::read(&path).unwrap();
        for place in [content.len() / 3, content.len() - 1] {
            let mut changed = content.clone();
            changed[place] = if changed[place] == b' ' { b'x' } else { b' ' };
            fs::write(&path, &changed).unwrap();
            let verified = verify(home.path(), &out);
            assert_eq!(verified.status.code(), Some(1), "{name} {place}");
            assert!(stdout(&verified).contains(name), "{name}: {}", stdout(&verified));
        }
        fs::write(&path, &content).unwrap();
    }
    fs::remove_file(out.join("servers.csv")).unwrap();
    fs::write(out.join("notes.txt"), "mine").unwrap();
    let said = stdout(&verify(home.path(), &out));
    assert!(said.contains("servers.csv: cannot be read"), "{said}");
    assert!(said.contains("notes.txt: is no file of the report"), "{said}");
}

#[test]
fn one_changed_figure_is_found_though_its_hash_was_corrected() {
    let home = home();
    let (_, out) = report(home.path());
    for (name, from, to) in [
        ("report.json", "\"READY\": 35", "\"READY\": 36"),
        ("report.html", "data-value=\"35\">35<", "data-value=\"36\">36<"),
        ("report.html", "data-value=\"35\">35<", "data-value=\"35\">36<"),
        ("servers.csv", ",NOT_READY,", ",READY,"),
        ("manifest.json", "\"READY\": 35", "\"READY\": 36"),
    ] {
        let path = out.join(name);
        let (content, manifest) =
            (fs::read_to_string(&path).unwrap(), fs::read(out.join("manifest.json")).unwrap());
        assert!(content.contains(from), "{name} has no {from}");
        fs::write(&path, content.replacen(from, to, 1)).unwrap();
        correct_hashes(&out);
        let verified = verify(home.path(), &out);
        let said = stdout(&verified);
        assert_eq!(verified.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains(&format!("{name}: verdicts.")), "{name}: {said}");
        fs::write(&path, &content).unwrap();
        fs::write(out.join("manifest.json"), manifest).unwrap();
    }
    assert!(verify(home.path(), &out).status.success());
}

#[test]
fn a_directory_that_is_there_is_replaced_only_where_it_is_a_report_and_somebody_says_so() {
    let home = home();
    let (store, out) = report(home.path());
    let path = out.to_str().unwrap();
    let refused = ask(home.path(), &store, &["report", "--out", path]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("is there and not empty"), "{}", stderr(&refused));
    let replaced = ask(
        home.path(),
        &store,
        &["report", "--out", path, "--account", "222222222222", "--force"],
    );
    assert!(replaced.status.success(), "{}", stderr(&replaced));
    let servers = &json(&out.join("report.json"))["servers"];
    let of_account = |it: &Value| it["sourceAccountId"] == "222222222222";
    assert!(!servers.as_array().unwrap().is_empty());
    assert!(servers.as_array().unwrap().iter().all(of_account));
    assert!(verify(home.path(), &out).status.success());

    let mine = home.path().join("mine");
    fs::create_dir(&mine).unwrap();
    fs::write(mine.join("thesis.txt"), "mine").unwrap();
    let refused = ask(home.path(), &store, &["report", "--out", mine.to_str().unwrap(), "--force"]);
    assert!(stderr(&refused).contains("is no report"), "{}", stderr(&refused));
    assert!(mine.join("thesis.txt").exists());
    let left: Vec<_> =
        fs::read_dir(home.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".new")), "{left:?}");
    for (arguments, said) in [
        (vec!["--as-of", "1d"], "the history starts at"),
        (vec!["--group", "nobody's"], "--group nobody's: expected one of"),
    ] {
        let new = home.path().join("new");
        let new = new.to_str().unwrap();
        let refused =
            ask(home.path(), &store, &[&["report", "--out", new], arguments.as_slice()].concat());
        assert!(stderr(&refused).contains(said), "{}", stderr(&refused));
    }
}

#[test]
fn hostile_names_are_text_everywhere() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let home = home();
    let names = ["\"><script>alert(1)</script>", "=cmd|' /C calc'!A0", "a\u{202e}b", "+1,2;3"];
    let servers: Vec<Value> = (1..)
        .zip(names)
        .map(|(number, name)| {
            let mut server = server(MEMBER, "us-east-1", number);
            server["sourceProperties"]["identificationHints"]["hostname"] = name.into();
            server
        })
        .collect();
    let drs = serde_json::json!({ "sourceServers": servers });
    let world = sim::world::build::WorldBuilder::new("111111111111");
    let world = world.target(member(MEMBER).drs("us-east-1", drs)).json();
    let sim = runtime.block_on(testing::simulator(&world));
    let role = format!("arn:aws:iam::{MEMBER}:role/DRSOrchestrationRole");
    let asked = |arguments: &[&str]| run_against(home.path(), &sim, arguments);
    asked(&["accounts", "add", MEMBER, "--role-arn", &role, "--external-id", "the-external-id"]);
    asked(&["sync"]);
    let out = home.path().join("evidence");
    let written = asked(&["report", "--out", out.to_str().unwrap()]);
    assert!(written.status.success(), "{}", stderr(&written));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(!page.contains("<script") && page.contains("&#62;&#60;script"), "{page}");
    assert!(page.contains("<bdi>a\u{202e}b</bdi>"), "{page}");
    let table = fs::read_to_string(out.join("servers.csv")).unwrap();
    assert!(table.contains("'=cmd|") && table.contains("'+1,2;3"), "{table}");
    assert!(verify(home.path(), &out).status.success());
}
