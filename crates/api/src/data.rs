//! Changes to accounts, groups and plans, and what is let go.

mod accounts;
mod discovery;
mod exclusions;
mod groups;
mod plans;
mod removals;

use aws::Aws;
use inventory::picture::Freshness;
use jiff::Timestamp;
use model::environment::{ConfigError, Environment};
use store::tables::{
    self, AccountRegionStatusTable, ProtectionGroupsTable, RecoveryPlansTable,
    SourceServerInventoryTable, TableNames, TargetAccountsTable,
};
use store::{Indexes, Store};

/// What the changes of a process share. Made once, kept warm between calls.
pub struct Data {
    aws: Aws,
    store: Store,
    environment: Environment,
}

impl Data {
    /// With the tables that the environment names.
    pub fn new(aws: Aws, client: aws_sdk_dynamodb::Client, environment: &Environment) -> Self {
        let names = TableNames::from_environment(environment);
        Self::of_store(aws, Store { client, names, indexes: Indexes::MayLag }, environment.clone())
    }

    /// Of a store whose tables are named already.
    pub fn of_store(aws: Aws, store: Store, environment: Environment) -> Self {
        Self { aws, store, environment }
    }

    fn accounts_table(&self) -> Result<TargetAccountsTable, ConfigError> {
        tables::get_target_accounts_table(&self.store)
    }

    fn inventory_table(&self) -> Result<SourceServerInventoryTable, ConfigError> {
        tables::get_source_server_inventory_table(&self.store)
    }

    fn ledger(&self) -> Result<AccountRegionStatusTable, ConfigError> {
        tables::get_account_region_status_table(&self.store)
    }

    fn freshness(&self) -> Result<Freshness, ConfigError> {
        Freshness::from_environment(&self.environment)
    }

    fn groups_table(&self) -> Result<ProtectionGroupsTable, ConfigError> {
        tables::get_protection_groups_table(&self.store)
    }

    fn plans_table(&self) -> Result<RecoveryPlansTable, ConfigError> {
        tables::get_recovery_plans_table(&self.store)
    }
}

fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}
