//! Target and staging accounts.

use inventory::accounts::{
    AccountChanges, AccountError, NewAccount, add_staging_account, add_target_account,
    remove_staging_account, remove_target_account, update_target_account,
};
use model::ExternalId;
use serde::Deserialize;
use serde_json::json;
use store::tables::TargetAccountsTable;

use crate::answer::{Answer, ErrorCode, Failure};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Add {
    account_id: String,
    account_name: Option<String>,
    role_arn: Option<String>,
    external_id: Option<ExternalId>,
}

/// An attribute that is left out stays as it is; null removes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Update {
    account_id: String,
    #[serde(default, deserialize_with = "given")]
    account_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    role_arn: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    external_id: Option<Option<ExternalId>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Delete {
    account_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddStaging {
    target_account_id: String,
    account_id: String,
    account_name: Option<String>,
    role_arn: Option<String>,
    external_id: Option<ExternalId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RemoveStaging {
    target_account_id: String,
    account_id: String,
}

/// Tells null from absent.
fn given<'de, T, D>(d: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Option::deserialize(d).map(Some)
}

pub(super) async fn add(
    table: &TargetAccountsTable,
    a: Add,
    hub: Option<&str>,
) -> Result<Answer, Failure> {
    let account = NewAccount {
        account_id: a.account_id,
        account_name: a.account_name,
        role_arn: a.role_arn,
        external_id: a.external_id,
    };
    add_target_account(table, &account, hub).await?;
    Ok(Answer::Created(json!({ "accountId": account.account_id })))
}

pub(super) async fn update(
    table: &TargetAccountsTable,
    u: Update,
    hub: Option<&str>,
) -> Result<Answer, Failure> {
    let changes = AccountChanges {
        account_name: u.account_name,
        role_arn: u.role_arn,
        external_id: u.external_id,
    };
    update_target_account(table, &u.account_id, &changes, hub).await?;
    Ok(Answer::Object(json!({ "accountId": u.account_id })))
}

pub(super) async fn delete(table: &TargetAccountsTable, d: Delete) -> Result<Answer, Failure> {
    remove_target_account(table, &d.account_id).await?;
    Ok(Answer::Object(json!({ "accountId": d.account_id })))
}

pub(super) async fn add_staging(
    table: &TargetAccountsTable,
    a: AddStaging,
    hub: Option<&str>,
) -> Result<Answer, Failure> {
    let account = NewAccount {
        account_id: a.account_id,
        account_name: a.account_name,
        role_arn: a.role_arn,
        external_id: a.external_id,
    };
    add_staging_account(table, &a.target_account_id, &account, hub).await?;
    let ids = json!({ "targetAccountId": a.target_account_id, "accountId": account.account_id });
    Ok(Answer::Created(ids))
}

pub(super) async fn remove_staging(
    table: &TargetAccountsTable,
    r: RemoveStaging,
) -> Result<Answer, Failure> {
    remove_staging_account(table, &r.target_account_id, &r.account_id).await?;
    let ids = json!({ "targetAccountId": r.target_account_id, "accountId": r.account_id });
    Ok(Answer::Object(ids))
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        let message = error.to_string();
        let code = match error {
            AccountError::Invalid { .. } => ErrorCode::InvalidParameter,
            AccountError::AlreadyExists(_) => ErrorCode::AlreadyExists,
            AccountError::NotFound(_) => ErrorCode::NotFound,
            AccountError::NotAList(_) => ErrorCode::InvalidState,
            AccountError::Contended(_) => {
                let mut failure = Self::new(ErrorCode::InvalidState, message);
                failure.retryable = Some(true);
                return failure;
            }
            AccountError::Service { source, .. } => {
                return Self::of_service(ErrorCode::DynamodbError, message, &source);
            }
            AccountError::Read(error) => return error.into(),
        };
        Self::new(code, message)
    }
}
