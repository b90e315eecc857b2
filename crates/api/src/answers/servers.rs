//! Servers and regions.

use inventory::picture::{NotKnown, Picture};
use serde::Serialize;
use store::Item;
use utoipa::ToSchema;

use super::Row;
use super::changes::HistoryOf;
use super::known::{self, PictureAnswer};
use super::rows::{ChangeRow, RegionRow, ServerRow};

/// Servers, page by page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerList {
    /// The servers of this page.
    #[schema(value_type = Vec<ServerRow>)]
    servers: Vec<Row>,
    /// How many are on this page.
    count: usize,
    /// For the next page; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
    /// True where the page ended because its time, or what it may read, was used up; absent else.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_early: Option<bool>,
    /// How many servers were looked at then.
    #[serde(skip_serializing_if = "Option::is_none")]
    looked_at: Option<u64>,
    #[serde(flatten)]
    picture: PictureAnswer,
}

impl ServerList {
    /// `looked_at` where the page ended early.
    pub(crate) fn of(
        rows: Vec<Item>,
        next_token: Option<String>,
        looked_at: Option<u64>,
        picture: Picture,
    ) -> Self {
        let (count, servers) = (rows.len(), Row::all(rows));
        let stopped_early = looked_at.map(|_| true);
        Self { servers, count, next_token, stopped_early, looked_at, picture: picture.into() }
    }
}

/// Regions over all accounts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegionList {
    /// Sorted by name.
    #[schema(value_type = Vec<RegionRow>)]
    regions: Vec<Row>,
    /// How many there are.
    count: usize,
    #[serde(flatten)]
    picture: PictureAnswer,
}

impl RegionList {
    pub(crate) fn of(rows: Vec<Item>, picture: Picture) -> Self {
        let (count, regions) = (rows.len(), Row::all(rows));
        Self { regions, count, picture: picture.into() }
    }
}

/// One server, and what happened to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServerWithHistory)]
#[serde(rename_all = "camelCase")]
pub struct OneServerAnswer {
    /// Where two servers have one id, or a server has two rows, the row that was written last.
    #[schema(value_type = ServerRow)]
    server: Row,
    /// What happened to it, the last first.
    #[schema(value_type = Vec<ChangeRow>)]
    history: Vec<Row>,
    #[serde(flatten)]
    page: HistoryOf,
    /// Whether the row tells how the server is now.
    complete: bool,
    /// What is not known of it.
    #[schema(value_type = Vec<known::NotKnown>)]
    not_known: Vec<NotKnown>,
}

impl OneServerAnswer {
    pub(crate) fn of(
        server: Item,
        (history, page): (Vec<Row>, HistoryOf),
        not_known: Vec<NotKnown>,
    ) -> Self {
        let complete = not_known.is_empty();
        Self { server: Row(server), history, page, complete, not_known }
    }
}
