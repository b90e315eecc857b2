//! The history.

use inventory::changes::Changes;
use inventory::picture::Picture;
use serde::Serialize;
use utoipa::ToSchema;

use super::Row;
use super::known::PictureAnswer;
use super::rows::ChangeRow;

/// How much of the history an answer has, and where to go on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryOf {
    /// How many entries this answer has.
    count: usize,
    /// For what is before; while it is there, there may be more, also where this answer has nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
    /// How far back this answer looked, ISO 8601; absent where it looked at everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    looked_back_to: Option<String>,
}

impl HistoryOf {
    /// The entries, and how many they are.
    pub(crate) fn split(changes: Changes) -> (Vec<Row>, Self) {
        let Changes { entries, next, looked_back_to } = changes;
        let of = Self { count: entries.len(), next_token: next, looked_back_to };
        (Row::all(entries), of)
    }
}

/// What happened, the last first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeList {
    /// Equal entries of a subject that follow each other are one.
    #[schema(value_type = Vec<ChangeRow>)]
    changes: Vec<Row>,
    #[serde(flatten)]
    page: HistoryOf,
    #[serde(flatten)]
    picture: PictureAnswer,
}

impl ChangeList {
    pub(crate) fn of(changes: Changes, picture: Picture) -> Self {
        let (changes, page) = HistoryOf::split(changes);
        Self { changes, page, picture: picture.into() }
    }
}
