//! Every operation once: what it is called, where it is over HTTP, what it takes, what answers it.

use inventory::accounts::NewAccount;
use inventory::protection_groups::Definition;
use inventory::recovery_plans::NewPlan;

use crate::answer::Answer;
use crate::data::Data;
use crate::failure::Failure;
use crate::operation::{Entry, Operation, Route, operations};
use crate::parameters::{
    AcknowledgeRegion, ApproveRemoval, Changes, ExcludeUnprotected, FinishedCalls, GetUnprotected,
    Groups, IncludeUnprotected, NewStagingAccount, Nothing, OneAccount, OneGroup, OnePlan,
    OneServer, Parameters, Plans, Regions, Servers, StagingAccount, SyncAccount, UpdateAccount,
    UpdateGroup, UpdatePlan,
};
use crate::query::{Call, Queries};

operations! {
    /// What `query-handler` does: reads of the inventory, and the sync.
    QueryOperation, answered by (on: &Queries, call: &dyn Call) {
        SyncSourceServerInventory(_: Nothing) = "sync_source_server_inventory"
            at [POST "/sync"]
            => on.sync(call).await,
        SyncAccount(asked: SyncAccount) = "sync_account"
            at [POST "/sync/{accountId}"]
            => on.sync_account(asked, call).await,
        FinishSync(asked: FinishedCalls) = "finish_sync"
            at [POST "/finish-sync"]
            => on.finish(asked, call).await,
        ListAccountIds(_: Nothing) = "list_account_ids"
            at [GET "/account-ids"]
            => on.account_ids().await,
        GetSourceServerInventory(asked: Box<Servers>) = "get_source_server_inventory"
            at [GET "/source-servers"]
            => on.servers(*asked).await,
        GetSourceServer(asked: OneServer) = "get_source_server"
            at [GET "/source-servers/{id}"]
            => on.server(asked).await,
        GetOverview(_: Nothing) = "get_overview"
            at [GET "/overview"]
            => on.overview().await,
        GetRegionStatus(asked: Regions) = "get_region_status"
            at [GET "/regions"]
            => on.regions(asked).await,
        GetAccountStatus(asked: OneAccount) = "get_account_status"
            at [GET "/accounts/{accountId}/status"]
            => on.account_status(asked).await,
        GetChanges(asked: Box<Changes>) = "get_changes"
            at [GET "/changes"]
            => on.changes(*asked).await,
        GetUnprotected(asked: GetUnprotected) = "get_unprotected"
            at [GET "/unprotected"]
            => on.unprotected(asked).await,
        GetTargetAccounts(_: Nothing) = "get_target_accounts"
            at [GET "/target-accounts"]
            => on.target_accounts().await,
        GetProtectionGroups(asked: Groups) = "get_protection_groups"
            at [GET "/protection-groups", GET "/protection-groups/{groupId}"]
            => on.groups(asked).await,
        GetRecoveryPlans(asked: Plans) = "get_recovery_plans"
            at [GET "/recovery-plans", GET "/recovery-plans/{planId}"]
            => on.plans(asked).await,
        GetCurrentAccountId(_: Nothing) = "get_current_account_id"
            at [GET "/current-account"]
            => on.current_account().await,
        Health(_: Nothing) = "health"
            at [GET "/health"]
            => Ok(on.health()),
    }
}

operations! {
    /// What `data-management-handler` does: changes to accounts, groups and plans. `hub` is the
    /// account that the program runs in, where it is known.
    DataOperation, answered by (on: &Data, hub: Option<&str>) {
        AddTargetAccount(account: NewAccount) = "add_target_account"
            at [POST "/target-accounts"]
            => on.add_account(account, hub).await,
        UpdateTargetAccount(asked: UpdateAccount) = "update_target_account"
            at [PUT "/target-accounts/{accountId}"]
            => on.update_account(asked, hub).await,
        DeleteTargetAccount(asked: OneAccount) = "delete_target_account"
            at [DELETE "/target-accounts/{accountId}"]
            => on.delete_account(asked).await,
        AddStagingAccount(asked: NewStagingAccount) = "add_staging_account"
            at [POST "/target-accounts/{targetAccountId}/staging-accounts"]
            => on.add_staging_account(asked, hub).await,
        RemoveStagingAccount(asked: StagingAccount) = "remove_staging_account"
            at [DELETE "/target-accounts/{targetAccountId}/staging-accounts/{accountId}"]
            => on.remove_staging_account(asked).await,
        ApproveRemoval(asked: ApproveRemoval) = "approve_removal"
            at [POST "/removals/approve"]
            => on.approve_removal(asked).await,
        AcknowledgeRegion(asked: AcknowledgeRegion) = "acknowledge_region"
            at [POST "/accounts/{accountId}/regions/{region}/acknowledge"]
            => on.acknowledge_region(asked).await,
        ExcludeUnprotected(asked: ExcludeUnprotected) = "exclude_unprotected"
            at [POST "/unprotected/exclusions"]
            => on.exclude_unprotected(asked).await,
        IncludeUnprotected(asked: IncludeUnprotected) = "include_unprotected"
            at [DELETE "/unprotected/exclusions"]
            => on.include_unprotected(asked).await,
        CreateProtectionGroup(definition: Definition) = "create_protection_group"
            at [POST "/protection-groups"]
            => on.create_group(definition).await,
        ListProtectionGroups(_: Nothing) = "list_protection_groups"
            at [GET "/protection-groups"]
            => on.list_groups().await,
        GetProtectionGroup(asked: OneGroup) = "get_protection_group"
            at [GET "/protection-groups/{groupId}"]
            => on.get_group(asked).await,
        UpdateProtectionGroup(asked: UpdateGroup) = "update_protection_group"
            at [PUT "/protection-groups/{groupId}"]
            => on.update_group(asked).await,
        DeleteProtectionGroup(asked: OneGroup) = "delete_protection_group"
            at [DELETE "/protection-groups/{groupId}"]
            => on.delete_group(asked).await,
        CreateRecoveryPlan(plan: NewPlan) = "create_recovery_plan"
            at [POST "/recovery-plans"]
            => on.create_plan(plan).await,
        ListRecoveryPlans(_: Nothing) = "list_recovery_plans"
            at [GET "/recovery-plans"]
            => on.list_plans().await,
        GetRecoveryPlan(asked: OnePlan) = "get_recovery_plan"
            at [GET "/recovery-plans/{planId}"]
            => on.get_plan(asked).await,
        UpdateRecoveryPlan(asked: UpdatePlan) = "update_recovery_plan"
            at [PUT "/recovery-plans/{planId}"]
            => on.update_plan(asked).await,
        DeleteRecoveryPlan(asked: OnePlan) = "delete_recovery_plan"
            at [DELETE "/recovery-plans/{planId}"]
            => on.delete_plan(asked).await,
    }
}
