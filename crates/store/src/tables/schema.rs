//! Keys and indexes of each table, and where its name comes from.

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
