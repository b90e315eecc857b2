//! What one request of a reader may cost.

use std::time::{Duration, SystemTime};

use aws_smithy_async::time::SharedTimeSource;

/// Bytes of JSON on a page: a load balancer passes on 1 MB of a function's answer, in which the page is
/// quoted once more. Source: Application Load Balancer user guide, "Lambda functions as targets".
pub(crate) const PAGE_BYTES: usize = 700_000;

/// What one page of a list may cost. It reads at least one page of the table, so that whoever asks on
/// comes to an end.
#[derive(Debug, Clone)]
pub struct Budget {
    /// Pages of the table or an index that are read.
    pub pages: usize,
    /// Bytes of JSON after which the page is full.
    pub bytes: usize,
    /// After this time no further page is read.
    pub time: Duration,
    /// What time it is.
    pub clock: SharedTimeSource,
}

impl Default for Budget {
    /// For somebody who waits for the answer.
    fn default() -> Self {
        let clock = SharedTimeSource::default();
        Self { pages: 500, bytes: PAGE_BYTES, time: Duration::from_secs(2), clock }
    }
}

/// A list ended before all of it was looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Servers that were looked at for this page.
    pub looked_at: u64,
}

/// What of a budget is spent.
#[derive(Debug)]
pub(super) struct Spent<'a> {
    budget: &'a Budget,
    started: SystemTime,
    pages: usize,
    looked_at: u64,
}

impl<'a> Spent<'a> {
    /// Nothing yet.
    pub(super) fn nothing_of(budget: &'a Budget) -> Self {
        Self { budget, started: budget.clock.now(), pages: 0, looked_at: 0 }
    }

    /// One page was read, with so many rows or entries.
    pub(super) fn add(&mut self, rows: usize) {
        self.pages += 1;
        self.looked_at += rows as u64;
    }

    /// Whether nothing more may be read.
    pub(super) fn is_all(&self) -> bool {
        let took = self.budget.clock.now().duration_since(self.started).unwrap_or_default();
        self.pages >= self.budget.pages.max(1) || (self.pages > 0 && took >= self.budget.time)
    }

    /// That the list ended here.
    pub(super) fn stopped(&self) -> Stopped {
        Stopped { looked_at: self.looked_at }
    }
}
