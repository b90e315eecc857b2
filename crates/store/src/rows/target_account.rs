//! A row of the target-accounts table.

use aws_sdk_dynamodb::types::AttributeValue;
use model::ExternalId;
use serde::Deserialize;

use super::lenient::{Lenient, read};
use crate::item::Item;

/// An account as the target-accounts table has it: a row, or a member of its `stagingAccounts`.
///
/// It is read by serde and written by [`AccountRow::to_item`] alone: what serialises could take the
/// external id into an answer or a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountRow {
    /// Twelve digits; the key of a row.
    pub account_id: String,
    /// For people.
    pub account_name: Option<String>,
    /// A role of that very account. The hub itself needs none.
    pub role_arn: Option<String>,
    /// What the role's trust policy asks for.
    pub external_id: Option<ExternalId>,
}

impl AccountRow {
    /// The account with its external id, as it is stored.
    pub fn to_item(&self) -> Item {
        let attributes = [
            ("accountId", Some(self.account_id.as_str())),
            ("accountName", self.account_name.as_deref()),
            ("roleArn", self.role_arn.as_deref()),
            ("externalId", self.external_id.as_ref().map(ExternalId::expose)),
        ];
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let there = attributes.into_iter();
        there.filter_map(|(name, value)| Some((name.to_owned(), text(value?)))).collect()
    }
}

/// The members of `stagingAccounts`, each as it stands in the row: what is no account stays.
#[derive(Debug, Clone, Default, PartialEq)]
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
    pub fn add(&mut self, account: &AccountRow) {
        self.0.push(AttributeValue::M(account.to_item()));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_of_an_account_reads_the_same(
            account_id in ".*", account_name in prop::option::of(".*"),
            role_arn in prop::option::of(".*"), external_id in prop::option::of(".*"),
        ) {
            let external_id = external_id.map(ExternalId::new);
            let account = AccountRow { account_id, account_name, role_arn, external_id };
            prop_assert_eq!(serde_dynamo::from_item::<_, AccountRow>(account.to_item()).unwrap(), account);
        }
    }

    fn item(row: Value) -> Item {
        serde_dynamo::to_item(row).unwrap()
    }

    #[test]
    fn members_that_are_no_account_stay_where_they_are() {
        let members =
            json!([null, "2", { "accountId": 2 }, { "accountId": "2", "owner": "a" }, {}]);
        let row = item(json!({ "stagingAccounts": members }));
        let mut members = StagingAccounts::of(&row).unwrap();
        assert!(members.has("2") && !members.has("3"));
        members.remove("2");
        let account = AccountRow { account_id: "3".to_owned(), ..AccountRow::default() };
        members.add(&account);
        let left: Value = serde_dynamo::from_attribute_value(members.into_value()).unwrap();
        assert_eq!(left, json!([null, "2", { "accountId": 2 }, {}, { "accountId": "3" }]));
        for (row, is_list) in [
            (json!({}), true),
            (json!({ "stagingAccounts": null }), true),
            (json!({ "stagingAccounts": "[]" }), false),
        ] {
            assert_eq!(StagingAccounts::of(&item(row)).is_some(), is_list);
        }
        assert_eq!(
            StagingAccounts::of(&Item::new()).unwrap().into_value(),
            AttributeValue::L(vec![])
        );
    }
}
