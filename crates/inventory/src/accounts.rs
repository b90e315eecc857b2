//! Adding and removing accounts, and exporting them.
//!
//! Every write is conditional, so that two writers cannot overwrite each other, and touches only
//! what it changes: attributes that this program does not know stay.

mod error;
mod export;
pub mod import;
mod input;
mod shown;

use store::rows::StagingAccounts;
use store::tables::{
    Expected, LONGEST_KEY, TargetAccountsTable, WriteError, delete_if, put_if, update_if,
};
use store::{Item, get, scan, text};

use input::validate;

pub use error::AccountError;
pub use export::{AccountsExport, ExternalIds, export_accounts};
pub use input::AccountChanges;
pub use shown::{HAS_EXTERNAL_ID, without_external_ids};
pub use store::rows::AccountRow as NewAccount;

const KEY: &str = "accountId";
/// How often a row that others change at the same time is read anew.
const ATTEMPTS: usize = 5;

/// Every row of the table, sorted by account, [without its external ids](without_external_ids).
///
/// # Errors
/// [`AccountError::Read`] names the table.
pub async fn list_accounts(table: &TargetAccountsTable) -> Result<Vec<Item>, AccountError> {
    let mut rows = scan(table).await?;
    rows.sort_by_cached_key(|row| text(row, "accountId").to_owned());
    Ok(rows.into_iter().map(without_external_ids).collect())
}

/// Adds a target account. `hub` is the account of the sync's own credentials, where it is known.
///
/// # Errors
/// [`AccountError`] where an argument is wrong or the account is there.
pub async fn add_target_account(
    table: &TargetAccountsTable,
    account: &NewAccount,
    hub: Option<&str>,
) -> Result<(), AccountError> {
    validate(account, hub)?;
    let put = put_if(table, KEY, account.to_item(), Expected::Nothing).await;
    settle(put, || AccountError::AlreadyExists(account.account_id.clone()))
}

/// Changes a target account. Its staging accounts, and attributes that this program does not know,
/// stay.
///
/// # Errors
/// [`AccountError`] where an argument is wrong or the account is not there.
pub async fn update_target_account(
    table: &TargetAccountsTable,
    account_id: &str,
    changes: &AccountChanges,
    hub: Option<&str>,
) -> Result<(), AccountError> {
    validate(&changes.as_account(account_id), hub)?;
    let changes = changes.of_attributes();
    if changes.is_empty() {
        let expected = "accountName, roleArn or externalId".to_owned();
        return Err(AccountError::Invalid { name: "change", value: String::new(), expected });
    }
    let update = update_if(table, (KEY, account_id), changes, Expected::Row).await;
    settle(update, || AccountError::NotFound(account_id.to_owned()))
}

/// Removes a target account, with its staging accounts. Its servers stay in the inventory.
///
/// # Errors
/// [`AccountError::NotFound`] where it is not there.
pub async fn remove_target_account(
    table: &TargetAccountsTable,
    account_id: &str,
) -> Result<(), AccountError> {
    can_be_there(account_id)?;
    let delete = delete_if(table, (KEY, account_id), Expected::Row).await;
    settle(delete, || AccountError::NotFound(account_id.to_owned()))
}

/// Adds a staging account to a target account.
///
/// # Errors
/// [`AccountError`] where an argument is wrong, the target is not there, has that member, or its
/// `stagingAccounts` is no list.
pub async fn add_staging_account(
    table: &TargetAccountsTable,
    target_id: &str,
    account: &NewAccount,
    hub: Option<&str>,
) -> Result<(), AccountError> {
    validate(account, hub)?;
    if account.account_id == target_id {
        let expected = "another account than the target itself".to_owned();
        let value = target_id.to_owned();
        return Err(AccountError::Invalid { name: "staging account", value, expected });
    }
    change_members(table, target_id, |members| {
        if members.has(&account.account_id) {
            return Err(AccountError::AlreadyExists(account.account_id.clone()));
        }
        members.add(account);
        Ok(())
    })
    .await
}

/// Removes a staging account from a target account.
///
/// # Errors
/// [`AccountError::NotFound`] where the target or the member is not there;
/// [`AccountError::NotAList`] where its `stagingAccounts` is no list.
pub async fn remove_staging_account(
    table: &TargetAccountsTable,
    target_id: &str,
    account_id: &str,
) -> Result<(), AccountError> {
    change_members(table, target_id, |members| {
        if !members.has(account_id) {
            return Err(AccountError::NotFound(account_id.to_owned()));
        }
        members.remove(account_id);
        Ok(())
    })
    .await
}

/// Reads the list, changes it, and writes it if nobody else did in between.
async fn change_members(
    table: &TargetAccountsTable,
    target_id: &str,
    change: impl Fn(&mut StagingAccounts) -> Result<(), AccountError>,
) -> Result<(), AccountError> {
    can_be_there(target_id)?;
    for _ in 0..ATTEMPTS {
        let row = get(table, KEY, target_id).await?;
        let row = row.ok_or_else(|| AccountError::NotFound(target_id.to_owned()))?;
        let members = StagingAccounts::of(&row);
        let mut members = members.ok_or_else(|| AccountError::NotAList(target_id.to_owned()))?;
        change(&mut members)?;
        let attribute = StagingAccounts::ATTRIBUTE;
        let changes = vec![(attribute, Some(members.into_value()))];
        let unchanged = Expected::Unchanged { attribute, read: row.get(attribute) };
        match update_if(table, (KEY, target_id), changes, unchanged).await {
            Err(WriteError::Changed { .. }) => {}
            result => return settle(result, || AccountError::Contended(target_id.to_owned())),
        }
    }
    Err(AccountError::Contended(target_id.to_owned()))
}

/// No row has another key; DynamoDB would refuse the question.
fn can_be_there(account_id: &str) -> Result<(), AccountError> {
    let is_key = (1..=LONGEST_KEY).contains(&account_id.len());
    is_key.then_some(()).ok_or_else(|| AccountError::NotFound(account_id.to_owned()))
}

/// `changed` says what it means that the row is not as expected.
fn settle(
    written: Result<(), WriteError>,
    changed: impl FnOnce() -> AccountError,
) -> Result<(), AccountError> {
    written.map_err(|error| match error {
        WriteError::Changed { .. } => changed(),
        WriteError::Service { table, source } => AccountError::Service { table, source },
    })
}
