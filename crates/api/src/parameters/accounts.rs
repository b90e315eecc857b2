//! Accounts as they are asked for together with another id. They are flat, so that an error names
//! every parameter that there is.

use inventory::accounts::{AccountChanges, NewAccount};
use model::ExternalId;
use serde::{Deserialize, Deserializer};

/// What to change of a target account: what is left out stays, null takes it away.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateAccount {
    account_id: String,
    #[serde(default, deserialize_with = "given")]
    account_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    role_arn: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    external_id: Option<Option<ExternalId>>,
}

impl UpdateAccount {
    pub(crate) fn id_and_changes(self) -> (String, AccountChanges) {
        let Self { account_id, account_name, role_arn, external_id } = self;
        (account_id, AccountChanges { account_name, role_arn, external_id })
    }
}

/// A staging account to add to a target account.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewStagingAccount {
    target_account_id: String,
    account_id: String,
    account_name: Option<String>,
    role_arn: Option<String>,
    external_id: Option<ExternalId>,
}

impl NewStagingAccount {
    pub(crate) fn target_and_account(self) -> (String, NewAccount) {
        let Self { target_account_id, account_id, account_name, role_arn, external_id } = self;
        (target_account_id, NewAccount { account_id, account_name, role_arn, external_id })
    }
}

/// A staging account of a target account.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StagingAccount {
    /// The target account.
    pub target_account_id: String,
    /// The staging account.
    pub account_id: String,
}

/// Tells null from absent.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
