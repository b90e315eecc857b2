//! What a sync tells, and what it needs.

use inventory::response::Response;
use serde::Serialize;
use sync::Finished;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::report::{self, SyncReport};
use crate::answer::{Answer, Answered, object};

/// A sync of all accounts. Over HTTP it is begun, and nobody waits for its end.
#[derive(Debug)]
pub struct WholeSync(pub(crate) Response);

impl Answered for WholeSync {
    type Body = SyncAccepted;
    const STATUS: u16 = 202;

    fn into_answer(self) -> Answer {
        Answer::Sync(self.0)
    }
}

/// A sync that has begun.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncAccepted {
    /// True.
    accepted: bool,
    /// Where its end can be seen.
    #[schema(value_type = String)]
    look_at: &'static str,
}

impl SyncAccepted {
    /// As it is answered.
    pub fn new() -> Self {
        Self { accepted: true, look_at: "/overview" }
    }
}

impl Default for SyncAccepted {
    fn default() -> Self {
        Self::new()
    }
}

impl From<SyncAccepted> for Answer {
    fn from(accepted: SyncAccepted) -> Self {
        Self::Accepted(object(&accepted))
    }
}

/// A sync of one account.
#[derive(Debug)]
pub struct SyncedAccount(pub(crate) Response);

impl Answered for SyncedAccount {
    type Body = SyncReport;
    const STATUS: u16 = 200;

    fn into_answer(self) -> Answer {
        Answer::Sync(self.0)
    }
}

/// The end of a sync that was spread over calls of `sync_account`.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct FinishedSync(pub(crate) Finished);

impl utoipa::PartialSchema for FinishedSync {
    fn schema() -> RefOr<Schema> {
        report::FinishedSync::schema()
    }
}

impl ToSchema for FinishedSync {}

/// What `sync_account` can be called with, each once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountIds {
    /// Target and staging accounts. One that is no account's id is among them.
    pub(crate) account_ids: Vec<String>,
    /// How many there are.
    pub(crate) count: usize,
}

/// Whether the environment lets every operation work.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `healthy` or `unhealthy`.
    #[schema(value_type = String)]
    pub(crate) status: &'static str,
    /// The version of the program.
    #[schema(value_type = String)]
    pub(crate) version: &'static str,
    /// `refactored` or `legacy`; null where the setting is wrong.
    #[schema(required, value_type = Option<String>)]
    pub(crate) implementation: Option<&'static str>,
    /// Each variable that is wrong.
    pub(crate) problems: Vec<String>,
}
