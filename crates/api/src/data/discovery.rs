//! Accounts that the organization has.

use inventory::discovery::{Discovery, DiscoverySettings, discover_accounts};

use super::Data;
use crate::answers::DiscoveredAccounts;
use crate::failure::Failure;
use crate::parameters::DiscoverAccounts;

impl Data {
    /// Compares the accounts of the organization with the table, and adds the new ones where that is
    /// asked.
    ///
    /// # Errors
    /// [`Failure`] where the organization or the table cannot be read.
    pub async fn discover_accounts(
        &self,
        asked: DiscoverAccounts,
    ) -> Result<DiscoveredAccounts, Failure> {
        let discovery = Discovery {
            settings: DiscoverySettings::from_environment(&self.environment)?,
            only: None,
            is_installation: true,
            applies: asked.apply,
            member_role: sync::settings::member_role(&self.environment)?,
        };
        let found = Box::pin(discover_accounts(&self.aws, &self.store, &discovery)).await?;
        Ok(DiscoveredAccounts::of(found))
    }
}
