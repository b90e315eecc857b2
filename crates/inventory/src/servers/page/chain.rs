//! The segments of a list that are still to read.

use std::collections::VecDeque;

use model::Place;
use store::{QueryError, text};

use super::super::{ServerFilter, ServerTables};
use super::segment::{Kind, RowKey, Segment};
use super::token::Cursor;
use crate::picture::query_places;

/// What the first of a chain is.
pub(super) enum Opened<'a> {
    /// To be read.
    Segment(Segment<'a>),
    /// An account without places.
    Nothing,
    /// There is none.
    End,
}

/// Segments, one after the other.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) kind: Kind,
    /// The first is the one that is read. Among places an account stands for all of its own.
    values: VecDeque<String>,
    /// Those that were looked through, where their order may change until the next page.
    done: Vec<String>,
    /// Where the first goes on.
    after: Option<RowKey>,
    /// The place that the page before ended in: what comes before it was looked through.
    from: String,
}

impl Chain {
    /// From the start of the first.
    pub(super) fn new(kind: Kind, values: VecDeque<String>) -> Self {
        Self { kind, values, done: Vec::new(), after: None, from: String::new() }
    }

    /// From where the page before ended; none where that is in none of them.
    pub(super) fn resumed(cursor: Cursor, values: VecDeque<String>) -> Option<Self> {
        let Cursor { kind, value: from, after, done } = cursor;
        let is_anywhere = kind == Kind::Place || !values.is_empty();
        is_anywhere.then_some(Self { kind, values, done, after, from })
    }

    /// Opens the first.
    ///
    /// # Errors
    /// [`QueryError`] names the table.
    pub(super) async fn open<'a>(
        &mut self,
        tables: &'a ServerTables,
        filter: &'a ServerFilter,
    ) -> Result<Opened<'a>, QueryError> {
        let Some(first) = self.values.front().cloned() else { return Ok(Opened::End) };
        if self.kind == Kind::Place && Place::parse(&first).is_none() {
            self.values.pop_front();
            self.unfold(tables, filter, &first).await?;
            if !self.values.front().is_some_and(|it| it.starts_with(&first)) {
                return Ok(Opened::Nothing);
            }
        }
        let Some(first) = self.values.front() else { return Ok(Opened::End) };
        let (of, after) = ((self.kind, first.as_str()), self.after.take());
        Ok(Opened::Segment(Segment::open(&tables.inventory, filter, of, after)))
    }

    /// Puts the places of an account before the others.
    async fn unfold(
        &mut self,
        tables: &ServerTables,
        filter: &ServerFilter,
        account: &str,
    ) -> Result<(), QueryError> {
        let entries = query_places(&tables.picture.ledger, account, None).await?;
        let regions = entries.iter().map(|entry| text(entry, "region"));
        let regions = regions.filter(|region| filter.region.fit(|wanted| *region == wanted));
        let places = regions.map(|region| Place::new(account, region).to_string());
        let places: Vec<String> = places.filter(|name| *name >= self.from).collect();
        if places.first() != Some(&self.from) {
            self.after = None;
        }
        places.into_iter().rev().for_each(|name| self.values.push_front(name));
        Ok(())
    }

    /// Leaves the first behind.
    pub(super) fn next(&mut self) {
        let first = self.values.pop_front();
        if self.kind == Kind::Region {
            self.done.extend(first);
        }
        self.after = None;
    }

    /// Where a page ends that looked at the first up to this row, or at nothing of it; none where there
    /// is no first.
    pub(super) fn cursor(&self, after: Option<RowKey>) -> Option<Cursor> {
        let (value, after) = (self.values.front()?.clone(), after.or_else(|| self.after.clone()));
        Some(Cursor { kind: self.kind, value, after, done: self.done.clone() })
    }
}
