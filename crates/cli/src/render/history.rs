//! What happened, for people.

use aws_sdk_dynamodb::types::AttributeValue;
use inventory::changes::{subject_in_words, what_happened};
use store::{Item, text};

use super::rows::{Columns, cell, render};
use crate::args::Format;

const COLUMNS: Columns<'static> =
    &[("at", "at"), ("kind", "kind"), ("of", "subject"), ("what", "what"), ("times", "count")];

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
        ("subject", subject_in_words(text(entry, "subject"))),
        ("what", what_happened(entry)),
        ("count", times(entry)),
    ];
    texts.into_iter().map(|(name, text)| (name.to_owned(), AttributeValue::S(text))).collect()
}

fn times(entry: &Item) -> String {
    match cell(entry, "count").as_str() {
        "1" => String::new(),
        count => format!("×{count}"),
    }
}
