//! The rows of the ledger: what was seen when, per account and region.

use serde::{Deserialize, Serialize};

use super::Counts;
use crate::item::{Item, string};

/// The region of an account's own entry. No region is called that.
pub const ACCOUNT_ENTRY: &str = "#account";
/// The account of the entries of a whole sync. No account is called that.
pub const SYNC_ENTRIES: &str = "#sync";
/// Under [`SYNC_ENTRIES`]: the schedule's lock.
pub const LOCK_ENTRY: &str = "#lock";
/// Under [`SYNC_ENTRIES`]: what the last whole sync ended with.
pub const LAST_ENTRY: &str = "#last";
/// Under [`SYNC_ENTRIES`]: accounts of the organization that were never added.
pub const ORGANIZATION_ENTRY: &str = "#organization";

/// The key of an entry as DynamoDB takes it.
pub fn entry_key(account_id: &str, region: &str) -> Item {
    Item::from([
        ("accountId".to_owned(), string(account_id)),
        ("region".to_owned(), string(region)),
    ])
}

/// ARNs that an entry names of the rows that could not be stored.
pub const MOST_ARNS: usize = 20;
/// Bytes of an error's text that an entry keeps.
pub const LONGEST_MESSAGE: usize = 500;

/// One account and region. Times are ISO 8601 and absent where the thing never happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PlaceEntry {
    /// The partition key.
    pub account_id: String,
    /// The sort key.
    pub region: String,
    /// What the last query ended as, one of the names of `RegionStatus`.
    pub status: String,
    /// Distinct servers that DRS listed when it last answered.
    pub server_count: u64,
    /// What the rows of the place amount to.
    pub counts: Counts,
    /// The start of the query that asked last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_checked: Option<String>,
    /// The start of the last query that was answered, and whose rows were written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success: Option<String>,
    /// Of the last query, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Of the last query, where it failed: 500 bytes at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Whether the next query can succeed with nothing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
    /// The first of the queries that failed one after the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<String>,
    /// When all rows of the place were last written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refreshed_at: Option<String>,
    /// Servers whose rows could not be stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_not_stored: Option<RowsNotStored>,
    /// Removals that wait for an approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removal_held: Option<RemovalHeld>,
    /// Removals of the last 24 hours, which count against the limit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removals: Vec<Removals>,
    /// Which rows were written of late: the index may not know it yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recent_writes: Vec<RecentWrites>,
    /// Why the place is looked at by somebody: see [`Trouble`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
    /// Set by an approval, taken away by the sync that acts on it.
    #[serde(skip_serializing)]
    pub removal_approved: Option<RemovalHeld>,
    /// Until then a place that is closed on purpose is no failure.
    #[serde(skip_serializing)]
    pub acknowledged_until: Option<String>,
    /// Why it is closed, in somebody's words.
    #[serde(skip_serializing)]
    pub acknowledged_because: Option<String>,
}

/// The attributes of a [`PlaceEntry`] that a look sets or takes away. All others stay as they are.
pub const OF_A_LOOK: [&str; 15] = [
    "status",
    "serverCount",
    "counts",
    "lastChecked",
    "lastSuccess",
    "errorCode",
    "errorMessage",
    "retryable",
    "failingSince",
    "refreshedAt",
    "rowsNotStored",
    "removalHeld",
    "removals",
    "recentWrites",
    "trouble",
];

impl PlaceEntry {
    /// The place without servers: what is left of it are rows that are missing.
    #[must_use]
    pub fn emptied(mut self, missing: u64) -> Self {
        self.server_count = 0;
        self.counts = Counts::default();
        self.counts.set_missing(missing);
        self
    }
}

/// Servers of a place whose rows the table refuses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsNotStored {
    /// How many.
    pub count: u64,
    /// The first of them, at most [`MOST_ARNS`].
    pub arns: Vec<String>,
}

/// A set of removals that waits, or was approved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemovalHeld {
    /// How many rows.
    pub count: u64,
    /// Since when, ISO 8601.
    pub since: String,
}

/// Rows that were removed at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Removals {
    /// When, ISO 8601.
    pub at: String,
    /// How many rows.
    pub count: u64,
}

/// Rows that one look wrote, flagged or removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecentWrites {
    /// When, ISO 8601.
    pub at: String,
    /// A short hash of each row's key; none where they were too many to name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<String>>,
}

/// What is wrong with a place; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Trouble {
    /// It was asked and never answered.
    NeverRead,
    /// Its last query failed.
    Failed,
    /// Removals wait for an approval.
    Held,
}

impl Trouble {
    /// The worst first.
    pub const ALL: [Self; 3] = [Self::NeverRead, Self::Failed, Self::Held];

    /// As in `NEVER_READ`, the key of `TroubleIndex`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NeverRead => "NEVER_READ",
            Self::Failed => "FAILED",
            Self::Held => "HELD",
        }
    }
}

/// The account's own entry: how entering it went, and who works in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AccountEntry {
    /// The partition key.
    pub account_id: String,
    /// When a sync last tried to enter it.
    pub last_checked: Option<String>,
    /// When a sync last entered it.
    pub last_success: Option<String>,
    /// The first of the attempts to enter it that failed one after the other.
    pub failing_since: Option<String>,
    /// Why it could not be entered.
    pub error_code: Option<String>,
    /// Why it could not be entered: 500 bytes at most.
    pub error_message: Option<String>,
    /// Regions that could not be read when it was last entered.
    pub regions_failed: u64,
    /// Since when a whole sync misses it in the accounts table.
    pub left_since: Option<String>,
    /// The sync that works in the account.
    pub claimed_by: Option<String>,
    /// Until when, at most.
    pub claimed_until: Option<String>,
}

/// Accounts that the organization has, and the accounts table had not, when they were last compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OrganizationEntry {
    /// As in `o-a1b2c3d4e5`.
    pub organization_id: String,
    /// Which of its accounts are wanted, as the settings say it; empty where all are.
    pub selection: String,
    /// When it was asked, ISO 8601.
    pub as_of: String,
    /// How many.
    pub never_added: u64,
    /// The first of them, by account id.
    pub never_added_accounts: Vec<NeverAdded>,
}

/// An account of the organization that was never added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NeverAdded {
    /// Twelve digits.
    pub account_id: String,
    /// As the organization has it, cut; may be empty.
    pub account_name: String,
}

/// What the last whole sync ended with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LastSync {
    /// When it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// Places and accounts that it could not read.
    pub not_known: u64,
    /// The first 200 of them, `ACCOUNT/REGION` or `ACCOUNT`.
    pub not_known_places: Vec<String>,
    /// Removals of the whole installation that wait for an approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removal_held: Option<RemovalHeld>,
    /// Removals of the last 24 hours, which count against the limit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removals: Vec<Removals>,
    /// When rows without a place were last given one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adopted_at: Option<String>,
    /// Set by an approval, taken away by the sync that acts on it.
    #[serde(skip_serializing)]
    pub removal_approved: Option<RemovalHeld>,
}
