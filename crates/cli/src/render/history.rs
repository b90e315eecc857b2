//! What happened, for people.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use model::Place;
use store::{Item, text};

use super::rows::{Columns, cell, render};
use crate::args::Format;

const COLUMNS: Columns<'static> =
    &[("at", "at"), ("kind", "kind"), ("of", "subject"), ("what", "what"), ("times", "count")];
/// Characters of a value in a table; every other format has all.
const LONGEST_VALUE: usize = 60;

/// `entries` as `format`.
pub(crate) fn history(entries: &[Item], format: Format) -> anyhow::Result<String> {
    match format {
        Format::Table => render(&entries.iter().map(line).collect::<Vec<_>>(), COLUMNS, format),
        Format::Json | Format::Jsonl | Format::Csv => {
            let columns: Vec<_> = COLUMNS.iter().copied().filter(|(it, _)| *it != "what").collect();
            render(entries, &columns, format)
        }
    }
}

fn line(entry: &Item) -> Item {
    let texts = [
        ("at", text(entry, "at").to_owned()),
        ("kind", text(entry, "kind").to_owned()),
        ("subject", subject(text(entry, "subject"))),
        ("what", what(entry)),
        ("count", times(entry)),
    ];
    texts.into_iter().map(|(name, text)| (name.to_owned(), AttributeValue::S(text))).collect()
}

/// A server by its place and id: its ARN is long, and says no more.
fn subject(subject: &str) -> String {
    let id = subject.rsplit_once('/').map(|(_, id)| id);
    match (Place::of_arn(subject), id) {
        (Some(place), Some(id)) => format!("{place} {id}"),
        _ => subject.to_owned(),
    }
}

fn times(entry: &Item) -> String {
    match cell(entry, "count").as_str() {
        "1" => String::new(),
        count => format!("×{count}"),
    }
}

/// Each value that changed.
fn what(entry: &Item) -> String {
    let empty = Item::new();
    let map = |name| entry.get(name).and_then(|it| it.as_m().ok()).unwrap_or(&empty);
    let (before, after) = (map("before"), map("after"));
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
