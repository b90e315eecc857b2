//! What whole syncs came to, one after the other, and the gaps between them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::rows::{INSTALLATION, Summary};
use store::tables::{InventoryChangesTable, Listing};
use store::{Item, QueryError, text};
use sync::time::iso;

use super::error::AsOfError;
use crate::picture::Freshness;
use crate::words::moment;

/// After everything that an `at` can start with.
pub(super) const AFTER: &str = "~";
/// Before everything that an `at` can start with.
const BEGINNING: &str = "0";
/// Summaries on a page.
const PAGE: i32 = 1_000;
/// Pages that one question reads: a sync every five minutes for 400 days.
const MOST_PAGES: usize = 120;

/// A time in which nothing was read for longer than an answer may be old. It is no absence of servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gap {
    /// Start of the last whole sync before, ISO 8601.
    pub from: String,
    /// Start of the next whole sync, ISO 8601; none where none has ended since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Gap {
    /// As people say it.
    pub fn in_words(&self) -> String {
        let from = moment(&self.from);
        match &self.to {
            Some(to) => format!("No sync of all accounts ended from {from} to {}", moment(to)),
            None => format!("No sync of all accounts has ended since {from}"),
        }
    }
}

/// What a whole sync came to.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    /// When it started.
    pub(super) started: Timestamp,
    /// What it could not read.
    pub(super) summary: Summary,
}

/// The last whole sync at `time`, and the start of the next.
#[derive(Debug, Clone)]
pub(super) struct Around {
    /// The last that had started.
    pub(super) last: Ended,
    /// The first that had not.
    pub(super) next: Option<Timestamp>,
}

impl Around {
    /// Reads it.
    ///
    /// # Errors
    /// [`AsOfError::BeforeHistory`] with the earliest time, where no whole sync had started.
    pub(super) async fn read(
        table: &InventoryChangesTable,
        time: Timestamp,
    ) -> Result<Self, AsOfError> {
        let end = iso(time) + AFTER;
        let last = of_installation(table).last_first("at", (BEGINNING, &end), 1);
        let next = of_installation(table).first_first("at", (&end, AFTER), 1);
        let (last, next) = futures::try_join!(first(last), first(next))?;
        match (last, next) {
            (Some(last), next) => Ok(Self { last, next: next.map(|next| next.started) }),
            (None, Some(earliest)) => {
                Err(AsOfError::BeforeHistory { time: iso(time), earliest: iso(earliest.started) })
            }
            (None, None) => Err(AsOfError::NoHistory { time: iso(time) }),
        }
    }

    /// The gap that `time` is in; none where the last whole sync was not too long ago.
    pub(super) fn gap(&self, time: Timestamp, stale_after: Duration) -> Option<Gap> {
        gap(self.last.started, self.next, time, stale_after)
    }
}

impl Ended {
    fn of(entry: &Item) -> Option<Self> {
        let after = entry.get("after").and_then(|after| after.as_m().ok()).cloned();
        let summary: Summary =
            after.and_then(|after| serde_dynamo::from_item(after).ok()).unwrap_or_default();
        let at = text(entry, "at").split('#').next().unwrap_or_default();
        // A sync that was spread over many calls is told of when it ends.
        let started = summary.started_at.as_deref().unwrap_or(at).parse().ok()?;
        Some(Self { started, summary })
    }

    /// Whether it could not read this account, or this place, or does not tell.
    pub(super) fn misses(&self, name: &str) -> bool {
        self.summary.not_known_places.iter().any(|other| other == name) || self.may_have_cut(name)
    }

    /// Whether it could not read more than it names.
    pub(super) fn is_cut(&self) -> bool {
        self.summary.not_known > self.summary.not_known_places.len() as u64
    }

    /// Names are in their order, accounts and places together or one after the other; what comes after
    /// the last of them may have been cut off.
    fn may_have_cut(&self, name: &str) -> bool {
        let names = &self.summary.not_known_places;
        let is_account = !name.contains('/');
        let has_all_accounts = !names.is_sorted();
        let comes_after = names.last().is_none_or(|last| name > last.as_str());
        self.is_cut() && comes_after && !(is_account && has_all_accounts)
    }
}

/// The times between two moments, and around them, without a whole sync for longer than `stale_after`.
///
/// # Errors
/// [`AsOfError`] where there are too many whole syncs, or the table cannot be read.
pub async fn gaps_between(
    table: &InventoryChangesTable,
    (from, to): (Timestamp, Timestamp),
    stale_after: Duration,
) -> Result<Vec<Gap>, AsOfError> {
    let around = Around::read(table, from).await?;
    let range = (&*(iso(from) + AFTER), AFTER);
    let mut pages = of_installation(table).first_first("at", range, PAGE).pages(None);
    let (mut gaps, mut last) = (Vec::new(), around.last.started);
    for _ in 0..MOST_PAGES {
        let page = pages.next().await?;
        let (items, is_last) = page.map_or((Vec::new(), true), |page| (page.items, page.is_last));
        for next in items.iter().filter_map(Ended::of).map(|ended| ended.started) {
            gaps.extend(gap(last, Some(next), next.min(to), stale_after));
            last = last.max(next);
            if next > to {
                return Ok(gaps);
            }
        }
        if is_last {
            gaps.extend(gap(last, None, to, stale_after));
            return Ok(gaps);
        }
    }
    Err(AsOfError::TooMuch { time: iso(from), pages: MOST_PAGES })
}

/// The gap of now.
pub(super) fn gap_now(last_sync: Option<&str>, freshness: &Freshness) -> Option<Gap> {
    gap(last_sync?.parse().ok()?, None, freshness.now, freshness.stale_after)
}

fn gap(
    last: Timestamp,
    next: Option<Timestamp>,
    time: Timestamp,
    stale_after: Duration,
) -> Option<Gap> {
    let allowed = SignedDuration::try_from(stale_after).unwrap_or(SignedDuration::MAX);
    let is_gap = time.duration_since(last) > allowed;
    is_gap.then(|| Gap { from: iso(last), to: next.map(iso) })
}

fn of_installation(table: &InventoryChangesTable) -> Listing {
    Listing::of_partition(table, "subject", INSTALLATION)
}

async fn first(listing: Listing) -> Result<Option<Ended>, QueryError> {
    let page = listing.pages(None).next().await?;
    Ok(page.and_then(|page| page.items.first().and_then(Ended::of)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_cut_off_was_not_read() {
        let ended = |not_known, names: &[&str]| Ended {
            started: Timestamp::UNIX_EPOCH,
            summary: Summary {
                not_known,
                not_known_places: names.iter().map(|name| (*name).to_owned()).collect(),
                ..Summary::default()
            },
        };
        let whole = ended(2, &["2", "4/us-east-1"]);
        assert!(whole.misses("2") && whole.misses("4/us-east-1"));
        assert!(!whole.misses("3") && !whole.misses("5"));
        let cut = ended(9, &["2", "4/us-east-1"]);
        assert!(!cut.misses("3") && cut.misses("5"));
        assert!(cut.misses("4/us-west-1") && !cut.misses("3/us-east-1"));
        let accounts_first = ended(9, &["2", "7", "4/us-east-1"]);
        assert!(!accounts_first.misses("8") && accounts_first.misses("5/us-east-1"));
    }
}
