//! Accounts.

use inventory::picture::{self, NotKnown};
use serde::Serialize;
use utoipa::ToSchema;

use super::rows::{AccountEntryRow, PlaceRow};
use super::{Row, known};

/// How entering an account went, and each of its regions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountStatus {
    /// The account.
    account_id: String,
    /// Whether the accounts table has it.
    listed: bool,
    /// The account's own entry of the ledger; null where no sync ever asked it.
    #[schema(required, value_type = Option<AccountEntryRow>)]
    account: Option<Row>,
    /// Its regions, sorted by name.
    #[schema(value_type = Vec<PlaceRow>)]
    regions: Vec<Row>,
    /// How many regions there are.
    count: usize,
    /// Whether nothing of it is unknown.
    complete: bool,
    /// What of it is not known.
    #[schema(value_type = Vec<known::NotKnown>)]
    not_known: Vec<NotKnown>,
}

impl AccountStatus {
    pub(crate) fn of(account_id: String, status: picture::AccountStatus) -> Self {
        Self {
            account_id,
            listed: status.is_listed,
            account: status.entry.map(Row),
            count: status.places.len(),
            regions: Row::all(status.places),
            complete: status.not_known.is_empty(),
            not_known: status.not_known,
        }
    }
}

/// The account that the program runs in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrentAccount {
    /// Twelve digits.
    pub(crate) account_id: String,
}

/// The target account that was changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedAccount {
    /// The account.
    pub(crate) account_id: String,
}

/// The staging account that was changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedStagingAccount {
    /// The target account.
    pub(crate) target_account_id: String,
    /// The staging account.
    pub(crate) account_id: String,
}
