//! Which accounts of the organization were never added, kept in the ledger for every reader.

use aws::{ServiceError, service_error};
use store::rows::ledger::{
    NeverAdded, ORGANIZATION_ENTRY, OrganizationEntry, SYNC_ENTRIES, entry_key,
};
use store::tables::{AccountRegionStatusTable, WriteError};
use store::{Item, string};

use super::difference::{Discovered, DiscoveredAccount};

/// Accounts that the entry names. With names of 60 characters it stays far below DynamoDB's 400 KB.
const MOST_NAMED: usize = 1000;
const LONGEST_NAME: usize = 60;

/// Writes the entry, where no later discovery has.
pub(super) async fn record(
    ledger: &AccountRegionStatusTable,
    found: &Discovered,
) -> Result<(), WriteError> {
    let entry = OrganizationEntry {
        organization_id: found.organization_id.clone(),
        as_of: found.as_of.clone(),
        never_added: found.never_added().count() as u64,
        never_added_accounts: found.never_added().take(MOST_NAMED).map(named).collect(),
    };
    let failed = |source| WriteError::Service { table: ledger.name.clone(), source };
    let mut item: Item = serde_dynamo::to_item(&entry).map_err(|error| {
        failed(ServiceError::Unusable { code: "InvalidRow", message: error.to_string() })
    })?;
    item.extend(entry_key(SYNC_ENTRIES, ORGANIZATION_ENTRY));
    let put = ledger
        .client
        .put_item()
        .table_name(&ledger.name)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(#asOf) OR #asOf <= :asOf")
        .expression_attribute_names("#asOf", "asOf")
        .expression_attribute_values(":asOf", string(&entry.as_of));
    match put.send().await.map_err(|error| service_error(&error)) {
        // A later one knows better.
        Err(error) if error.code() == "ConditionalCheckFailedException" => Ok(()),
        result => result.map(drop).map_err(failed),
    }
}

fn named(account: &DiscoveredAccount) -> NeverAdded {
    NeverAdded {
        account_id: account.account_id.clone(),
        account_name: account.account_name.chars().take(LONGEST_NAME).collect(),
    }
}
