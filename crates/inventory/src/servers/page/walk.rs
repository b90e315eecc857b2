//! The servers of one page, segment after segment.

use std::collections::BTreeSet;

use store::json::Json;
use store::{Item, QueryError};

use super::super::{ServerFilter, ServerTables};
use super::budget::{Budget, Spent, Stopped};
use super::chain::{Chain, Opened};
use super::segment::{Chunk, RowKey, Segment};
use super::token::Cursor;
use crate::picture::{Freshness, Knowledge, NotKnown};

/// What a walk found.
pub(super) struct Walked {
    pub(super) rows: Vec<Item>,
    /// Where to go on; none where there is no more.
    pub(super) next: Option<Cursor>,
    pub(super) stopped: Option<Stopped>,
    /// Places of the rows that are not known.
    pub(super) not_known: Vec<NotKnown>,
}

/// A walk over the segments until the page is full or the budget is spent.
pub(super) struct Walk<'a> {
    tables: &'a ServerTables,
    filter: &'a ServerFilter,
    limit: usize,
    most_bytes: usize,
    spent: Spent<'a>,
    knowledge: Knowledge<'a>,
    rows: Vec<Item>,
    bytes: usize,
    /// A row whose verdict changes meanwhile may be in two shards.
    taken: BTreeSet<RowKey>,
    /// Rows that are looked at next.
    size: usize,
}

/// How far the walk came in a segment.
enum Came {
    /// To its end.
    Through,
    /// The page is full with this row.
    Full(RowKey),
    /// The budget is spent; after this row.
    Spent(Option<RowKey>),
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        tables: &'a ServerTables,
        filter: &'a ServerFilter,
        (limit, budget): (usize, &'a Budget),
        freshness: &'a Freshness,
    ) -> Self {
        Self {
            tables,
            filter,
            limit: limit.max(1),
            most_bytes: budget.bytes,
            spent: Spent::nothing_of(budget),
            knowledge: Knowledge::new(&tables.picture.ledger, freshness),
            rows: Vec::new(),
            bytes: 0,
            taken: BTreeSet::new(),
            // One more tells whether anything follows.
            size: limit.saturating_add(1),
        }
    }

    /// Walks.
    ///
    /// # Errors
    /// [`QueryError`] names the table.
    pub(super) async fn along(mut self, mut chain: Chain) -> Result<Walked, QueryError> {
        loop {
            if self.spent.is_all() {
                let next = chain.cursor(None);
                return Ok(self.ended(next, true));
            }
            let mut segment = match chain.open(self.tables, self.filter).await? {
                Opened::Segment(segment) => segment,
                Opened::Nothing => {
                    self.spent.add(0);
                    continue;
                }
                Opened::End => return Ok(self.ended(None, false)),
            };
            match self.through(&mut segment).await? {
                Came::Through => chain.next(),
                Came::Full(row) => {
                    let next = chain.cursor(Some(row));
                    return Ok(self.ended(next, false));
                }
                Came::Spent(row) => {
                    let next = chain.cursor(row);
                    return Ok(self.ended(next, true));
                }
            }
            if self.is_full() {
                let next = chain.cursor(None);
                return Ok(self.ended(next, false));
            }
        }
    }

    async fn through(&mut self, segment: &mut Segment<'_>) -> Result<Came, QueryError> {
        let mut last = None;
        loop {
            if last.is_some() && self.spent.is_all() {
                return Ok(Came::Spent(last));
            }
            let Some(chunk) = segment.next(self.size).await? else { return Ok(Came::Through) };
            let (looked_at, before) = (chunk.looked_at.len(), self.rows.len());
            self.spent.add(looked_at);
            last = chunk.looked_at.last().map(|(key, _)| key.clone()).or(last);
            let is_last = chunk.is_last;
            if let Some(full_with) = self.take(chunk).await? {
                let is_end = is_last && last.as_ref() == Some(&full_with);
                return Ok(if is_end { Came::Through } else { Came::Full(full_with) });
            }
            self.grow(looked_at, self.rows.len() - before);
            if is_last {
                return Ok(Came::Through);
            }
        }
    }

    /// Takes the rows that fit; the last of them where the page is full with it.
    async fn take(&mut self, chunk: Chunk) -> Result<Option<RowKey>, QueryError> {
        let fitting = chunk.looked_at.into_iter().filter_map(|(key, row)| Some((key, row?)));
        let fitting = fitting.filter(|(key, _)| !self.taken.contains(key));
        let (keys, mut rows): (Vec<RowKey>, Vec<Item>) = fitting.unzip();
        if self.filter.verdict.is_empty() {
            rows.truncate(self.limit - self.rows.len());
        }
        self.knowledge.add_to(&mut rows).await?;
        for (key, row) in keys.into_iter().zip(rows) {
            if !self.filter.verdict_fits(&row) {
                continue;
            }
            self.taken.insert(key.clone());
            self.bytes += serde_json::to_string(&Json(&row)).map_or(0, |json| json.len());
            self.rows.push(row);
            if self.is_full() {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= self.limit || self.bytes >= self.most_bytes
    }

    /// Looks at more rows at once where few of them fit.
    fn grow(&mut self, looked_at: usize, taken: usize) {
        if looked_at >= self.size && taken * 2 < looked_at {
            self.size = self.size.saturating_mul(4);
        }
    }

    fn ended(self, next: Option<Cursor>, is_spent: bool) -> Walked {
        // The budget may have been spent on the very last row.
        let stopped = next.as_ref().filter(|_| is_spent).map(|_| self.spent.stopped());
        Walked { rows: self.rows, next, stopped, not_known: self.knowledge.not_known() }
    }
}
