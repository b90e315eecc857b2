//! Step 1: the accounts to ask, from the target-accounts table.

use std::collections::HashMap;

use aws::ServiceError;
use aws_sdk_dynamodb::types::AttributeValue;
use model::{AccountToQuery, ExternalId, Listing, StagingAccount, TargetAccount, is_account_id};
use store::tables::{TargetAccountsTable, scan_every_item};

type Item = HashMap<String, AttributeValue>;

/// The table could not be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot read the accounts from the table {table}: {source}")]
pub struct CollectAccountsError {
    /// The table's name.
    pub table: String,
    /// DynamoDB's answer.
    pub source: ServiceError,
}

/// Reads every page of the table: (target accounts, staging accounts), in the order of the scan.
///
/// A row that is wrong is still there, with the problem in its [`Listing`], so that it can be
/// reported; a null member of `stagingAccounts`, or a null list, is absent.
///
/// # Errors
/// [`CollectAccountsError`] with the table's name; half a list is never returned.
pub async fn collect_accounts_to_query(
    table: &TargetAccountsTable,
) -> Result<(Vec<TargetAccount>, Vec<StagingAccount>), CollectAccountsError> {
    let scan = table.client.scan().table_name(&table.name);
    let failed = |source| CollectAccountsError { table: table.name.clone(), source };
    let items: Vec<Item> = scan_every_item(scan).await.map_err(failed)?;
    let mut targets = Vec::new();
    let mut stagings = Vec::new();
    for item in &items {
        let (target, members) = parse_row(item);
        targets.push(target);
        stagings.extend(members);
    }
    Ok((targets, stagings))
}

/// Each account once, with all its listings: targets in the order of the table, each followed by
/// its staging accounts.
pub fn merge_listings(
    targets: &[TargetAccount],
    stagings: &[StagingAccount],
) -> Vec<AccountToQuery> {
    let mut members: HashMap<&str, Vec<&StagingAccount>> = HashMap::new();
    for staging in stagings {
        members.entry(&staging.target_account_id).or_default().push(staging);
    }
    let mut accounts: Vec<AccountToQuery> = Vec::new();
    let mut positions: HashMap<String, usize> = HashMap::new();
    let mut add = |account_id: &str, listing: &Listing| {
        let position = *positions.entry(account_id.to_owned()).or_insert(accounts.len());
        if position == accounts.len() {
            let account_id = account_id.to_owned();
            accounts.push(AccountToQuery { account_id, listings: Vec::new() });
        }
        accounts[position].listings.push(listing.clone());
    };
    for target in targets {
        add(&target.account_id, &target.listing);
        for member in members.remove(target.account_id.as_str()).unwrap_or_default() {
            add(&member.account_id, &member.listing);
        }
    }
    accounts
}

fn parse_row(item: &Item) -> (TargetAccount, Vec<StagingAccount>) {
    let (account_id, account_name, mut listing) = parse_account(item);
    let mut members = Vec::new();
    match item.get("stagingAccounts") {
        None | Some(AttributeValue::Null(_)) => {}
        Some(AttributeValue::L(list)) => {
            for member in list.iter().filter(|member| !member.is_null()) {
                members.push(parse_member(member, &account_id));
            }
        }
        Some(_) => {
            let problem = "stagingAccounts is not a list";
            listing.problem.get_or_insert_with(|| problem.to_owned());
        }
    }
    (TargetAccount { account_id, account_name, listing }, members)
}

fn parse_member(member: &AttributeValue, target_account_id: &str) -> StagingAccount {
    let target_account_id = target_account_id.to_owned();
    let Ok(item) = member.as_m() else {
        let problem = Some("a member of stagingAccounts is not a map".to_owned());
        let listing = Listing { problem, ..Listing::default() };
        let account_id = format!("(staging account of {target_account_id})");
        return StagingAccount { account_id, account_name: None, listing, target_account_id };
    };
    let (account_id, account_name, listing) = parse_account(item);
    StagingAccount { account_id, account_name, listing, target_account_id }
}

fn parse_account(item: &Item) -> (String, Option<String>, Listing) {
    let mut problem = None;
    let mut text = |name: &str| match item.get(name) {
        None | Some(AttributeValue::Null(_)) => None,
        Some(AttributeValue::S(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
        Some(_) => {
            problem.get_or_insert_with(|| format!("{name} is not a string"));
            None
        }
    };
    let account_id = text("accountId").unwrap_or_default();
    let account_name = text("accountName");
    let role_arn = text("roleArn");
    let external_id = text("externalId").map(ExternalId::new);
    if !is_account_id(&account_id) {
        problem.get_or_insert_with(|| "accountId is not 12 digits".to_owned());
    }
    (account_id, account_name, Listing { role_arn, external_id, problem })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(value: &str) -> AttributeValue {
        AttributeValue::S(value.to_owned())
    }

    fn item(attributes: &[(&str, AttributeValue)]) -> Item {
        attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn null_and_empty_read_as_absent() {
        let (target, members) = parse_row(&item(&[
            ("accountId", text("222222222222")),
            ("roleArn", AttributeValue::Null(true)),
            ("externalId", text("")),
            ("stagingAccounts", AttributeValue::Null(true)),
        ]));
        assert_eq!(target.listing, Listing::default());
        assert!(members.is_empty());
    }

    #[test]
    fn what_is_wrong_with_a_row_is_said() {
        let (target, _) = parse_row(&item(&[
            ("accountId", text("222222222222")),
            ("roleArn", AttributeValue::N("1".to_owned())),
        ]));
        assert_eq!(target.listing.problem.as_deref(), Some("roleArn is not a string"));
        let (target, _) = parse_row(&item(&[("accountId", text("22"))]));
        assert_eq!(target.listing.problem.as_deref(), Some("accountId is not 12 digits"));
    }

    #[test]
    fn an_account_listed_twice_is_one_with_two_listings() {
        let listing =
            |role: &str| Listing { role_arn: Some(role.to_owned()), ..Listing::default() };
        let target = |id: &str, role: &str| TargetAccount {
            account_id: id.to_owned(),
            account_name: None,
            listing: listing(role),
        };
        let staging = StagingAccount {
            account_id: "333".to_owned(),
            account_name: None,
            listing: listing("second"),
            target_account_id: "222".to_owned(),
        };
        let merged = merge_listings(&[target("333", "first"), target("222", "x")], &[staging]);
        let ids: Vec<_> = merged.iter().map(|account| account.account_id.as_str()).collect();
        assert_eq!(ids, ["333", "222"]);
        assert_eq!(merged[0].listings, [listing("first"), listing("second")]);
    }

    fn any_value() -> impl Strategy<Value = AttributeValue> {
        let leaf = prop_oneof![
            ".*".prop_map(AttributeValue::S),
            "[0-9]{12}".prop_map(AttributeValue::S),
            any::<i64>().prop_map(|n| AttributeValue::N(n.to_string())),
            Just(AttributeValue::Null(true)),
            any::<bool>().prop_map(AttributeValue::Bool),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let name = prop_oneof!["accountId", "roleArn", "externalId", "other"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(AttributeValue::L),
                prop::collection::hash_map(name, inner, 0..4).prop_map(AttributeValue::M),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_row_gives_one_target_and_its_members(
            staging in any_value(), role in any_value(), id in any_value(),
        ) {
            let row = item(&[("accountId", id), ("roleArn", role), ("stagingAccounts", staging.clone())]);
            let (target, members) = parse_row(&row);
            let expected = match &staging {
                AttributeValue::L(list) => list.iter().filter(|member| !member.is_null()).count(),
                _ => 0,
            };
            prop_assert_eq!(members.len(), expected);
            prop_assert!(members.iter().all(|member| member.target_account_id == target.account_id));
        }
    }
}
