//! What came of accounts that were exported into a bucket.

use serde::Serialize;
use utoipa::ToSchema;

/// Accounts that are in a bucket.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportedAccounts {
    /// The bucket.
    pub(crate) bucket: String,
    /// The file's key, the day in UTC included.
    pub(crate) key: String,
    /// How many target accounts it has.
    pub(crate) target_accounts: usize,
    /// How many staging accounts it has.
    pub(crate) staging_accounts: usize,
    /// What is in the table, is no account, and so is not in the file.
    pub(crate) left_out: Vec<String>,
}
