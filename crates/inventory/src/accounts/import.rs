//! Accounts from a file: read and checked as a whole, then added as a whole.
//!
//! - [`file`]: a file of JSON or CSV, and what is wrong with it.
//! - [`plan`]: what of it is new.
//! - [`write`](self): adding it.

mod file;
mod plan;
mod write;

use model::ExternalId;
use serde::Serialize;
use store::tables::TargetAccountsTable;

use super::AccountError;

pub use file::{Entry, FileError, parse_csv, parse_json};

/// What an import does, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// Target accounts that were not there, with their staging accounts.
    pub new: Vec<ImportedAccount>,
    /// Target accounts that are there already, as the file says them.
    pub unchanged: Vec<ImportedAccount>,
    /// Whether they were added.
    pub applied: bool,
}

/// A target account of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedAccount {
    /// Twelve digits.
    pub account_id: String,
    /// For people; may be empty.
    pub account_name: String,
    /// How many staging accounts come with it.
    pub staging_accounts: usize,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is wrong.
    #[error(transparent)]
    File(#[from] FileError),
    /// An account is in the table, and otherwise than in the file.
    #[error(
        "the account {account_id} is in the table with another {differs}; nothing was imported: correct the file, or change the account"
    )]
    Differs {
        /// The account.
        account_id: String,
        /// What differs, in words.
        differs: String,
    },
    /// An account is not valid, or the table could not be read or written.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Some accounts were added, and then DynamoDB refused.
    #[error(
        "{added} of {of} accounts were added before the table refused: {source}; import the file again to add the rest"
    )]
    InPart {
        /// Added.
        added: usize,
        /// To be added.
        of: usize,
        /// What DynamoDB said.
        source: AccountError,
    },
}

/// Adds the accounts of a file, where `applies`; else says which would be added. The whole file is
/// checked against itself and the table first. Up to a hundred accounts are added by one transaction,
/// so all or none, whatever ends this; of more, by one transaction for each hundred: what an import that
/// was ended has added counts as unchanged when the file is imported again.
///
/// `hub` is the account of the sync's own credentials, where it is known; `external_id` is that of
/// accounts of which the file does not say one.
///
/// # Errors
/// [`ImportError`]; nothing was added, but where it says so.
pub async fn import_accounts(
    table: &TargetAccountsTable,
    entries: Vec<Entry>,
    external_id: Option<&ExternalId>,
    hub: Option<&str>,
    applies: bool,
) -> Result<Imported, ImportError> {
    let accounts = plan::accounts(entries, external_id, hub)?;
    let planned = plan::against_table(table, accounts).await?;
    if applies {
        write::add(table, &planned.new).await?;
    }
    Ok(planned.told(applies))
}
