//! `completions` and `man`.

use crate::commands::{home, run, stderr, stdout};

#[test]
fn every_shell_completes_commands_and_options() {
    let home = home();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(home.path(), &["completions", shell]);
        assert_eq!(script.status.code(), Some(0), "{}", stderr(&script));
        let script = stdout(&script);
        for word in ["acknowledge", "columns", "profile", "region", "not-ready"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(home.path(), &["completions", "dos"]).status.code(), Some(2));
}

#[test]
fn there_is_a_page_of_the_program_and_of_every_command() {
    let home = home();
    let page = stdout(&run(home.path(), &["man"]));
    assert!(page.contains(".SH SUBCOMMANDS") && page.contains("Exit codes"), "{page}");
    let page = stdout(&run(home.path(), &["man", "accounts", "add"]));
    assert!(page.contains("drs\\-inventory accounts add"), "{page}");
    assert!(page.contains("\\-\\-external\\-id"), "{page}");
    let unknown = run(home.path(), &["man", "acounts"]);
    assert_eq!(unknown.status.code(), Some(1));
    let said = stderr(&unknown);
    assert!(said.contains("acounts") && said.contains("accounts"), "{said}");

    let pages = home.path().join("pages/man1");
    let out = pages.to_str().unwrap();
    let written = run(home.path(), &["man", "--out", out]);
    assert_eq!(written.status.code(), Some(0), "{}", stderr(&written));
    for page in
        ["drs-inventory.1", "drs-inventory-servers.1", "drs-inventory-regions-acknowledge.1"]
    {
        let text = std::fs::read_to_string(pages.join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
    let file = pages.join("drs-inventory.1");
    let refused = run(home.path(), &["man", "--out", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("drs-inventory.1"), "{}", stderr(&refused));
}
