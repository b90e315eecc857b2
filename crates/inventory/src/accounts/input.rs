//! An account to add, changes to one, and what is refused.

use aws_sdk_dynamodb::types::AttributeValue;
use model::role_arn::role_account;
use model::{ExternalId, is_account_id};

use super::{AccountError, NewAccount};

/// What to change of a target account: none leaves an attribute, `Some(None)` removes it.
#[derive(Clone, Default)]
pub struct AccountChanges {
    /// For people.
    pub account_name: Option<Option<String>>,
    /// A role of that very account.
    pub role_arn: Option<Option<String>>,
    /// What the role's trust policy asks for.
    pub external_id: Option<Option<ExternalId>>,
}

impl AccountChanges {
    pub(super) fn as_account(&self, account_id: &str) -> NewAccount {
        NewAccount {
            account_id: account_id.to_owned(),
            account_name: self.account_name.clone().flatten(),
            role_arn: self.role_arn.clone().flatten(),
            external_id: self.external_id.clone().flatten(),
        }
    }

    /// Each attribute that is to change, and what it becomes; none where it goes.
    pub(super) fn of_attributes(&self) -> Vec<(&'static str, Option<AttributeValue>)> {
        let external_id = self.external_id.as_ref();
        let external_id = external_id.map(|id| id.as_ref().map(ExternalId::expose));
        let changes = [
            ("accountName", self.account_name.as_ref().map(Option::as_deref)),
            ("roleArn", self.role_arn.as_ref().map(Option::as_deref)),
            ("externalId", external_id),
        ];
        let value = |value: &str| AttributeValue::S(value.to_owned());
        let changes = changes.into_iter();
        changes.filter_map(|(name, change)| Some((name, change?.map(value)))).collect()
    }
}

/// Whether each part is well formed. `hub` is the sync's own account, where it is known.
pub(super) fn validate(account: &NewAccount, hub: Option<&str>) -> Result<(), AccountError> {
    let invalid = |name, value: &str, expected: &str| AccountError::Invalid {
        name,
        value: value.to_owned(),
        expected: expected.to_owned(),
    };
    let id = &account.account_id;
    if !is_account_id(id) {
        return Err(invalid("account id", id, "12 digits"));
    }
    if let Some(arn) = &account.role_arn
        && role_account(arn) != Some(id)
    {
        let expected = format!("a role of this account, as in arn:aws:iam::{id}:role/NAME");
        return Err(invalid("role ARN", arn, &expected));
    }
    if let Some(arn) = &account.role_arn
        && hub == Some(id)
    {
        let expected = "no role: the sync's own account is never assumed into";
        return Err(invalid("role ARN", arn, expected));
    }
    if let Some(external_id) = &account.external_id
        && !external_id.is_valid()
    {
        return Err(invalid("external id", "(not shown)", ExternalId::EXPECTED));
    }
    Ok(())
}
