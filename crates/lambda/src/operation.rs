//! Every operation once: what it is called, and where it is over HTTP.
//!
//! An operation is a variant, and both functions match theirs exhaustively: one without an arm of its
//! own does not compile.

use crate::answer::{ErrorCode, Failure};

/// Where an operation is over HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Route<O> {
    /// As in `GET`.
    pub method: &'static str,
    /// As in `/target-accounts/{accountId}`; a part in braces is a parameter.
    pub path: &'static str,
    /// The operation.
    pub operation: O,
}

/// The operations of one function.
pub trait Operation: Copy + Sized + 'static {
    /// All of them.
    const ALL: &'static [Self];
    /// Where they are over HTTP.
    const ROUTES: &'static [Route<Self>];

    /// As in `get_source_server_inventory`.
    fn name(self) -> &'static str;

    /// The operation of that name.
    ///
    /// # Errors
    /// `INVALID_OPERATION` with the names that there are.
    fn of_name(name: &str) -> Result<Self, Failure> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|operation| operation.name()).collect();
            let name: String = name.chars().take(100).collect();
            let message =
                format!("unknown operation {name:?}; expected one of {}", known.join(", "));
            Failure::new(ErrorCode::InvalidOperation, message)
        })
    }
}

/// One row per operation: its variant, its name, its routes.
macro_rules! operations {
    (
        $(#[$doc:meta])*
        $operations:ident {
            $($variant:ident = $name:literal at [$($method:ident $path:literal),*],)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "docs/api.md tells what each does")]
        pub enum $operations {
            $($variant,)*
        }

        impl Operation for $operations {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];
            const ROUTES: &'static [Route<Self>] = &[$($(Route {
                method: stringify!($method),
                path: $path,
                operation: Self::$variant,
            },)*)*];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

operations! {
    /// What `query-handler` does: reads of the inventory, and the sync.
    QueryOperation {
        SyncSourceServerInventory = "sync_source_server_inventory" at [POST "/sync"],
        SyncAccount = "sync_account" at [POST "/sync/{accountId}"],
        ListAccountIds = "list_account_ids" at [GET "/account-ids"],
        GetSourceServerInventory = "get_source_server_inventory" at [GET "/source-servers"],
        GetRegionStatus = "get_region_status" at [GET "/regions"],
        GetTargetAccounts = "get_target_accounts" at [GET "/target-accounts"],
        GetProtectionGroups = "get_protection_groups" at [
            GET "/protection-groups", GET "/protection-groups/{groupId}"
        ],
        GetRecoveryPlans = "get_recovery_plans" at [
            GET "/recovery-plans", GET "/recovery-plans/{planId}"
        ],
        GetCurrentAccountId = "get_current_account_id" at [GET "/current-account"],
        Health = "health" at [GET "/health"],
    }
}

operations! {
    /// What `data-management-handler` does: changes to accounts, groups and plans.
    DataOperation {
        AddTargetAccount = "add_target_account" at [POST "/target-accounts"],
        UpdateTargetAccount = "update_target_account" at [PUT "/target-accounts/{accountId}"],
        DeleteTargetAccount = "delete_target_account" at [DELETE "/target-accounts/{accountId}"],
        AddStagingAccount = "add_staging_account" at [
            POST "/target-accounts/{targetAccountId}/staging-accounts"
        ],
        RemoveStagingAccount = "remove_staging_account" at [
            DELETE "/target-accounts/{targetAccountId}/staging-accounts/{accountId}"
        ],
        CreateProtectionGroup = "create_protection_group" at [POST "/protection-groups"],
        ListProtectionGroups = "list_protection_groups" at [GET "/protection-groups"],
        GetProtectionGroup = "get_protection_group" at [GET "/protection-groups/{groupId}"],
        UpdateProtectionGroup = "update_protection_group" at [PUT "/protection-groups/{groupId}"],
        DeleteProtectionGroup = "delete_protection_group" at [
            DELETE "/protection-groups/{groupId}"
        ],
        CreateRecoveryPlan = "create_recovery_plan" at [POST "/recovery-plans"],
        ListRecoveryPlans = "list_recovery_plans" at [GET "/recovery-plans"],
        GetRecoveryPlan = "get_recovery_plan" at [GET "/recovery-plans/{planId}"],
        UpdateRecoveryPlan = "update_recovery_plan" at [PUT "/recovery-plans/{planId}"],
        DeleteRecoveryPlan = "delete_recovery_plan" at [DELETE "/recovery-plans/{planId}"],
    }
}
