//! What describes the outcome of a sync.

use std::collections::BTreeMap;

use utoipa::ToSchema;

use crate::documented::forms;

/// What came of a sync.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct SyncReport {
    /// For people.
    pub message: String,
    /// Rows that were stored or say what stands in the table already.
    pub total_synced: u64,
    /// Everything that is missing from the picture, one each.
    pub total_errors: u64,
    /// When the sync started, ISO 8601.
    pub timestamp: String,
    /// More of it; absent with the legacy sync.
    pub details: Option<SyncDetails>,
}

/// More of what came of a sync.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct SyncDetails {
    /// `refactored`.
    pub implementation: String,
    /// False where anything is in `failed`.
    pub complete: bool,
    /// Milliseconds.
    pub duration_ms: u64,
    /// Accounts that were entered.
    pub accounts_asked: u64,
    /// Accounts that were not.
    pub accounts_skipped: Vec<SkippedAccount>,
    /// Pairs of account and region that were asked.
    pub regions_asked: u64,
    /// Pairs of account and region that were asked not long ago and had no servers.
    pub regions_skipped: u64,
    /// Servers that DRS listed.
    pub servers_found: u64,
    /// Servers of whose instance EC2 told in this sync.
    pub servers_enriched: u64,
    /// Rows that were written.
    pub servers_written: u64,
    /// Rows that say what stands in the table already, and were not written.
    pub servers_unchanged: u64,
    /// Rows of servers that DRS no longer lists, flagged.
    pub servers_missing: u64,
    /// Rows of servers that DRS no longer lists, removed.
    pub servers_removed: u64,
    /// Rows whose removal waits for an approval, by place, or by `installation`.
    pub removals_held: BTreeMap<String, u64>,
    /// Servers by verdict, as the places that were asked now stand.
    pub readiness: BTreeMap<String, u64>,
    /// Servers that could not be read, and rows that could not be stored.
    pub servers_failed: u64,
    /// Pairs of account and region that are not in use, by status.
    pub not_in_use: BTreeMap<String, u64>,
    /// What is missing from the picture: the first 100 of a sync of one account, the first 2,000 of
    /// one of all accounts.
    pub failed: Vec<Missing>,
    /// How many more are missing.
    pub failed_left_out: Option<u64>,
}

/// One thing that is missing from the picture.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Missing {
    /// What the entry is about.
    pub kind: MissingKind,
    /// The account.
    pub account: String,
    /// The region, where the entry is about one.
    pub region: Option<String>,
    /// The row's key, or the id of a server without an ARN, where the entry is about a row.
    pub row: Option<String>,
    /// The class of the failure.
    #[schema(value_type = forms::StatusName)]
    pub status: String,
    /// The service's code.
    pub code: String,
    /// The service's text.
    pub message: String,
    /// Whether the next sync can succeed with nothing changed.
    pub retryable: bool,
    /// What to do.
    pub what_to_do: String,
}

/// An account that could not be entered, a region that could not be read, a server that is listed and
/// cannot be read, EC2 of an account and region, or a row that could not be stored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the type tells what each means")]
pub enum MissingKind {
    Account,
    Region,
    Server,
    Ec2,
    Row,
}

/// An account that was not asked.
#[derive(Debug, ToSchema)]
pub struct SkippedAccount {
    /// Its id.
    pub account: String,
    /// Why.
    pub reason: String,
}

/// The end of a sync that was spread over calls of `sync_account`.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct FinishedSync {
    /// Whether nothing is missing from the picture.
    pub complete: bool,
    /// Accounts of the accounts table.
    pub accounts: u64,
    /// Those of which the sync knows nothing: no call for them came to its end.
    pub accounts_without_answer: u64,
    /// Those that could not be entered.
    pub accounts_not_entered: u64,
    /// Pairs of account and region that could not be read.
    pub places_failed: u64,
    /// Regions whose row could not be written.
    pub regions_failed: u64,
    /// Servers that DRS lists.
    pub servers: u64,
    /// Rows of servers that it no longer lists.
    pub missing: u64,
    /// Rows whose removal waits for an approval.
    pub removals_held: u64,
    /// The first 200 accounts and places that are not known, `ACCOUNT` or `ACCOUNT/REGION`.
    pub not_known: Vec<String>,
    /// Milliseconds since `startedAt`, or since this call.
    pub duration_ms: u64,
}
