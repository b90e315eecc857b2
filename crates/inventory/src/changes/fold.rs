//! Equal entries that follow each other are one: a sync that was killed between telling and doing is
//! followed by one that tells it again.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use store::{Item, text};

/// Attributes that readers do not need.
const LEFT_OUT: [&str; 2] = ["TTL", "day"];

/// The entries, which are the last first, in the shape of an answer.
pub(super) fn fold(entries: Vec<Item>) -> Vec<Item> {
    let mut folded: Vec<(Item, u64, String)> = Vec::new();
    let mut last_of: HashMap<String, usize> = HashMap::new();
    for entry in entries {
        let (subject, at) = (text(&entry, "subject").to_owned(), time(&entry).to_owned());
        let previous = last_of.get(&subject).and_then(|place| folded.get_mut(*place));
        match previous {
            Some((kept, count, first_at)) if same(kept, &entry) => {
                *count += 1;
                *first_at = at;
            }
            _ => {
                last_of.insert(subject, folded.len());
                folded.push((entry, 1, at));
            }
        }
    }
    folded.into_iter().map(shown).collect()
}

fn same(one: &Item, other: &Item) -> bool {
    ["kind", "before", "after", "row"].iter().all(|name| one.get(*name) == other.get(*name))
}

/// The time of an entry, without what makes its key unique.
fn time(entry: &Item) -> &str {
    let at = text(entry, "at");
    at.split_once('#').map_or(at, |(time, _)| time)
}

fn shown((mut entry, count, first_at): (Item, u64, String)) -> Item {
    let value = |text: String| AttributeValue::S(text);
    let at = time(&entry).to_owned();
    for name in LEFT_OUT {
        entry.remove(name);
    }
    if let Some(key) = entry.insert("at".to_owned(), value(at)) {
        entry.insert("key".to_owned(), key);
    }
    entry.insert("count".to_owned(), AttributeValue::N(count.to_string()));
    if count > 1 {
        entry.insert("firstAt".to_owned(), value(first_at));
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(subject: &str, at: &str, kind: &str) -> Item {
        let attributes = [("subject", subject), ("at", at), ("kind", kind), ("day", "x")];
        let value = |text: &str| AttributeValue::S(text.to_owned());
        attributes.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect()
    }

    #[test]
    fn equal_entries_of_a_subject_are_one_whatever_happened_to_others_between() {
        let folded = fold(vec![
            entry("a", "2026-11-25T05:00:00Z#1", "missing"),
            entry("b", "2026-11-25T04:00:00Z#2", "changed"),
            entry("a", "2026-11-25T03:00:00Z#3", "missing"),
            entry("a", "2026-11-25T02:00:00Z#4", "found-again"),
            entry("a", "2026-11-25T01:00:00Z#5", "missing"),
        ]);
        let counts: Vec<_> = folded
            .iter()
            .map(|it| (text(it, "kind"), it["count"].as_n().unwrap().as_str()))
            .collect();
        assert_eq!(
            counts,
            [("missing", "2"), ("changed", "1"), ("found-again", "1"), ("missing", "1")]
        );
        let first = &folded[0];
        assert_eq!(
            (text(first, "at"), text(first, "firstAt"), text(first, "key")),
            ("2026-11-25T05:00:00Z", "2026-11-25T03:00:00Z", "2026-11-25T05:00:00Z#1")
        );
        assert!(!first.contains_key("day"));
    }
}
