//! The organization that the accounts of a world belong to, and which regions an account has enabled.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Fault;

/// The id of an organization's root.
pub const ROOT: &str = "r-sim0";

/// An organization, as AWS Organizations tells of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Organization {
    /// As in `o-simulated0`.
    pub id: String,
    /// The account that may ask, and that pays.
    pub management_account_id: String,
    /// Other accounts that may ask.
    #[serde(default)]
    pub delegated_administrators: Vec<String>,
    /// Members a page; a smaller `MaxResults` wins. Default 20, as AWS has it.
    pub page_size: Option<usize>,
    /// Units below the root.
    #[serde(default)]
    pub organizational_units: Vec<OrganizationalUnit>,
    /// In this order.
    #[serde(default)]
    pub accounts: Vec<OrganizationAccount>,
    /// What calls get instead of an answer.
    pub fault: Option<Fault>,
}

/// A unit of an organization.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganizationalUnit {
    /// As in `ou-sim0-workloads`.
    pub id: String,
    /// For people.
    pub name: String,
    /// The unit above; the root where there is none.
    pub parent_id: Option<String>,
}

/// An account of an organization.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganizationAccount {
    /// Twelve digits.
    pub id: String,
    /// For people.
    pub name: String,
    /// As in `ACTIVE`. Without one the answer has no `State`, as of an endpoint that does not know it.
    pub state: Option<String>,
    /// The unit that it is in; the root where there is none.
    pub parent_id: Option<String>,
    /// By key.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// Which regions an account has enabled, as AWS Account Management tells.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountRegions {
    /// As in `us-east-1`.
    #[serde(default)]
    pub enabled: Vec<String>,
    /// What calls get instead of an answer.
    pub fault: Option<Fault>,
}
