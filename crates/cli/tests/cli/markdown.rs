//! `--output markdown`: a table as GitHub shows it, whatever a host is called.

use serde_json::json;
use testing::simulator;

use crate::columns::{demo, list};
use crate::commands::{home, run, run_against, stdout};

const HUB: &str = "111111111111";

#[test]
fn accounts_are_a_table_of_github() {
    let home = home();
    let store = demo(home.path());
    let asked = ["accounts", "list", "--output", "markdown"];
    insta::assert_snapshot!("markdown-accounts", list(home.path(), &store, &asked));
}

#[test]
fn a_host_name_can_neither_leave_its_cell_nor_become_a_link_or_html() {
    let home = home();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let hostname = "a|b\\|c\n| d | `e` <img src=x onerror=alert(1)> [f](https://evil.example) \
                    www.evil.example @everyone root@evil.example #1 ![g](h) \u{1b}[31m\u{202e}";
    let world = json!({ "hubAccountId": HUB, "accounts": { HUB: { "drs": { "us-east-1": {
        "sourceServers": [{ "arn": "arn:x", "sourceServerID": "s-1", "sourceProperties": {
            "identificationHints": { "hostname": hostname } } }] } } } } });
    let sim = runtime.block_on(simulator(&world));
    run(home.path(), &["accounts", "add", HUB]);
    run_against(home.path(), &sim, &["sync"]);
    let asked = ["servers", "--columns", "hostname,server", "--output", "markdown"];
    let text = stdout(&run(home.path(), &asked));
    insta::assert_snapshot!("markdown-hostile", text);
    let row = text.lines().nth(2).unwrap();
    assert_eq!(text.lines().count(), 3);
    assert_eq!(row.matches('|').count(), 3, "{row}");
    for begins_something in ["`", "[", "](", "<img", "://", "www.", "\\", "\u{1b}", "\u{202e}"] {
        assert!(!row.contains(begins_something), "{begins_something:?}: {row}");
    }
}
