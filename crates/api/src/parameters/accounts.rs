//! Accounts as they are asked for together with another id. They are flat, so that an error names
//! every parameter that there is.

use inventory::accounts::{AccountChanges, NewAccount};
use model::ExternalId;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::documented::forms as form;

/// What to change of a target account: what is left out stays, null takes it away.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateAccount {
    /// The account.
    #[schema(value_type = form::AccountId)]
    account_id: String,
    /// For people.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    account_name: Option<Option<String>>,
    /// The account of the sync itself has none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<form::RoleArn>)]
    role_arn: Option<Option<String>>,
    /// It is shown nowhere.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<form::ExternalId>)]
    external_id: Option<Option<ExternalId>>,
}

impl UpdateAccount {
    pub(crate) fn id_and_changes(self) -> (String, AccountChanges) {
        let Self { account_id, account_name, role_arn, external_id } = self;
        (account_id, AccountChanges { account_name, role_arn, external_id })
    }
}

/// A staging account to add to a target account.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewStagingAccount {
    /// The target account.
    #[schema(value_type = form::Key)]
    target_account_id: String,
    /// The staging account.
    #[schema(value_type = form::AccountId)]
    account_id: String,
    /// For people.
    account_name: Option<String>,
    /// A role of the staging account.
    #[schema(value_type = Option<form::RoleArn>)]
    role_arn: Option<String>,
    /// It is shown nowhere.
    #[schema(value_type = Option<form::ExternalId>)]
    external_id: Option<ExternalId>,
}

impl NewStagingAccount {
    pub(crate) fn target_and_account(self) -> (String, NewAccount) {
        let Self { target_account_id, account_id, account_name, role_arn, external_id } = self;
        (target_account_id, NewAccount { account_id, account_name, role_arn, external_id })
    }
}

/// A staging account of a target account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StagingAccount {
    /// The target account.
    #[schema(value_type = form::Key)]
    pub target_account_id: String,
    /// The staging account.
    #[schema(value_type = form::Key)]
    pub account_id: String,
}

/// Tells null from absent.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
