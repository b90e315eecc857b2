//! A row of the target-accounts table.

use aws_sdk_dynamodb::types::AttributeValue;
use model::ExternalId;
use serde::{Deserialize, Serialize, Serializer};
use serde_dynamo::Error;

use super::lenient::{Lenient, read};
use crate::item::Item;

/// An account as the target-accounts table has it: a row, or a member of its `stagingAccounts`.
///
/// It serialises with its external id: into the table, and nowhere else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountRow {
    /// Twelve digits; the key of a row.
    pub account_id: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    /// A role of that very account. The hub itself needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// What the role's trust policy asks for.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "expose")]
    pub external_id: Option<ExternalId>,
}

fn expose<S: Serializer>(id: &Option<ExternalId>, serializer: S) -> Result<S::Ok, S::Error> {
    id.as_ref().map(ExternalId::expose).serialize(serializer)
}

/// The members of `stagingAccounts`, each as it stands in the row: what is no account stays.
#[derive(Debug, Clone, PartialEq)]
pub struct StagingAccounts(Vec<AttributeValue>);

impl StagingAccounts {
    /// The attribute's name.
    pub const ATTRIBUTE: &str = "stagingAccounts";

    /// Of a target's row; empty where it has none. `None` where they are no list.
    pub fn of(target: &Item) -> Option<Self> {
        match target.get(Self::ATTRIBUTE) {
            Some(AttributeValue::L(members)) => Some(Self(members.clone())),
            Some(AttributeValue::Null(_)) | None => Some(Self(Vec::new())),
            Some(_) => None,
        }
    }

    /// Whether one of them is this account.
    pub fn has(&self, account_id: &str) -> bool {
        self.0.iter().any(|member| is_account(member, account_id))
    }

    /// Adds one at the end.
    ///
    /// # Errors
    /// Never for an account; serde asks for it.
    pub fn add(&mut self, account: &AccountRow) -> Result<(), Error> {
        self.0.push(AttributeValue::M(serde_dynamo::to_item(account)?));
        Ok(())
    }

    /// Removes an account, and leaves everything else.
    pub fn remove(&mut self, account_id: &str) {
        self.0.retain(|member| !is_account(member, account_id));
    }

    /// As they are written.
    pub fn into_value(self) -> AttributeValue {
        AttributeValue::L(self.0)
    }
}

fn is_account(member: &AttributeValue, account_id: &str) -> bool {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Member {
        account_id: Lenient<String>,
    }
    let member = member.as_m().map(read::<Member>).unwrap_or_default();
    member.account_id.0.is_some_and(|id| id == account_id)
}
