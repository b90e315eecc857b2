//! The ledger, and the regions that are rolled up from it.

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// One region over all accounts, rolled up at the end of a sync.
#[derive(Debug, ToSchema)]
#[schema(as = RegionStatus, rename_all = "camelCase")]
pub struct RegionRow {
    /// As in `us-east-1`.
    pub region: String,
    /// `ACTIVE` where any account answered, else what most accounts got.
    pub status: Option<String>,
    /// Sum over the accounts.
    pub server_count: Option<u64>,
    /// The account with the most servers.
    pub account_id: Option<String>,
    /// Start of the sync, ISO 8601.
    pub last_updated: Option<String>,
    /// Start of the sync, ISO 8601.
    pub last_checked: Option<String>,
    /// Where `status` is not `ACTIVE`.
    pub error_message: Option<String>,
    /// Accounts that were asked there.
    pub accounts_asked: Option<u64>,
    /// Of these, those that could not be read.
    pub accounts_failed: Option<u64>,
    /// What the rows of its servers amount to.
    pub counts: Option<CountsRow>,
}

/// One account and region: what was seen when.
#[derive(Debug, ToSchema)]
#[schema(as = Place, rename_all = "camelCase")]
pub struct PlaceRow {
    /// The account.
    pub account_id: String,
    /// The region.
    pub region: String,
    /// Whether what the entry says holds now.
    pub known: bool,
    /// What the last query ended as.
    pub status: Option<String>,
    /// Servers that DRS listed when it last answered.
    pub server_count: Option<u64>,
    /// What the rows amount to.
    pub counts: Option<CountsRow>,
    /// Start of the query that asked last, ISO 8601.
    pub last_checked: Option<String>,
    /// Start of the last query that was answered and whose rows are stored, ISO 8601.
    pub last_success: Option<String>,
    /// Of the last query, where it failed.
    pub error_code: Option<String>,
    /// Of the last query, where it failed.
    pub error_message: Option<String>,
    /// Whether the next query can succeed with nothing changed.
    pub retryable: Option<bool>,
    /// The first of the queries that failed one after the other, ISO 8601.
    pub failing_since: Option<String>,
    /// When all rows of the place were last written, ISO 8601.
    pub refreshed_at: Option<String>,
    /// Rows that the table refuses.
    pub rows_not_stored: Option<NotStoredRow>,
    /// Removals of the last day, which count against the limit.
    #[schema(value_type = Option<Vec<Object>>)]
    pub removals: Option<()>,
    /// Rows that were written of late.
    #[schema(value_type = Option<Vec<Object>>)]
    pub recent_writes: Option<()>,
    /// Removals that wait for an approval.
    pub removal_held: Option<HeldRow>,
    /// Removals that somebody approved, until a sync acts on it.
    pub removal_approved: Option<HeldRow>,
    /// Until when a closed region is no failure, ISO 8601.
    pub acknowledged_until: Option<String>,
    /// Why it is closed.
    pub acknowledged_because: Option<String>,
    /// `NEVER_READ`, `FAILED` or `HELD`; absent where nothing is wrong.
    pub trouble: Option<String>,
}

/// An account: how entering it went, and who is at work in it.
#[derive(Debug, ToSchema)]
#[schema(as = AccountEntry, rename_all = "camelCase")]
pub struct AccountEntryRow {
    /// The account.
    pub account_id: String,
    /// `#account`.
    pub region: String,
    /// When it was last looked at, ISO 8601.
    pub last_checked: Option<String>,
    /// When it was last entered, ISO 8601.
    pub last_success: Option<String>,
    /// Since when it cannot be entered, ISO 8601.
    pub failing_since: Option<String>,
    /// Why it could not be entered.
    pub error_code: Option<String>,
    /// The same in the words of AWS.
    pub error_message: Option<String>,
    /// `FAILED`; absent where nothing is wrong.
    pub trouble: Option<String>,
    /// Regions that could not be read.
    pub regions_failed: Option<u64>,
    /// Since when the accounts table no longer has it, ISO 8601.
    pub left_since: Option<String>,
    /// The sync that works in it.
    pub claimed_by: Option<String>,
    /// Since when, ISO 8601.
    pub claimed_since: Option<String>,
    /// Until when at most, ISO 8601.
    pub claimed_until: Option<String>,
}

/// What rows of servers amount to.
#[derive(Debug, ToSchema)]
#[schema(as = Counts, rename_all = "camelCase")]
pub struct CountsRow {
    /// Rows by verdict, without those of servers that DRS no longer lists.
    pub verdicts: Option<BTreeMap<String, u64>>,
    /// Rows by the code of a reason; a row may have several.
    pub reasons: Option<BTreeMap<String, u64>>,
    /// Rows by lag against the recovery point objective.
    pub lag: Option<BTreeMap<String, u64>>,
    /// Rows by what the last launch proves.
    pub drills: Option<BTreeMap<String, u64>>,
    /// Rows by the time of the last launch.
    pub drill_ages: Option<BTreeMap<String, u64>>,
    /// Rows of copies of servers in staging accounts.
    pub extended: Option<u64>,
    /// Servers that count against the quota of replicating servers.
    pub replicating: Option<u64>,
    /// Servers that are listed here and whose row another place holds.
    pub not_held: Option<u64>,
}

/// Rows that the table refuses.
#[derive(Debug, ToSchema)]
#[schema(as = RowsNotStored)]
pub struct NotStoredRow {
    /// How many.
    pub count: u64,
    /// The first 20 of them.
    pub arns: Vec<String>,
}

/// A set of removals.
#[derive(Debug, ToSchema)]
#[schema(as = Removals)]
pub struct HeldRow {
    /// How many rows.
    pub count: u64,
    /// Since when, ISO 8601.
    pub since: String,
}
