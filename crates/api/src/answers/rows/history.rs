//! The history.

use utoipa::ToSchema;

use crate::documented::forms;

/// Something that happened.
#[derive(Debug, ToSchema)]
#[schema(as = Change, rename_all = "camelCase")]
pub struct ChangeRow {
    /// A server's ARN, `ACCOUNT/REGION`, an account's id, or `#installation`.
    pub subject: String,
    /// When, ISO 8601.
    pub at: String,
    /// The sort key in the table.
    pub key: String,
    /// What.
    #[schema(value_type = forms::KindName)]
    pub kind: String,
    /// How many equal entries that follow each other this one stands for.
    pub count: u64,
    /// When the first of them was, ISO 8601; absent where it is one.
    pub first_at: Option<String>,
    /// What changed, as it was.
    #[schema(value_type = Option<Object>)]
    pub before: Option<()>,
    /// What changed, as it is.
    #[schema(value_type = Option<Object>)]
    pub after: Option<()>,
    /// The whole row of a server that was removed, where the history of one subject is asked for.
    #[schema(value_type = Option<Object>)]
    pub row: Option<()>,
    /// The sync that did it; `restore` where somebody put a row back.
    pub sync_id: Option<String>,
}
