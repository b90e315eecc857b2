//! Adding and removing accounts.
//!
//! Every write is conditional, so that two writers cannot overwrite each other, and touches only
//! what it changes: attributes that this program does not know stay.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::{ServiceError, service_error};
use crate::model::is_account_id;
use crate::query::servers::scan;
use crate::query::{Item, QueryError, text};
use crate::sync::credentials::role_account;
use crate::tables::Table;

/// An account to add.
#[derive(Clone, Default)]
pub struct NewAccount {
    /// Twelve digits.
    pub account_id: String,
    /// For people.
    pub account_name: Option<String>,
    /// A role of that very account. The hub itself needs none.
    pub role_arn: Option<String>,
    /// What the role's trust policy asks for.
    pub external_id: Option<String>,
}

/// What to change of a target account: none leaves an attribute, `Some(None)` removes it.
#[derive(Clone, Default)]
pub struct AccountChanges {
    /// For people.
    pub account_name: Option<Option<String>>,
    /// A role of that very account.
    pub role_arn: Option<Option<String>>,
    /// What the role's trust policy asks for.
    pub external_id: Option<Option<String>>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// An argument is wrong.
    #[error("{name} {value:?} is not valid: expected {expected}")]
    Invalid {
        /// As in `account id`.
        name: &'static str,
        /// What was given; not an external id.
        value: String,
        /// What is expected.
        expected: String,
    },
    /// It is there already.
    #[error("the account {0} is there already; remove it first to add it anew")]
    AlreadyExists(String),
    /// It is not there.
    #[error("the account {0} is not there; `accounts list` shows those that are")]
    NotFound(String),
    /// Its row holds something this program did not write and must not overwrite.
    #[error(
        "the stagingAccounts of the account {0} is not a list; correct the row, then try again"
    )]
    NotAList(String),
    /// Somebody else changed the row, again and again.
    #[error("the account {0} was changed by somebody else at the same time; try again")]
    Contended(String),
    /// DynamoDB refused.
    #[error("cannot write to the table {table}: {source}")]
    Service {
        /// The table's name.
        table: String,
        /// DynamoDB's answer.
        source: ServiceError,
    },
    /// The table could not be read.
    #[error(transparent)]
    Read(#[from] QueryError),
}

/// Length of an external id. Source: STS API reference, `AssumeRole`.
const EXTERNAL_ID_LENGTH: std::ops::RangeInclusive<usize> = 2..=1224;
/// How often a row that others change at the same time is read anew.
const ATTEMPTS: usize = 5;

/// Every row of the table, sorted by account.
///
/// # Errors
/// [`AccountError::Read`] names the table.
pub async fn list_accounts(table: &Table) -> Result<Vec<Item>, AccountError> {
    let mut rows = scan(table).await?;
    rows.sort_by_cached_key(|row| text(row, "accountId").to_owned());
    Ok(rows)
}

/// Adds a target account. `hub` is the account of the sync's own credentials, where it is known.
///
/// # Errors
/// [`AccountError`] where an argument is wrong or the account is there.
pub async fn add_target_account(
    table: &Table,
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
    table: &Table,
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
pub async fn remove_target_account(table: &Table, account_id: &str) -> Result<(), AccountError> {
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
    table: &Table,
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
    table: &Table,
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
    table: &Table,
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
    table: &Table,
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
    table: &Table,
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

impl AccountChanges {
    fn as_account(&self, account_id: &str) -> NewAccount {
        NewAccount {
            account_id: account_id.to_owned(),
            account_name: self.account_name.clone().flatten(),
            role_arn: self.role_arn.clone().flatten(),
            external_id: self.external_id.clone().flatten(),
        }
    }

    /// Update expression, names and values; none where nothing is to change.
    fn to_expression(&self) -> Option<(String, HashMap<String, String>, Item)> {
        let (mut set, mut remove) = (Vec::new(), Vec::new());
        let (mut names, mut values) = (HashMap::new(), Item::new());
        for (name, change) in [
            ("accountName", &self.account_name),
            ("roleArn", &self.role_arn),
            ("externalId", &self.external_id),
        ] {
            let Some(change) = change else { continue };
            names.insert(format!("#{name}"), name.to_owned());
            match change {
                Some(value) => {
                    set.push(format!("#{name} = :{name}"));
                    values.insert(format!(":{name}"), AttributeValue::S(value.clone()));
                }
                None => remove.push(format!("#{name}")),
            }
        }
        let part = |verb: &str, list: Vec<String>| {
            (!list.is_empty()).then(|| format!("{verb} {}", list.join(", ")))
        };
        let parts: Vec<_> =
            [part("SET", set), part("REMOVE", remove)].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| (parts.join(" "), names, values))
    }
}

impl NewAccount {
    fn validate(&self, hub: Option<&str>) -> Result<(), AccountError> {
        let invalid = |name, value: &str, expected: &str| AccountError::Invalid {
            name,
            value: value.to_owned(),
            expected: expected.to_owned(),
        };
        let id = &self.account_id;
        if !is_account_id(id) {
            return Err(invalid("account id", id, "12 digits"));
        }
        if let Some(arn) = &self.role_arn
            && role_account(arn) != Some(id)
        {
            let expected = format!("a role of this account, as in arn:aws:iam::{id}:role/NAME");
            return Err(invalid("role ARN", arn, &expected));
        }
        if let Some(arn) = &self.role_arn
            && hub == Some(id)
        {
            let expected = "no role: the sync's own account is never assumed into";
            return Err(invalid("role ARN", arn, expected));
        }
        if let Some(external_id) = &self.external_id
            && !is_external_id(external_id)
        {
            let expected = "2 to 1224 letters, digits and characters of _+=,.@:/-";
            return Err(invalid("external id", "(not shown)", expected));
        }
        Ok(())
    }

    fn to_item(&self) -> HashMap<String, AttributeValue> {
        let attributes = [
            ("accountId", Some(&self.account_id)),
            ("accountName", self.account_name.as_ref()),
            ("roleArn", self.role_arn.as_ref()),
            ("externalId", self.external_id.as_ref()),
        ];
        attributes
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), AttributeValue::S(value?.clone()))))
            .collect()
    }
}

fn is_external_id(text: &str) -> bool {
    EXTERNAL_ID_LENGTH.contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c))
}

fn member_id(member: &AttributeValue) -> Option<&String> {
    member.as_m().ok()?.get("accountId")?.as_s().ok()
}

fn is_condition(error: &ServiceError) -> bool {
    error.code() == "ConditionalCheckFailedException"
}

fn write_error(table: &Table, source: ServiceError) -> AccountError {
    AccountError::Service { table: table.name.clone(), source }
}
