//! The entries of the history, the last first, as far as one answer goes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::json::Json;
use store::rows::SHARDS;
use store::tables::{DAY_INDEX, InventoryChangesTable, Listing, Pages};
use store::{Item, QueryError, text};
use sync::time::iso;

use super::filter::ChangeFilter;
use crate::servers::page::PAGE_BYTES;

/// Pages that one answer reads: fifty days on which nothing happened.
const MOST_PAGES: usize = 400;
/// Entries on such a page.
const ENTRIES_PER_PAGE: i32 = 500;
/// How long one answer reads.
const LONGEST: Duration = Duration::from_secs(10);
/// After everything that an `at` can start with.
const AFTER: &str = "~";

/// Entries before this one are to come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Cursor {
    at: String,
    subject: String,
}

impl Cursor {
    /// Everything up to a time, that time included.
    pub(super) fn until(time: Timestamp) -> Self {
        Self { at: iso(time) + AFTER, subject: AFTER.to_owned() }
    }

    fn of(entry: &Item) -> Self {
        let text = |name| text(entry, name).to_owned();
        Self { at: text("at"), subject: text("subject") }
    }

    /// Its time alone.
    pub(super) fn time(&self) -> String {
        let time = self.at.split(['#', '~']).next();
        time.unwrap_or_default().to_owned()
    }

    /// Whether a key can be compared with it.
    pub(super) fn is_usable(&self) -> bool {
        self.day().is_some() && self.at.len() < 100
    }

    fn day(&self) -> Option<Date> {
        self.at.get(..10)?.parse().ok()
    }
}

/// What one answer found.
#[derive(Default)]
pub(super) struct Walked {
    pub(super) entries: Vec<Item>,
    /// Where to go on; none where there is no more.
    pub(super) stopped_at: Option<Cursor>,
}

/// A walk from a cursor back to a time.
pub(super) struct Walk<'a> {
    table: &'a InventoryChangesTable,
    filter: &'a ChangeFilter,
    since: String,
    before: Cursor,
    pages_left: usize,
    bytes_left: usize,
    ends: Instant,
}

/// One partition, read as far as needed.
struct Partition {
    read: VecDeque<Item>,
    pages: Pages,
    is_done: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        table: &'a InventoryChangesTable,
        filter: &'a ChangeFilter,
        since: String,
        before: Cursor,
    ) -> Self {
        let ends = Instant::now() + LONGEST;
        let (pages_left, bytes_left) = (MOST_PAGES, PAGE_BYTES);
        Self { table, filter, since, before, pages_left, bytes_left, ends }
    }

    /// The next entries that fit, at most `limit`.
    pub(super) async fn take(&mut self, limit: usize) -> Result<Walked, QueryError> {
        let mut walked = Walked::default();
        if let Some(subject) = &self.filter.subject {
            let listing = Listing::of_partition(self.table, "subject", subject);
            let partitions = vec![self.partition(listing)];
            self.merge(partitions, limit, &mut walked).await?;
            return Ok(walked);
        }
        let mut day = self.before.day();
        while let Some(today) = day.filter(|day| day.to_string().as_str() >= self.first_day()) {
            let partitions = (0..SHARDS).map(|shard| {
                let key = format!("{today}#{shard}");
                self.partition(Listing::of_index(self.table, DAY_INDEX, "day", &key))
            });
            self.merge(partitions.collect(), limit, &mut walked).await?;
            if walked.stopped_at.is_some() {
                return Ok(walked);
            }
            // The day before starts where this one does.
            self.before = Cursor { at: today.to_string(), subject: String::new() };
            day = today.yesterday().ok();
        }
        Ok(walked)
    }

    fn first_day(&self) -> &str {
        self.since.get(..10).unwrap_or(&self.since)
    }

    fn partition(&self, listing: Listing) -> Partition {
        let range = (self.since.as_str(), self.before.at.as_str());
        let is_done = range.0 > range.1;
        let pages = listing.last_first("at", range, ENTRIES_PER_PAGE).pages(None);
        Partition { read: VecDeque::new(), pages, is_done }
    }

    /// Takes the latest entry of all partitions, again and again, until there is none or a limit is
    /// met.
    async fn merge(
        &mut self,
        mut partitions: Vec<Partition>,
        limit: usize,
        walked: &mut Walked,
    ) -> Result<(), QueryError> {
        loop {
            let is_dry = |it: &Partition| it.read.is_empty() && !it.is_done;
            let dry = partitions.iter().filter(|it| is_dry(it)).count();
            if dry > self.pages_left || (dry > 0 && Instant::now() > self.ends) {
                walked.stopped_at = Some(self.before.clone());
                return Ok(());
            }
            self.pages_left -= dry;
            let reads = partitions.iter_mut().filter(|it| is_dry(it)).map(|it| Box::pin(it.fill()));
            futures::future::try_join_all(reads).await?;
            if partitions.iter().any(is_dry) {
                continue;
            }
            let latest = partitions.iter_mut().filter(|it| !it.read.is_empty());
            let latest = latest.max_by_key(|it| it.read.front().map(Cursor::of));
            let Some(entry) = latest.and_then(|it| it.read.pop_front()) else { return Ok(()) };
            let cursor = Cursor::of(&entry);
            if cursor >= self.before {
                continue;
            }
            if self.filter.fits(&entry) {
                let bytes = serde_json::to_string(&Json(&entry)).map_or(0, |json| json.len());
                if walked.entries.len() == limit
                    || (bytes > self.bytes_left && !walked.entries.is_empty())
                {
                    walked.stopped_at = Some(self.before.clone());
                    return Ok(());
                }
                self.bytes_left = self.bytes_left.saturating_sub(bytes);
                walked.entries.push(entry);
            }
            self.before = cursor;
        }
    }
}

impl Partition {
    async fn fill(&mut self) -> Result<(), QueryError> {
        match self.pages.next().await? {
            Some(page) => {
                self.is_done = page.is_last;
                self.read.extend(page.items);
            }
            None => self.is_done = true,
        }
        Ok(())
    }
}
