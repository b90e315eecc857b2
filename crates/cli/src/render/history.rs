//! What happened, for people.

use inventory::changes::{subject_in_words, what_happened};
use store::{Item, text};

use super::listing::Listing;
use super::rows::{Columns, Said, cell};

const COLUMNS: Columns<'static> =
    &[("at", "at"), ("kind", "kind"), ("of", "subject"), ("what", "what"), ("times", "count")];
/// What people are told in `what`, programs find in `before` and `after`.
const FIRST: Columns<'static> =
    &[("at", "at"), ("kind", "kind"), ("of", "subject"), ("times", "count")];
const FURTHER: [&str; 6] = ["key", "firstAt", "before", "after", "row", "syncId"];

/// Entries of the history.
pub(crate) const HISTORY: Listing<'static> =
    Listing { columns: COLUMNS, first: FIRST, further: &FURTHER, made: &[], said: &InWords };

struct InWords;

impl Said for InWords {
    fn words(&self, entry: &Item, name: &str) -> Option<String> {
        match name {
            "subject" => Some(subject_in_words(text(entry, "subject"))),
            "what" => Some(what_happened(entry)),
            "count" => Some(times(entry)),
            _ => None,
        }
    }
}

fn times(entry: &Item) -> String {
    match cell(entry, "count").as_str() {
        "1" => String::new(),
        count => format!("×{count}"),
    }
}
