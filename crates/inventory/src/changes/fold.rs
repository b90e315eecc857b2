//! Equal entries that follow each other are one: a sync that was killed between telling and doing is
//! followed by one that tells it again. So are entries of one launch: it is told of when it is first
//! seen, when it ends, and when its job says how long it took.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use store::rows::ChangeKind;
use store::{Item, text};

/// Attributes that readers do not need.
const LEFT_OUT: [&str; 2] = ["TTL", "day"];

/// The entries, which are the last first, in the shape of an answer.
pub(super) fn fold(entries: Vec<Item>) -> Vec<Item> {
    let mut folded: Vec<(Item, u64, String)> = Vec::new();
    let mut last_of: HashMap<String, usize> = HashMap::new();
    let mut launches: HashMap<(String, String), usize> = HashMap::new();
    for entry in entries {
        let (subject, at) = (text(&entry, "subject").to_owned(), time(&entry).to_owned());
        let launch = job_of(&entry).map(|job| (subject.clone(), job));
        let known = launch.as_ref().and_then(|launch| launches.get(launch));
        if let Some((kept, count, first_at)) = known.and_then(|place| folded.get_mut(*place)) {
            add_to_launch(kept, entry);
            *count += 1;
            *first_at = at;
            continue;
        }
        let previous = last_of.get(&subject).and_then(|place| folded.get_mut(*place));
        match previous {
            Some((kept, count, first_at)) if same(kept, &entry) => {
                *count += 1;
                *first_at = at;
            }
            _ => {
                launches.extend(launch.map(|launch| (launch, folded.len())));
                last_of.insert(subject, folded.len());
                folded.push((entry, 1, at));
            }
        }
    }
    folded.into_iter().map(shown).collect()
}

/// The job of DRS that an entry of a launch is of.
fn job_of(entry: &Item) -> Option<String> {
    if text(entry, "kind") != ChangeKind::Launch.name() {
        return None;
    }
    let after = entry.get("after")?.as_m().ok()?;
    let launch = after.get("lastLaunch").and_then(|launch| launch.as_m().ok());
    let job = launch.map_or_else(|| text(after, "jobId"), |launch| text(launch, "jobId"));
    Some(job.to_owned()).filter(|job| !job.is_empty())
}

/// What an earlier entry of the same launch tells beside the later one; what was before it first.
fn add_to_launch(kept: &mut Item, earlier: Item) {
    let mut earlier = earlier;
    if let (Some(AttributeValue::M(after)), Some(AttributeValue::M(told))) =
        (kept.get_mut("after"), earlier.remove("after"))
    {
        for (name, value) in told {
            after.entry(name).or_insert(value);
        }
    }
    if let Some(before) = earlier.remove("before") {
        kept.insert("before".to_owned(), before);
    }
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
    fn a_launch_is_one_however_often_it_is_told_of() {
        let launch = |at: &str, after: Item| {
            let mut entry = entry("a", at, "launch");
            entry.insert("after".to_owned(), AttributeValue::M(after));
            entry
        };
        let value = |text: &str| AttributeValue::S(text.to_owned());
        let of_job = [("jobId", "j-1"), ("seconds", "720")];
        let of_job = of_job.map(|(name, text)| (name.to_owned(), value(text))).into();
        let last = [("jobId", "j-1"), ("type", "DRILL")];
        let last: Item = last.map(|(name, text)| (name.to_owned(), value(text))).into();
        let seen = Item::from([("lastLaunch".to_owned(), AttributeValue::M(last))]);
        let other = Item::from([("jobId".to_owned(), value("j-0"))]);
        let folded = fold(vec![
            launch("2026-11-25T05:00:00Z#1", of_job),
            entry("a", "2026-11-25T04:00:00Z#2", "readiness"),
            launch("2026-11-25T03:00:00Z#3", seen),
            launch("2026-11-25T02:00:00Z#4", other),
        ]);
        let kinds: Vec<_> = folded.iter().map(|it| text(it, "kind")).collect();
        assert_eq!(kinds, ["launch", "readiness", "launch"]);
        let after = folded[0]["after"].as_m().unwrap();
        assert!(after.contains_key("seconds") && after.contains_key("lastLaunch"));
        assert_eq!(text(&folded[0], "firstAt"), "2026-11-25T03:00:00Z");
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
