//! The five DynamoDB tables: the only place that knows their names, keys and indexes.

mod create;
mod every_item;

use aws_sdk_dynamodb::Client;
use model::environment::{ConfigError, Environment};

use crate::Store;

pub use create::{CreateTableError, Created, create_tables};
pub use every_item::{query_every_item, scan_every_item};

/// A table and the client that reaches it.
#[derive(Debug, Clone)]
pub struct Table {
    /// DynamoDB.
    pub client: Client,
    /// The table's name.
    pub name: String,
}

/// One of the five tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// The accounts to ask, and how to enter them.
    TargetAccounts,
    /// One row per server.
    SourceServerInventory,
    /// One row per region.
    DrsRegionStatus,
    /// Groups of servers that fail over together.
    ProtectionGroups,
    /// Groups in the order of their recovery.
    RecoveryPlans,
}

/// What a table looks like.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The environment variable that holds its name.
    pub variable: &'static str,
    /// Its name in the embedded store where the variable is not set.
    pub default_name: &'static str,
    /// Partition key, a string.
    pub partition_key: &'static str,
    /// Sort key, a string.
    pub sort_key: Option<&'static str>,
    /// Indexes: name, partition key, sort key. All project everything.
    pub indexes: &'static [(&'static str, &'static str, &'static str)],
}

/// Index of the inventory by origin account.
pub const SOURCE_ACCOUNT_INDEX: &str = "SourceAccountIndex";
/// Index of the inventory by staging account.
pub const STAGING_ACCOUNT_INDEX: &str = "StagingAccountIndex";
/// Index of the inventory by the region that DRS was asked in.
pub const REPLICATION_REGION_INDEX: &str = "ReplicationRegionIndex";

impl TableKind {
    /// All five.
    pub const ALL: [Self; 5] = [
        Self::TargetAccounts,
        Self::SourceServerInventory,
        Self::DrsRegionStatus,
        Self::ProtectionGroups,
        Self::RecoveryPlans,
    ];

    /// Name, keys and indexes.
    pub const fn schema(self) -> Schema {
        match self {
            Self::TargetAccounts => simple("TARGET_ACCOUNTS_TABLE", "target-accounts", "accountId"),
            Self::SourceServerInventory => Schema {
                variable: "SOURCE_SERVER_INVENTORY_TABLE",
                default_name: "source-server-inventory",
                partition_key: "sourceServerArn",
                sort_key: Some("stagingAccountId"),
                indexes: &[
                    (SOURCE_ACCOUNT_INDEX, "sourceAccountId", "sourceServerArn"),
                    (STAGING_ACCOUNT_INDEX, "stagingAccountId", "sourceServerArn"),
                    (REPLICATION_REGION_INDEX, "replicationRegion", "sourceServerArn"),
                ],
            },
            Self::DrsRegionStatus => {
                simple("DRS_REGION_STATUS_TABLE", "drs-region-status", "region")
            }
            Self::ProtectionGroups => {
                simple("PROTECTION_GROUPS_TABLE", "protection-groups", "groupId")
            }
            Self::RecoveryPlans => simple("RECOVERY_PLANS_TABLE", "recovery-plans", "planId"),
        }
    }
}

const fn simple(
    variable: &'static str,
    default_name: &'static str,
    partition_key: &'static str,
) -> Schema {
    Schema { variable, default_name, partition_key, sort_key: None, indexes: &[] }
}

/// What each table is called, as far as the environment says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableNames([Option<String>; 5]);

impl TableNames {
    /// Names from the variables alone, as on Lambda.
    pub fn from_environment(environment: &Environment) -> Self {
        Self(TableKind::ALL.map(|kind| environment.get(kind.schema().variable)))
    }

    /// Names from the variables; for one that is not set, the name in the embedded store.
    pub fn with_defaults(environment: &Environment) -> Self {
        Self(TableKind::ALL.map(|kind| {
            let schema = kind.schema();
            environment.get(schema.variable).or_else(|| Some(schema.default_name.to_owned()))
        }))
    }

    /// The same names, the default one for each that is not set or is empty.
    pub fn or_defaults(&self) -> Self {
        Self(TableKind::ALL.map(|kind| {
            let name = self.get(kind).unwrap_or(kind.schema().default_name);
            Some(name.to_owned())
        }))
    }

    /// The name of one table.
    ///
    /// # Errors
    /// Its variable is not set, or is empty.
    pub fn get(&self, kind: TableKind) -> Result<&str, ConfigError> {
        let name = self.0[kind as usize].as_deref().unwrap_or_default();
        if name.is_empty() {
            return Err(ConfigError::Missing { variable: kind.schema().variable });
        }
        Ok(name)
    }
}

/// A table of its own type, so that no two can be swapped, and the getter that makes it.
macro_rules! table {
    ($(#[$doc:meta])* $table:ident, $getter:ident, $kind:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $table(Table);

        impl std::ops::Deref for $table {
            type Target = Table;

            fn deref(&self) -> &Table {
                &self.0
            }
        }

        $(#[$doc])*
        ///
        /// # Errors
        /// The variable that names the table is not set.
        pub fn $getter(store: &Store) -> Result<$table, ConfigError> {
            let name = store.names.get(TableKind::$kind)?.to_owned();
            Ok($table(Table { client: store.client.clone(), name }))
        }
    };
}

table!(
    /// The accounts to ask, and how to enter them.
    TargetAccountsTable, get_target_accounts_table, TargetAccounts
);
table!(
    /// One row per server.
    SourceServerInventoryTable, get_source_server_inventory_table, SourceServerInventory
);
table!(
    /// One row per region.
    DrsRegionStatusTable, get_drs_region_status_table, DrsRegionStatus
);
table!(
    /// Groups of servers that fail over together.
    ProtectionGroupsTable, get_protection_groups_table, ProtectionGroups
);
table!(
    /// Groups in the order of their recovery.
    RecoveryPlansTable, get_recovery_plans_table, RecoveryPlans
);

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::config::{BehaviorVersion, Config};

    type Getter = fn(&Store) -> Result<Table, ConfigError>;

    const GETTERS: [(Getter, TableKind); 5] = [
        (|store| Ok(get_target_accounts_table(store)?.0), TableKind::TargetAccounts),
        (|store| Ok(get_source_server_inventory_table(store)?.0), TableKind::SourceServerInventory),
        (|store| Ok(get_drs_region_status_table(store)?.0), TableKind::DrsRegionStatus),
        (|store| Ok(get_protection_groups_table(store)?.0), TableKind::ProtectionGroups),
        (|store| Ok(get_recovery_plans_table(store)?.0), TableKind::RecoveryPlans),
    ];

    fn store(names: TableNames) -> Store {
        let config = Config::builder().behavior_version(BehaviorVersion::v2026_01_12());
        Store { client: Client::from_conf(config.build()), names }
    }

    #[test]
    fn each_getter_reads_its_own_variable() {
        for (getter, kind) in GETTERS {
            let environment = Environment::of([(kind.schema().variable, "named-here")]);
            let names = TableNames::from_environment(&environment);
            assert_eq!(getter(&store(names)).unwrap().name, "named-here");
        }
    }

    #[test]
    fn a_variable_that_is_not_set_or_empty_is_named() {
        for (getter, kind) in GETTERS {
            let variable = kind.schema().variable;
            for environment in [Environment::of([]), Environment::of([(variable, "")])] {
                let names = TableNames::from_environment(&environment);
                let error = getter(&store(names)).unwrap_err();
                assert_eq!(error, ConfigError::Missing { variable });
            }
        }
    }

    #[test]
    fn the_embedded_store_has_default_names() {
        let names = TableNames::with_defaults(&Environment::of([]));
        for (getter, kind) in GETTERS {
            let table = getter(&store(names.clone())).unwrap();
            assert_eq!(table.name, kind.schema().default_name);
        }
    }
}
