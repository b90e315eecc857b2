//! Adding and removing accounts.
//!
//! Every write is conditional, so that two writers cannot overwrite each other, and touches only
//! what it changes: attributes that this program does not know stay.

mod error;
mod input;
mod shown;

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::types::AttributeValue;
use store::tables::TargetAccountsTable;
use store::{Item, QueryError, scan, text};

pub use error::AccountError;
pub use input::{AccountChanges, NewAccount};
pub use shown::{HAS_EXTERNAL_ID, without_external_ids};

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
    account.validate(hub)?;
    let put = table
        .client
        .put_item()
        .table_name(&table.name)
        .set_item(Some(account.to_item()))
        .condition_expression("attribute_not_exists(accountId)");
    match put.send().await.map_err(|error| service_error(&error)) {
        Ok(_) => Ok(()),
        Err(error) if is_condition(&error) => {
            Err(AccountError::AlreadyExists(account.account_id.clone()))
        }
        Err(source) => Err(write_error(table, source)),
    }
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
    changes.as_account(account_id).validate(hub)?;
    let Some((expression, names, values)) = changes.to_expression() else {
        let expected = "accountName, roleArn or externalId".to_owned();
        return Err(AccountError::Invalid { name: "change", value: String::new(), expected });
    };
    let update = table
        .client
        .update_item()
        .table_name(&table.name)
        .key("accountId", AttributeValue::S(account_id.to_owned()))
        .update_expression(expression)
        .set_expression_attribute_names(Some(names))
        .set_expression_attribute_values(Some(values).filter(|values| !values.is_empty()))
        .condition_expression("attribute_exists(accountId)");
    match update.send().await.map_err(|error| service_error(&error)) {
        Ok(_) => Ok(()),
        Err(error) if is_condition(&error) => Err(AccountError::NotFound(account_id.to_owned())),
        Err(source) => Err(write_error(table, source)),
    }
}

/// Removes a target account, with its staging accounts. Its servers stay in the inventory.
///
/// # Errors
/// [`AccountError::NotFound`] where it is not there.
pub async fn remove_target_account(
    table: &TargetAccountsTable,
    account_id: &str,
) -> Result<(), AccountError> {
    let delete = table
        .client
        .delete_item()
        .table_name(&table.name)
        .key("accountId", AttributeValue::S(account_id.to_owned()))
        .condition_expression("attribute_exists(accountId)");
    match delete.send().await.map_err(|error| service_error(&error)) {
        Ok(_) => Ok(()),
        Err(error) if is_condition(&error) => Err(AccountError::NotFound(account_id.to_owned())),
        Err(source) => Err(write_error(table, source)),
    }
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
    account.validate(hub)?;
    if account.account_id == target_id {
        let expected = "another account than the target itself".to_owned();
        let value = target_id.to_owned();
        return Err(AccountError::Invalid { name: "staging account", value, expected });
    }
    change_members(table, target_id, |members| {
        if members.iter().any(|member| member_id(member) == Some(&account.account_id)) {
            return Err(AccountError::AlreadyExists(account.account_id.clone()));
        }
        members.push(AttributeValue::M(account.to_item()));
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
        let before = members.len();
        members.retain(|member| member_id(member).is_none_or(|id| id != account_id));
        if members.len() == before {
            return Err(AccountError::NotFound(account_id.to_owned()));
        }
        Ok(())
    })
    .await
}

/// Reads the list, changes it, and writes it if nobody else did in between.
async fn change_members(
    table: &TargetAccountsTable,
    target_id: &str,
    change: impl Fn(&mut Vec<AttributeValue>) -> Result<(), AccountError>,
) -> Result<(), AccountError> {
    for _ in 0..ATTEMPTS {
        let read = read_members(table, target_id).await?;
        let mut members = match &read {
            Some(AttributeValue::L(members)) => members.clone(),
            Some(AttributeValue::Null(_)) | None => Vec::new(),
            Some(_) => return Err(AccountError::NotAList(target_id.to_owned())),
        };
        change(&mut members)?;
        match write_members(table, target_id, read, members).await {
            Err(error) if is_condition(&error) => {}
            result => return result.map_err(|source| write_error(table, source)),
        }
    }
    Err(AccountError::Contended(target_id.to_owned()))
}

async fn read_members(
    table: &TargetAccountsTable,
    target_id: &str,
) -> Result<Option<AttributeValue>, AccountError> {
    let key = AttributeValue::S(target_id.to_owned());
    let get = table.client.get_item().table_name(&table.name).key("accountId", key);
    let answer = get
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| QueryError { table: table.name.clone(), source: service_error(&error) })?;
    let mut item = answer.item.ok_or_else(|| AccountError::NotFound(target_id.to_owned()))?;
    Ok(item.remove("stagingAccounts"))
}

async fn write_members(
    table: &TargetAccountsTable,
    target_id: &str,
    read: Option<AttributeValue>,
    members: Vec<AttributeValue>,
) -> Result<(), ServiceError> {
    let update = table
        .client
        .update_item()
        .table_name(&table.name)
        .key("accountId", AttributeValue::S(target_id.to_owned()))
        .update_expression("SET stagingAccounts = :new")
        .expression_attribute_values(":new", AttributeValue::L(members));
    let update = match read {
        None => update.condition_expression(
            "attribute_exists(accountId) AND attribute_not_exists(stagingAccounts)",
        ),
        Some(read) => update
            .condition_expression("stagingAccounts = :read")
            .expression_attribute_values(":read", read),
    };
    update.send().await.map(drop).map_err(|error| service_error(&error))
}

fn member_id(member: &AttributeValue) -> Option<&String> {
    member.as_m().ok()?.get("accountId")?.as_s().ok()
}

fn is_condition(error: &ServiceError) -> bool {
    error.code() == "ConditionalCheckFailedException"
}

fn write_error(table: &TargetAccountsTable, source: ServiceError) -> AccountError {
    AccountError::Service { table: table.name.clone(), source }
}
