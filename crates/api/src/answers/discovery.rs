//! What the organization has beside the accounts table.

use inventory::discovery::{Discovered, DiscoveredAccount};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Answer, object};

/// What the organization has that the table has not, and the other way round. Each list by account id.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiscoveredAccounts {
    /// As in `o-a1b2c3d4e5`.
    pub(crate) organization_id: String,
    /// No service-managed stack set reaches this account.
    pub(crate) management_account_id: String,
    /// When the organization was asked, ISO 8601.
    pub(crate) as_of: String,
    /// Active, wanted, and in no row, or in none until now.
    #[schema(value_type = Vec<AccountOfOrganization>)]
    pub(crate) new: Vec<DiscoveredAccount>,
    /// In a row, and no longer active in the organization.
    #[schema(value_type = Vec<AccountOfOrganization>)]
    pub(crate) suspended: Vec<DiscoveredAccount>,
    /// In a row, and not in the organization.
    #[schema(value_type = Vec<AccountOfOrganization>)]
    pub(crate) gone: Vec<DiscoveredAccount>,
    /// In a row, and active.
    #[schema(value_type = Vec<AccountOfOrganization>)]
    pub(crate) known: Vec<DiscoveredAccount>,
    /// Accounts in no row that the selection leaves out.
    pub(crate) not_selected: usize,
    /// Wanted accounts in no row that are not active.
    pub(crate) not_active: usize,
    /// Whether readers are told of the accounts that were never added.
    pub(crate) recorded: bool,
}

impl DiscoveredAccounts {
    pub(crate) fn of(found: Discovered) -> Self {
        let Discovered {
            organization_id,
            management_account_id,
            as_of,
            new,
            suspended,
            gone,
            known,
            not_selected,
            not_active,
            recorded,
        } = found;
        Self {
            organization_id,
            management_account_id,
            as_of,
            new,
            suspended,
            gone,
            known,
            not_selected,
            not_active,
            recorded,
        }
    }
}

impl DiscoveredAccounts {
    /// Accounts that should be in the table and are not, those that could not be added among them.
    pub fn never_added(&self) -> usize {
        self.new.iter().filter(|account| account.added != Some(true)).count()
    }
}

impl From<DiscoveredAccounts> for Answer {
    fn from(found: DiscoveredAccounts) -> Self {
        Self::Object(object(&found))
    }
}

/// One account.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AccountOfOrganization {
    /// Twelve digits.
    pub account_id: String,
    /// As the organization has it; of one that is gone, as the table has it. May be empty.
    pub account_name: String,
    /// As in `SUSPENDED`; absent of one that is gone.
    pub state: Option<String>,
    /// Whether it was added; absent where that was not asked for.
    pub added: Option<bool>,
    /// Why it could not be added.
    pub error: Option<String>,
}
