//! What happened, as people say it.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use model::Place;
use store::rows::{ChangeKind, Summary};
use store::{Item, text};

use crate::readiness::{in_words, reasons};
use crate::words::{cell, length, moment};

/// Characters of a value that are told.
const LONGEST_VALUE: usize = 60;

/// A server by its place and id: its ARN is long, and says no more.
pub fn subject_in_words(subject: &str) -> String {
    let id = subject.rsplit_once('/').map(|(_, id)| id);
    match (Place::of_arn(subject), id) {
        (Some(place), Some(id)) => format!("{place} {id}"),
        _ => subject.to_owned(),
    }
}

/// What an entry tells, in one line.
pub fn what_happened(entry: &Item) -> String {
    let empty = Item::new();
    let map = |name| entry.get(name).and_then(|it| it.as_m().ok()).unwrap_or(&empty);
    let (before, after) = (map("before"), map("after"));
    match ChangeKind::from_name(text(entry, "kind")) {
        Some(ChangeKind::Launch) => launch(after),
        Some(ChangeKind::Readiness | ChangeKind::Missing | ChangeKind::FoundAgain) => {
            verdict(before, after)
        }
        Some(ChangeKind::Summary) => summary(after),
        Some(
            ChangeKind::Added
            | ChangeKind::Changed
            | ChangeKind::Removed
            | ChangeKind::RegionFailed
            | ChangeKind::RegionRecovered
            | ChangeKind::RegionFirstSeen
            | ChangeKind::AccountAdded
            | ChangeKind::AccountRemoved,
        )
        | None => values(before, after),
    }
}

/// As in `drill of 2026-11-20 10:00 UTC, SUCCEEDED, 12 m`.
fn launch(after: &Item) -> String {
    let empty = Item::new();
    let last = after.get("lastLaunch").and_then(|it| it.as_m().ok()).unwrap_or(&empty);
    let first = |names: [&str; 2], of: [&Item; 2]| {
        let texts = of.into_iter().flat_map(|item| names.map(|name| cell(item, name)));
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
    };
    let kind = first(["type", "type"], [last, after]).to_lowercase();
    let started = first(["at", "startedAt"], [last, after]);
    let result = first(["status", "lastLaunchResult"], [after, last]);
    let seconds = cell(after, "seconds").parse().ok();
    let took = seconds.map(|seconds| length(SignedDuration::from_secs(seconds)));
    let kind = if kind.is_empty() { "launch".to_owned() } else { kind };
    let parts = [format!("{kind} of {}", moment(&started)), result, took.unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// As in `ready → not ready: STALLED, LAG_ABOVE_RPO`.
fn verdict(before: &Item, after: &Item) -> String {
    let (was, is) = (text(before, "readiness"), text(after, "readiness"));
    let codes: Vec<&str> = reasons(after).iter().map(|reason| reason.code.name()).collect();
    let why = if codes.is_empty() { String::new() } else { format!(": {}", codes.join(", ")) };
    match (was, is) {
        ("", "") => values(before, after),
        (was, is) if was == is || is.is_empty() => format!("still {}{why}", in_words(was)),
        ("", is) => format!("{}{why}", in_words(is)),
        (was, is) => format!("{} → {}{why}", in_words(was), in_words(is)),
    }
}

/// As in `56 servers, ready 35, not ready 9; not known: 3`.
fn summary(after: &Item) -> String {
    let item = AttributeValue::M(after.clone());
    let summary: Summary = serde_dynamo::from_attribute_value(item).unwrap_or_default();
    let verdicts = summary.counts.by_verdict();
    let verdicts = verdicts.iter().map(|(name, count)| format!("{} {count}", in_words(name)));
    let verdicts: Vec<String> = verdicts.collect();
    format!(
        "{} servers, {}; not known: {}",
        summary.servers,
        verdicts.join(", "),
        summary.not_known
    )
}

/// Each value that changed.
fn values(before: &Item, after: &Item) -> String {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = names.into_iter().map(|name| match (before.get(name), after.get(name)) {
        (None, Some(_)) => format!("{name}: {}", short(after, name)),
        (Some(_), None) => format!("{name}: {} → nothing", short(before, name)),
        _ => format!("{name}: {} → {}", short(before, name), short(after, name)),
    });
    changed.collect::<Vec<_>>().join("; ")
}

fn short(values: &Item, name: &str) -> String {
    let value = cell(values, name);
    match value.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None if value.is_empty() => "\"\"".to_owned(),
        None => value,
    }
}
