//! `--columns`, `--sort`, `--limit` and `--no-header`: lists as somebody asks for them.

use std::path::Path;

use serde_json::Value;

use crate::commands::{home, run, stderr, stdout};

/// A home with what the demo stores, under the name of its store.
pub(crate) fn demo(home: &Path) -> String {
    let store = home.join("demo.db").to_str().unwrap().to_owned();
    let demo = run(home, &["demo", "--store", &store]);
    assert_eq!(demo.status.code(), Some(0), "{}", stderr(&demo));
    store
}

/// What a list prints, which must succeed.
pub(crate) fn list(home: &Path, store: &str, arguments: &[&str]) -> String {
    let output = run(home, &[arguments, &["--store", store]].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn columns_are_chosen_by_title_or_attribute_in_every_format() {
    let home = home();
    let store = demo(home.path());
    let columns = ["servers", "--hostname", "pay-db-01", "--columns", "Host-Name,cpuCores,verdict"];
    let shown = |output| list(home.path(), &store, &[&columns[..], &["--output", output]].concat());
    let table = shown("table");
    let titles: Vec<&str> = table.lines().next().unwrap().split("  ").map(str::trim).collect();
    let titles: Vec<&str> = titles.into_iter().filter(|title| !title.is_empty()).collect();
    assert_eq!(titles, ["HOST NAME", "CPUCORES", "VERDICT"]);
    assert!(shown("csv").starts_with("hostname,cpuCores,readiness\npay-db-01,"));
    let object = lines(&shown("jsonl")).remove(0);
    let keys: Vec<&String> = object.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["hostname", "cpuCores", "readiness"]);
    assert!(object["cpuCores"].is_u64());
    // An attribute that few rows have is a column all the same, and one that follows from the row, too.
    let columns = ["servers", "--limit", "1", "--columns", "missingSince,last-drill,why"];
    let object =
        lines(&list(home.path(), &store, &[&columns[..], &["--output", "jsonl"]].concat()));
    assert!(object[0]["missingSince"].is_null() && object[0]["why"][0]["code"].is_string());
}

#[test]
fn a_column_that_is_none_is_refused_with_those_that_are() {
    let home = home();
    let store = demo(home.path());
    for (list, option, known) in [
        (&["servers"][..], "--columns", "host-name"),
        (&["servers", "--hostname", "none-such"], "--columns", "missingSince"),
        (&["regions"], "--sort", "accountsAsked"),
        (&["regions", "--account", "222222222222"], "--sort", "last-read"),
        (&["accounts", "list"], "--columns", "target-account"),
        (&["changes"], "--sort", "what"),
        (&["unprotected", "list"], "--columns", "launched"),
        (&["removals", "list"], "--columns", "because"),
    ] {
        let asked = [list, &[option, "nonsense", "--store", &store]].concat();
        let refused = run(home.path(), &asked);
        assert_eq!(refused.status.code(), Some(1), "{asked:?}");
        let said = stderr(&refused);
        assert!(said.contains(&format!("{option} \"nonsense\"")) && said.contains(known), "{said}");
        assert_eq!(stdout(&refused), "");
    }
}

#[test]
fn rows_are_sorted_by_the_nature_of_a_column() {
    let home = home();
    let store = demo(home.path());
    let column = |list: &[&str], name: &str, sort: &str| {
        let asked = [list, &["--sort", sort, "--columns", name, "--output", "jsonl"]].concat();
        let rows = lines(&self::list(home.path(), &store, &asked));
        let values = rows.into_iter().flat_map(|row| row.as_object().unwrap().clone());
        values.map(|(_, value)| value).collect::<Vec<Value>>()
    };
    let servers = column(&["servers"], "cpuCores", "-cpuCores");
    let cores: Vec<u64> = servers.iter().filter_map(Value::as_u64).collect();
    assert!(cores.len() > 50 && cores.is_sorted_by(|a, b| a >= b), "{cores:?}");
    // The lag of those that have none is not known: it is neither the least nor the most.
    for sort in ["lag", "-lag"] {
        let lags = column(&["servers"], "lag", sort);
        let first_empty = lags.iter().position(|lag| lag == "").unwrap();
        assert!(first_empty > 0 && lags[first_empty..].iter().all(|lag| lag == ""), "{lags:?}");
    }
    let longest = column(&["servers"], "lag", "-lag").remove(0);
    assert!(longest.as_str().unwrap().starts_with('P'), "{longest}");
    let verdicts = column(&["servers"], "verdict", "-verdict");
    assert_eq!(verdicts.first().unwrap(), "NOT_READY");
    assert_eq!(verdicts.last().unwrap(), "READY");
    let regions = column(&["regions"], "ready", "-ready");
    let ready: Vec<u64> = regions.iter().filter_map(Value::as_u64).collect();
    assert!(ready.len() > 3 && ready.is_sorted_by(|a, b| a >= b), "{regions:?}");
    let names = column(&["accounts", "list"], "name", "name");
    assert!(names.is_sorted_by_key(|name| name.as_str().unwrap().to_owned()), "{names:?}");
    let times = column(&["changes"], "at", "at");
    assert!(times.is_sorted_by_key(|time| time.as_str().unwrap().to_owned()), "{times:?}");
}

#[test]
fn without_a_wish_the_worst_come_first_and_a_limit_says_what_it_leaves_out() {
    let home = home();
    let store = demo(home.path());
    let all = list(home.path(), &store, &["servers", "--columns", "server"]);
    let few = run(
        home.path(),
        &["servers", "--columns", "server", "--limit", "2", "--no-header", "--store", &store],
    );
    let first: Vec<&str> = all.lines().skip(1).take(2).collect();
    assert_eq!(stdout(&few).lines().collect::<Vec<_>>(), first);
    let left_out = all.lines().count() - 3;
    assert!(stderr(&few).contains(&format!("and {left_out} more")), "{}", stderr(&few));
    let whole = run(home.path(), &["servers", "--limit", "5000", "--store", &store]);
    assert!(!stderr(&whole).contains("leaves out"), "{}", stderr(&whole));
    assert_eq!(run(home.path(), &["servers", "--limit", "0"]).status.code(), Some(2));
}

#[test]
fn no_header_leaves_the_rows() {
    let home = home();
    let store = demo(home.path());
    for output in ["table", "csv", "markdown"] {
        let asked = ["accounts", "list", "--output", output];
        let with = list(home.path(), &store, &asked);
        let without = list(home.path(), &store, &[&asked[..], &["--no-header"]].concat());
        let lines_of_header = if output == "markdown" { 2 } else { 1 };
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let rows: Vec<_> = with.lines().skip(lines_of_header).map(words).collect();
        assert_eq!(without.lines().map(words).collect::<Vec<_>>(), rows, "{output}");
    }
}
