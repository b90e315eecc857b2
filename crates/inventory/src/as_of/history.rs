//! What happened after a moment, as what has to be taken back to get there.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use jiff::civil::Date;
use store::rows::{ChangeKind, DAYS_KEPT, SHARDS};
use store::tables::{DAY_INDEX, InventoryChangesTable, Listing};
use store::{Item, text};
use sync::time::iso;

use super::error::AsOfError;
use super::rows::is_needed;
use super::summaries::AFTER;

/// Pages that one question reads. A day on which nothing happened costs eight.
const MOST_PAGES: usize = 10_000;
/// Entries on a page, at most: 1 MB of them are fewer where they are large.
const ENTRIES_PER_PAGE: i32 = 5_000;
/// Days that are read together.
const DAYS_AT_ONCE: usize = 4;

/// What happened after a moment.
#[derive(Debug, Default)]
pub(super) struct Since {
    /// By ARN.
    pub(super) servers: HashMap<String, Undo>,
    /// When a place, `ACCOUNT/REGION`, first answered with servers.
    pub(super) first_seen: HashMap<String, String>,
    /// Whether a place could not be read at the moment, by what happened to it first.
    pub(super) was_failing: HashMap<String, bool>,
}

/// What has to be taken back of a server.
#[derive(Debug)]
pub(super) struct Undo {
    /// The first thing that happened to it.
    pub(super) first_at: String,
    /// Whether it was there at the moment.
    pub(super) presence: Presence,
    /// Each attribute that changed, as it was at the moment; none where it was absent.
    pub(super) values: BTreeMap<String, Option<AttributeValue>>,
}

/// Whether a server was there at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Presence {
    /// It was, and its row is still there unless nobody told of its end.
    There,
    /// It came later.
    Absent,
    /// It was, and left later: the key of the entry that holds its row.
    Removed(String),
}

/// Reads everything that happened after `time`.
///
/// # Errors
/// [`AsOfError`]: half a history is never returned.
pub(super) async fn read_since(
    table: &InventoryChangesTable,
    time: Timestamp,
    now: Timestamp,
) -> Result<Since, AsOfError> {
    let days = days_between(time, now)?;
    let (from, pages) = (iso(time) + AFTER, AtomicUsize::new(0));
    let days = stream::iter(days).map(|day| read_day(table, day, &from, &pages));
    let mut days = days.buffered(DAYS_AT_ONCE);
    let mut since = Since::default();
    while let Some(entries) = days.try_next().await? {
        entries.into_iter().for_each(|entry| since.add(entry));
    }
    Ok(since)
}

fn days_between(time: Timestamp, now: Timestamp) -> Result<Vec<Date>, AsOfError> {
    let date = |time: Timestamp| jiff::tz::Offset::UTC.to_datetime(time).date();
    let (mut day, last) = (date(time), date(now));
    let mut days = vec![day];
    while day < last {
        day = day.tomorrow().unwrap_or(last);
        days.push(day);
    }
    let most = usize::try_from(DAYS_KEPT).unwrap_or_default() + 1;
    match days.len() > most {
        true => Err(AsOfError::TooLongAgo { time: iso(time), days: DAYS_KEPT }),
        false => Ok(days),
    }
}

/// The entries of a day after `from`, in the order of time.
async fn read_day(
    table: &InventoryChangesTable,
    day: Date,
    from: &str,
    pages: &AtomicUsize,
) -> Result<Vec<Item>, AsOfError> {
    let partitions = (0..SHARDS).map(|shard| {
        let listing = Listing::of_index(table, DAY_INDEX, "day", &format!("{day}#{shard}"));
        read_partition(listing.first_first("at", (from, AFTER), ENTRIES_PER_PAGE), from, pages)
    });
    let partitions = futures::future::try_join_all(partitions).await?;
    let mut entries: Vec<Item> = partitions.into_iter().flatten().collect();
    entries.sort_by_cached_key(|entry| text(entry, "at").to_owned());
    Ok(entries)
}

async fn read_partition(
    listing: Listing,
    from: &str,
    read: &AtomicUsize,
) -> Result<Vec<Item>, AsOfError> {
    let (mut entries, mut pages) = (Vec::new(), listing.pages(None));
    loop {
        if read.fetch_add(1, Ordering::Relaxed) >= MOST_PAGES {
            let time = from.trim_end_matches(AFTER).to_owned();
            return Err(AsOfError::TooMuch { time, pages: MOST_PAGES });
        }
        let Some(page) = pages.next().await? else { return Ok(entries) };
        entries.extend(page.items.into_iter().map(slim));
        if page.is_last {
            return Ok(entries);
        }
    }
}

/// Of what changed only what a moment is told from.
fn slim(mut entry: Item) -> Item {
    for name in ["before", "after"] {
        if let Some(AttributeValue::M(values)) = entry.get_mut(name) {
            values.retain(|name, _| is_needed(name));
        }
    }
    entry
}

impl Since {
    /// Adds an entry. They come in the order of time: of each thing the first says how it was before.
    fn add(&mut self, entry: Item) {
        let Some(kind) = ChangeKind::from_name(text(&entry, "kind")) else { return };
        let (subject, at) = (text(&entry, "subject").to_owned(), text(&entry, "at").to_owned());
        match kind {
            ChangeKind::RegionFailed => {
                self.was_failing.entry(subject).or_insert(false);
            }
            ChangeKind::RegionRecovered => {
                self.was_failing.entry(subject).or_insert(true);
            }
            ChangeKind::RegionFirstSeen => {
                self.first_seen.entry(subject).or_insert(at);
            }
            ChangeKind::Added => self.came_or_went(subject, at, Presence::Absent),
            ChangeKind::Removed => {
                self.came_or_went(subject, at.clone(), Presence::Removed(at));
            }
            ChangeKind::Missing | ChangeKind::FoundAgain | ChangeKind::Readiness => {
                self.changed(subject, at, entry, &["readiness", "readinessReasons"]);
            }
            ChangeKind::Changed | ChangeKind::Launch => self.changed(subject, at, entry, &[]),
            // An account's places and servers tell for themselves.
            ChangeKind::AccountAdded | ChangeKind::AccountRemoved | ChangeKind::Summary => {}
        }
    }

    /// What happens after a server came or went is no part of how it was before.
    fn came_or_went(&mut self, subject: String, at: String, presence: Presence) {
        let undo = self.undo(subject, at);
        if undo.presence == Presence::There {
            undo.presence = presence;
        }
    }

    /// Of an entry whose values were too large to be kept, `told` were others, and nobody knows which.
    fn changed(&mut self, subject: String, at: String, entry: Item, told: &[&str]) {
        let undo = self.undo(subject, at);
        if undo.presence != Presence::There {
            return;
        }
        let values = |name| entry.get(name).and_then(|it: &AttributeValue| it.as_m().ok());
        let (before, after) = (values("before"), values("after"));
        let lost = told.iter().filter(|_| before.is_none() && after.is_none());
        let lost = lost.map(|name| ((*name).to_owned(), None));
        let named = before.into_iter().chain(after).flat_map(|values| values.keys());
        let named = named.map(|name| (name.clone(), before.and_then(|it| it.get(name)).cloned()));
        for (name, value) in lost.chain(named) {
            undo.values.entry(name).or_insert(value);
        }
    }

    fn undo(&mut self, subject: String, at: String) -> &mut Undo {
        self.servers.entry(subject).or_insert_with(|| Undo {
            first_at: at,
            presence: Presence::There,
            values: BTreeMap::new(),
        })
    }
}

impl Undo {
    /// Takes back what changed.
    pub(super) fn apply(&self, row: &mut Item) {
        for (name, value) in &self.values {
            match value {
                Some(value) => row.insert(name.clone(), value.clone()),
                None => row.remove(name),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use store::rows::InventoryChange;
    use store::string;

    use super::*;

    fn entry(kind: ChangeKind, at: &str, before: &[(&str, &str)], after: &[(&str, &str)]) -> Item {
        let values = |values: &[(&str, &str)]| -> Item {
            values.iter().map(|(name, value)| ((*name).to_owned(), string(value))).collect()
        };
        let mut change = InventoryChange::of("arn", kind);
        (change.before, change.after) = (values(before), values(after));
        change.into_item("sync", (at, 0)).unwrap()
    }

    #[test]
    fn of_each_attribute_the_first_change_says_how_it_was() {
        let mut since = Since::default();
        let verdict = |at: &str, before, after| {
            let kind = ChangeKind::Readiness;
            entry(kind, at, &[("readiness", before)], &[("readiness", after)])
        };
        since.add(verdict("2026-11-25T01", "READY", "AT_RISK"));
        since.add(entry(ChangeKind::Changed, "2026-11-25T02", &[], &[("hostname", "b")]));
        since.add(verdict("2026-11-25T03", "AT_RISK", "NOT_READY"));
        since.add(entry(ChangeKind::Removed, "2026-11-25T04", &[], &[]));
        since.add(verdict("2026-11-25T05", "AT_RISK", "READY"));
        let undo = &since.servers["arn"];
        let mut row = Item::from([("hostname".to_owned(), string("b"))]);
        undo.apply(&mut row);
        assert_eq!((text(&row, "readiness"), row.contains_key("hostname")), ("READY", false));
        assert!(matches!(&undo.presence, Presence::Removed(at) if at.starts_with("2026-11-25T04")));
    }

    #[test]
    fn what_was_too_large_to_be_kept_is_not_known() {
        let mut since = Since::default();
        since.add(entry(ChangeKind::Missing, "2026-11-25T01", &[], &[]));
        let mut row = Item::from([("readiness".to_owned(), string("NOT_READY"))]);
        since.servers["arn"].apply(&mut row);
        assert!(row.is_empty());
    }
}
