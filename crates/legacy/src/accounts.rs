//! The accounts, from the first page of the table.

use std::collections::HashMap;

use aws::service_error;
use aws_sdk_dynamodb::types::AttributeValue;
use store::tables::TargetAccountsTable;

use super::LegacyError;

/// An account and how to enter it. One that is listed twice is there twice.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: String,
    /// Set and not empty.
    pub(super) role_arn: Option<String>,
    /// Set and not empty.
    pub(super) external_id: Option<String>,
}

pub(super) async fn collect_accounts(
    table: &TargetAccountsTable,
) -> Result<Vec<Account>, LegacyError> {
    let page = table.client.scan().table_name(&table.name).send().await.map_err(|error| {
        let error = service_error(&error);
        LegacyError(super::status::text("Scan", &error))
    })?;
    let mut accounts = Vec::new();
    for item in page.items() {
        accounts.push(Account::of(item));
        match item.get("stagingAccounts") {
            None => {}
            Some(AttributeValue::L(members)) => {
                for member in members {
                    let member = member
                        .as_m()
                        .map_err(|_| LegacyError("a staging account is no map".to_owned()))?;
                    accounts.push(Account::of(member));
                }
            }
            Some(AttributeValue::Null(_)) => {
                return Err(LegacyError("'NoneType' object is not iterable".to_owned()));
            }
            Some(_) => return Err(LegacyError("stagingAccounts is no list".to_owned())),
        }
    }
    Ok(accounts)
}

impl Account {
    fn of(item: &HashMap<String, AttributeValue>) -> Self {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        let set = |name: &str| text(name).filter(|text| !text.is_empty());
        Self {
            id: text("accountId").unwrap_or_default(),
            role_arn: set("roleArn"),
            external_id: set("externalId"),
        }
    }
}
