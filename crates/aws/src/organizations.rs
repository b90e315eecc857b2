//! The accounts of an organization, and what is needed to choose among them.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::Account;

use super::page_tokens::PageTokens;
use super::service_error::{ServiceError, service_error};

/// An organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organization {
    /// As in `o-a1b2c3d4e5`.
    pub id: String,
    /// Twelve digits. No service-managed stack set reaches this account.
    pub management_account_id: String,
}

/// An account of an organization. Absent texts are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationAccount {
    /// Twelve digits.
    pub id: String,
    /// As its owner wrote it.
    pub name: String,
    /// As in `ACTIVE`, of the member `State`; the retired member `Status` is not looked at.
    pub state: String,
}

impl OrganizationAccount {
    /// Whether it can be entered: neither suspended, nor closed, nor on its way there or into being.
    pub fn is_active(&self) -> bool {
        self.state == "ACTIVE"
    }
}

/// The organization that the caller's account belongs to.
///
/// # Errors
/// The call failed, or the account belongs to none.
pub async fn describe_organization(client: &Client) -> Result<Organization, ServiceError> {
    let answer = client.describe_organization().send().await;
    let answer = answer.map_err(|error| service_error(&error))?;
    let organization = answer.organization.ok_or(ServiceError::Unusable {
        code: "InvalidResponse",
        message: "the answer to DescribeOrganization names no organization".to_owned(),
    })?;
    Ok(Organization {
        id: organization.id.unwrap_or_default(),
        management_account_id: organization.master_account_id.unwrap_or_default(),
    })
}

/// Every account of the organization, every page.
///
/// # Errors
/// The call of a page failed; half a list is never returned.
pub async fn list_accounts(client: &Client) -> Result<Vec<OrganizationAccount>, ServiceError> {
    every_page(|token| {
        let call = client.list_accounts().set_next_token(token);
        async {
            let page = call.send().await.map_err(|error| service_error(&error))?;
            Ok((page.accounts().iter().map(account).collect(), page.next_token))
        }
    })
    .await
}

/// The ids of the accounts directly in a root or an organizational unit, every page.
///
/// # Errors
/// As [`list_accounts`].
pub async fn list_account_ids_of(
    client: &Client,
    parent: &str,
) -> Result<Vec<String>, ServiceError> {
    every_page(|token| {
        let call = client.list_accounts_for_parent().parent_id(parent).set_next_token(token);
        async {
            let page = call.send().await.map_err(|error| service_error(&error))?;
            let ids = page.accounts().iter().filter_map(|account| account.id.clone()).collect();
            Ok((ids, page.next_token))
        }
    })
    .await
}

/// The ids of the organizational units directly below a root or a unit, every page.
///
/// # Errors
/// As [`list_accounts`].
pub async fn list_units_of(client: &Client, parent: &str) -> Result<Vec<String>, ServiceError> {
    every_page(|token| {
        let call = client.list_organizational_units_for_parent().parent_id(parent);
        let call = call.set_next_token(token);
        async {
            let page = call.send().await.map_err(|error| service_error(&error))?;
            let units = page.organizational_units().iter();
            Ok((units.filter_map(|unit| unit.id.clone()).collect(), page.next_token))
        }
    })
    .await
}

/// Key and value of each tag of an account, every page.
///
/// # Errors
/// As [`list_accounts`].
pub async fn list_tags_of(
    client: &Client,
    account_id: &str,
) -> Result<Vec<(String, String)>, ServiceError> {
    every_page(|token| {
        let call = client.list_tags_for_resource().resource_id(account_id).set_next_token(token);
        async {
            let page = call.send().await.map_err(|error| service_error(&error))?;
            let tags = page.tags().iter();
            Ok((tags.map(|tag| (tag.key.clone(), tag.value.clone())).collect(), page.next_token))
        }
    })
    .await
}

fn account(account: &Account) -> OrganizationAccount {
    OrganizationAccount {
        id: account.id().unwrap_or_default().to_owned(),
        name: account.name().unwrap_or_default().to_owned(),
        state: account.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
    }
}

async fn every_page<T, P>(page: impl Fn(Option<String>) -> P) -> Result<Vec<T>, ServiceError>
where
    P: Future<Output = Result<(Vec<T>, Option<String>), ServiceError>>,
{
    let (mut tokens, mut token) = (PageTokens::of_listing(), None);
    let mut members = Vec::new();
    loop {
        let (found, next) = page(token.take()).await?;
        members.extend(found);
        token = tokens.next(next)?;
        if token.is_none() {
            return Ok(members);
        }
    }
}
