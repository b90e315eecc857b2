//! A type and a getter for each table.

use model::environment::ConfigError;

use super::{Table, TableKind};
use crate::Store;

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
    /// One row per account and region: the ledger of what was seen when.
    AccountRegionStatusTable, get_account_region_status_table, AccountRegionStatus
);
table!(
    /// What happened to a server, to an account and region, or to an account.
    InventoryChangesTable, get_inventory_changes_table, InventoryChanges
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
    use aws_sdk_dynamodb::Client;
    use aws_sdk_dynamodb::config::{BehaviorVersion, Config};
    use model::environment::Environment;

    use crate::Indexes;
    use crate::tables::TableNames;

    type Getter = fn(&Store) -> Result<Table, ConfigError>;

    const GETTERS: [(Getter, TableKind); TableKind::ALL.len()] = [
        (|store| Ok(get_target_accounts_table(store)?.0), TableKind::TargetAccounts),
        (|store| Ok(get_source_server_inventory_table(store)?.0), TableKind::SourceServerInventory),
        (|store| Ok(get_drs_region_status_table(store)?.0), TableKind::DrsRegionStatus),
        (|store| Ok(get_account_region_status_table(store)?.0), TableKind::AccountRegionStatus),
        (|store| Ok(get_inventory_changes_table(store)?.0), TableKind::InventoryChanges),
        (|store| Ok(get_protection_groups_table(store)?.0), TableKind::ProtectionGroups),
        (|store| Ok(get_recovery_plans_table(store)?.0), TableKind::RecoveryPlans),
    ];

    fn store(names: TableNames) -> Store {
        let config = Config::builder().behavior_version(BehaviorVersion::v2026_01_12());
        Store { client: Client::from_conf(config.build()), names, indexes: Indexes::MayLag }
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
