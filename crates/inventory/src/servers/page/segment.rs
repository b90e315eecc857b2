//! One value of one index: a part of a list that is read in the order of its keys.

use serde::{Deserialize, Serialize};
use store::tables::{
    ATTENTION_INDEX, LISTING_INDEX, Listing, Pages, REPLICATION_REGION_INDEX, SOURCE_ACCOUNT_INDEX,
    STAGING_ACCOUNT_INDEX, SourceServerInventoryTable,
};
use store::{Item, QueryError, string, text};

use super::super::ServerFilter;
use super::super::troubled::{key, whole_rows};

/// Rows on one page of an index that holds whole rows, at most: 1 MB has about 400.
const MOST_ROWS: usize = 1000;
/// Entries on one page of an index whose rows are read one by one.
const MOST_ENTRIES: usize = 200;

/// By what a list is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    /// Origin accounts.
    Account,
    /// Staging accounts.
    StagingAccount,
    /// Regions that DRS was asked in.
    Region,
    /// Verdicts, each in several shards.
    Attention,
    /// The accounts and regions that list servers.
    Place,
}

impl Kind {
    /// The index and its key.
    pub(super) fn index(self) -> (&'static str, &'static str) {
        match self {
            Self::Account => (SOURCE_ACCOUNT_INDEX, "sourceAccountId"),
            Self::StagingAccount => (STAGING_ACCOUNT_INDEX, "stagingAccountId"),
            Self::Region => (REPLICATION_REGION_INDEX, "replicationRegion"),
            Self::Attention => (ATTENTION_INDEX, "attention"),
            Self::Place => (LISTING_INDEX, "listedIn"),
        }
    }

    fn holds_whole_rows(self) -> bool {
        match self {
            Self::Account | Self::StagingAccount | Self::Region => true,
            Self::Attention | Self::Place => false,
        }
    }
}

/// The key of a row: ARN and staging account.
pub(super) type RowKey = (String, String);

pub(super) fn key_of(row: &Item) -> RowKey {
    (text(row, "sourceServerArn").to_owned(), text(row, "stagingAccountId").to_owned())
}

/// What one page of a segment gave.
pub(super) struct Chunk {
    /// The key of each row that was looked at, with the row where it fits.
    pub(super) looked_at: Vec<(RowKey, Option<Item>)>,
    /// Whether the segment has no further page.
    pub(super) is_last: bool,
}

/// A segment that is read page by page.
pub(super) struct Segment<'a> {
    table: &'a SourceServerInventoryTable,
    filter: &'a ServerFilter,
    kind: Kind,
    pages: Pages,
}

impl<'a> Segment<'a> {
    /// Of `value`, from its start or after a row.
    pub(super) fn open(
        table: &'a SourceServerInventoryTable,
        filter: &'a ServerFilter,
        (kind, value): (Kind, &str),
        after: Option<RowKey>,
    ) -> Self {
        let (index, attribute) = kind.index();
        let start = after.map(|(arn, staging)| {
            let mut start = key(&arn, &staging);
            start.insert(attribute.to_owned(), string(value));
            start
        });
        let pages = Listing::of_index(table, index, attribute, value).pages(start);
        Self { table, filter, kind, pages }
    }

    /// The next page, with `size` rows or fewer; none after the last.
    pub(super) async fn next(&mut self, size: usize) -> Result<Option<Chunk>, QueryError> {
        let whole = self.kind.holds_whole_rows();
        let size = size.min(if whole { MOST_ROWS } else { MOST_ENTRIES });
        let page = self.pages.next_of(i32::try_from(size).unwrap_or(i32::MAX)).await?;
        let Some(page) = page else { return Ok(None) };
        let looked_at = match whole {
            true => page.items.into_iter().map(|row| (key_of(&row), Some(row))).collect(),
            false => self.whole(page.items).await?,
        };
        let fitting =
            |(key, row): (RowKey, Option<Item>)| (key, row.filter(|row| self.filter.fits(row)));
        let looked_at = looked_at.into_iter().map(fitting).collect();
        Ok(Some(Chunk { looked_at, is_last: page.is_last }))
    }

    /// The rows of entries, in their order.
    async fn whole(&self, entries: Vec<Item>) -> Result<Vec<(RowKey, Option<Item>)>, QueryError> {
        let keys: Vec<RowKey> = entries.iter().map(key_of).collect();
        let in_index = self.filter.in_attention_index();
        let may_fit = |entry: &Item| self.kind != Kind::Attention || in_index.fits(entry);
        let entries = entries.into_iter().filter(may_fit).collect();
        let rows = whole_rows(self.table, entries).await?.into_iter();
        let mut rows: std::collections::HashMap<RowKey, Item> =
            rows.map(|row| (key_of(&row), row)).collect();
        Ok(keys
            .into_iter()
            .map(|key| {
                let row = rows.remove(&key);
                (key, row)
            })
            .collect())
    }
}
