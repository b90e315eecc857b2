//! Every reason has a page for people.

use std::fs;
use std::path::Path;

use model::readiness::{Level, ReasonCode};

#[test]
fn every_reason_has_a_page_that_names_it_and_its_level() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/readiness");
    let overview = fs::read_to_string(pages.join("README.md")).unwrap();
    for code in ReasonCode::ALL {
        let name = format!("{}.md", code.name().to_lowercase().replace('_', "-"));
        let page = fs::read_to_string(pages.join(&name)).unwrap_or_default();
        let level = match code.level() {
            Level::AtRisk => "AT_RISK",
            Level::NotReady => "NOT_READY",
        };
        let start = format!("# {}\n\nLevel `{level}`.", code.name());
        assert!(page.starts_with(&start), "{name} starts with {start:?}");
        assert!(
            overview.contains(&format!("[{}]({name})", code.name())),
            "the overview links {name}"
        );
    }
    let pages = fs::read_dir(pages).unwrap().count();
    assert_eq!(pages, ReasonCode::ALL.len() + 1, "a page of no reason, or none of a reason");
}
