//! Which accounts of the organization were never added, kept in the ledger for every reader.

use aws::{ServiceError, service_error};
use store::rows::ledger::{
    NeverAdded, ORGANIZATION_ENTRY, OrganizationEntry, SYNC_ENTRIES, entry_key,
};
use store::tables::{AccountRegionStatusTable, WriteError};
use store::{Item, string};

use super::Discovery;
use super::difference::{Discovered, DiscoveredAccount};

/// Accounts that the entry names. With names of 60 characters it stays far below DynamoDB's 400 KB.
const MOST_NAMED: usize = 1000;
const LONGEST_NAME: usize = 60;

/// Writes the entry, where no later discovery has, and where it is the one that should be there. Whether
/// it stands, or a later one does.
pub(super) async fn record(
    ledger: &AccountRegionStatusTable,
    found: &Discovered,
    discovery: &Discovery,
) -> Result<bool, WriteError> {
    if discovery.only.is_some() {
        return Ok(false);
    }
    let entry = OrganizationEntry {
        organization_id: found.organization_id.clone(),
        selection: discovery.settings.selection.to_string(),
        as_of: found.as_of.clone(),
        never_added: found.never_added().count() as u64,
        never_added_accounts: found.never_added().take(MOST_NAMED).map(named).collect(),
    };
    let failed = |source| WriteError::Service { table: ledger.name.clone(), source };
    let mut item: Item = serde_dynamo::to_item(&entry).map_err(|error| {
        failed(ServiceError::Unusable { code: "InvalidRow", message: error.to_string() })
    })?;
    item.extend(entry_key(SYNC_ENTRIES, ORGANIZATION_ENTRY));
    let condition = match discovery.is_installation {
        true => "attribute_not_exists(#asOf) OR #asOf <= :asOf",
        false => {
            "attribute_not_exists(#asOf) OR (#asOf <= :asOf AND #organization = :organization AND #selection = :selection)"
        }
    };
    let mut put = ledger
        .client
        .put_item()
        .table_name(&ledger.name)
        .set_item(Some(item))
        .condition_expression(condition)
        .expression_attribute_names("#asOf", "asOf")
        .expression_attribute_values(":asOf", string(&entry.as_of));
    if !discovery.is_installation {
        put = put
            .expression_attribute_names("#organization", "organizationId")
            .expression_attribute_values(":organization", string(&entry.organization_id))
            .expression_attribute_names("#selection", "selection")
            .expression_attribute_values(":selection", string(&entry.selection));
    }
    match put.send().await.map_err(|error| service_error(&error)) {
        // A later one knows better, or the installation looks for something else.
        Err(error) if error.code() == "ConditionalCheckFailedException" => Ok(false),
        result => result.map(|_| true).map_err(failed),
    }
}

fn named(account: &DiscoveredAccount) -> NeverAdded {
    NeverAdded {
        account_id: account.account_id.clone(),
        account_name: account.account_name.chars().take(LONGEST_NAME).collect(),
    }
}
