//! Keys and indexes of each table, and where its name comes from.

/// One of the seven tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// The accounts to ask, and how to enter them.
    TargetAccounts,
    /// One row per server.
    SourceServerInventory,
    /// One row per region.
    DrsRegionStatus,
    /// One row per account and region: the ledger of what was seen when.
    AccountRegionStatus,
    /// What happened to a server, to an account and region, or to an account.
    InventoryChanges,
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
    /// Global secondary indexes.
    pub indexes: &'static [Index],
}

/// A global secondary index; its keys are strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// Partition key. A row without it is not in the index.
    pub partition_key: &'static str,
    /// Sort key. A row without it is not in the index.
    pub sort_key: &'static str,
    /// What of a row is in the index.
    pub projection: Projection,
}

/// What of a row an index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Projection {
    /// Everything.
    All,
    /// These attributes, and the keys of the table and of the index. DynamoDB writes the index only
    /// where one of them changed.
    Include(&'static [&'static str]),
}

/// Index of the inventory by origin account.
pub const SOURCE_ACCOUNT_INDEX: &str = "SourceAccountIndex";
/// Index of the inventory by staging account.
pub const STAGING_ACCOUNT_INDEX: &str = "StagingAccountIndex";
/// Index of the inventory by the region that DRS was asked in.
pub const REPLICATION_REGION_INDEX: &str = "ReplicationRegionIndex";
/// Index of the inventory by the account and region that listed a server: what a look compares with.
pub const LISTING_INDEX: &str = "ListingIndex";
/// Index of the inventory by verdict; rows of servers that are ready are not in it.
pub const ATTENTION_INDEX: &str = "AttentionIndex";
/// Index of the ledger by region: what the roll-up reads.
pub const REGION_INDEX: &str = "RegionIndex";
/// Index of the ledger by what is wrong; rows without trouble are not in it.
pub const TROUBLE_INDEX: &str = "TroubleIndex";
/// Index of the changes by the day they happened on.
pub const DAY_INDEX: &str = "DayIndex";

impl TableKind {
    /// All seven.
    pub const ALL: [Self; 7] = [
        Self::TargetAccounts,
        Self::SourceServerInventory,
        Self::DrsRegionStatus,
        Self::AccountRegionStatus,
        Self::InventoryChanges,
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
                indexes: INVENTORY_INDEXES,
            },
            Self::DrsRegionStatus => {
                simple("DRS_REGION_STATUS_TABLE", "drs-region-status", "region")
            }
            Self::AccountRegionStatus => Schema {
                variable: "ACCOUNT_REGION_STATUS_TABLE",
                default_name: "account-region-status",
                partition_key: "accountId",
                sort_key: Some("region"),
                indexes: LEDGER_INDEXES,
            },
            Self::InventoryChanges => Schema {
                variable: "INVENTORY_CHANGES_TABLE",
                default_name: "inventory-changes",
                partition_key: "subject",
                sort_key: Some("at"),
                indexes: CHANGES_INDEXES,
            },
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

const fn whole(name: &'static str, partition_key: &'static str, sort_key: &'static str) -> Index {
    Index { name, partition_key, sort_key, projection: Projection::All }
}

const INVENTORY_INDEXES: &[Index] = &[
    whole(SOURCE_ACCOUNT_INDEX, "sourceAccountId", "sourceServerArn"),
    whole(STAGING_ACCOUNT_INDEX, "stagingAccountId", "sourceServerArn"),
    whole(REPLICATION_REGION_INDEX, "replicationRegion", "sourceServerArn"),
    Index {
        name: LISTING_INDEX,
        partition_key: "listedIn",
        sort_key: "sourceServerArn",
        projection: Projection::Include(&["contentHash", "missingSince"]),
    },
    Index {
        name: ATTENTION_INDEX,
        partition_key: "attention",
        sort_key: "sourceServerArn",
        projection: Projection::Include(&[
            "sourceServerID",
            "hostname",
            "sourceAccountId",
            "replicationRegion",
            "listedIn",
            "replicationState",
            "lagDuration",
            "lastSeen",
            "lastLaunch",
            "drill",
            "readiness",
            "readinessReasons",
            "missingSince",
            "instanceId",
            "lastUpdated",
        ]),
    },
];

const LEDGER_INDEXES: &[Index] = &[
    Index {
        name: REGION_INDEX,
        partition_key: "region",
        sort_key: "accountId",
        // No times: each look changes them, and would write the index too.
        projection: Projection::Include(&[
            "status",
            "serverCount",
            "errorCode",
            "errorMessage",
            "counts",
        ]),
    },
    Index {
        name: TROUBLE_INDEX,
        partition_key: "trouble",
        sort_key: "accountId",
        projection: Projection::Include(&[
            "status",
            "serverCount",
            "counts",
            "errorCode",
            "errorMessage",
            "failingSince",
            "removalHeld",
        ]),
    },
];

const CHANGES_INDEXES: &[Index] = &[Index {
    name: DAY_INDEX,
    partition_key: "day",
    sort_key: "at",
    // Everything but `row`, which may be as large as an item may be.
    projection: Projection::Include(&["kind", "before", "after", "syncId"]),
}];
