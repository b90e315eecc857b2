//! What no group can be, and a store that does not answer.

use std::collections::BTreeMap;

use embedded::Fault;

use super::*;

fn with(change: fn(&mut Definition)) -> Definition {
    let mut definition = named("x", &[1]);
    change(&mut definition);
    definition
}

#[tokio::test]
async fn hostile_and_incomplete_definitions_are_refused_by_name() {
    let lab = lab().await;
    let both = Definition {
        server_selection_tags: Some(BTreeMap::from([("a".to_owned(), "b".to_owned())])),
        ..named("x", &[1])
    };
    let long = "x".repeat(10_000);
    for (definition, parameter) in [
        (named("", &[1]), "groupName"),
        (named(" x", &[1]), "groupName"),
        (named("a\nb", &[1]), "groupName"),
        (named("a\u{1b}[2J", &[1]), "groupName"),
        (named("a\u{9b}31m", &[1]), "groupName"),
        (named(&long, &[1]), "groupName"),
        (named(&"é".repeat(65), &[1]), "groupName"),
        (with(|d| d.region = "evil.example.com/x-1".to_owned()), "region"),
        (with(|d| d.account_id = Some("١٢٣٤٥٦٧٨٩٠١٢".to_owned())), "accountId"),
        (with(|d| d.description = Some("x".repeat(10_000))), "description"),
        (with(|d| d.source_server_ids = Some(vec!["s-1".to_owned()])), "sourceServerIds"),
        (with(|d| d.source_server_ids = Some(vec!["x".repeat(10_000)])), "sourceServerIds"),
        (with(|d| d.source_server_ids = None), "sourceServerIds"),
        (named("x", &[]), "sourceServerIds"),
        (named("x", &[1, 1]), "sourceServerIds"),
        (both, "sourceServerIds"),
        (tagged("x", &[]), "serverSelectionTags"),
        (tagged("x", &[("", "web")]), "serverSelectionTags"),
        (tagged("x", &[(&long, "web")]), "serverSelectionTags"),
        (tagged("x", &[("Tier", &long)]), "serverSelectionTags"),
        (with(|d| d.rpo_minutes = Some(0)), "rpoMinutes"),
        (with(|d| d.drill_max_age_days = Some(0)), "drillMaxAgeDays"),
    ] {
        let error = create(&lab, definition).await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, ManageError::Invalid { name, .. } if name == parameter), "{text}");
        assert!(text.len() < 1000 && !text.contains(char::is_control), "{text}");
    }
    assert!(rows(&lab).await.is_empty());
}

#[tokio::test]
async fn a_store_that_refuses_is_named() {
    let lab = lab().await;
    for operation in ["Scan", "PutItem"] {
        lab.store.inject(Fault::Error {
            operation,
            count: 1,
            status: 400,
            code: "AccessDeniedException",
        });
        let error = create(&lab, named("web", &[1])).await.unwrap_err();
        let known = matches!(error, ManageError::Read(_) | ManageError::Service { .. });
        assert!(known && error.to_string().contains("protection-groups"), "{error}");
    }
    assert!(rows(&lab).await.is_empty());
}
