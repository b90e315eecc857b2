//! Every operation once: what it is called, where it is over HTTP, what it takes, what answers it.

use inventory::recovery_plans::RecoveryPlan;

use crate::answer::{Answer, Answered, Created};
use crate::answers::{
    AccountIds, AccountList, AccountStatus, AcknowledgedRegion, ApprovedRemoval, ChangeList,
    ChangedAccount, ChangedStagingAccount, CheckedAccount, CurrentAccount, DeletedGroup,
    DeletedPlan, DiscoveredAccounts, Excluded, ExportedAccounts, FinishedSync, Group, GroupList,
    GroupWithServers, Health, Included, OneServerAnswer, OverviewAnswer, Plan, PlanList,
    RegionList, Row, ServerList, SyncedAccount, UnprotectedList, WholeSync, WrittenReport,
};
use crate::data::Data;
use crate::documented::Described;
use crate::failure::Failure;
use crate::operation::{Entry, Operation, Right, Route, operations};
use crate::parameters::{
    AcknowledgeRegion, ApproveRemoval, Changes, DiscoverAccounts, ExcludeUnprotected,
    FinishedCalls, GetUnprotected, Groups, IncludeUnprotected, NewProtectionGroup, NewRecoveryPlan,
    NewStagingAccount, NewTargetAccount, Nothing, OneAccount, OneGroup, OnePlan, OneServer,
    Parameters, Plans, Regions, Servers, StagingAccount, SyncAccount, UpdateAccount, UpdateGroup,
    UpdatePlan,
};
use crate::query::{Call, Queries};

operations! {
    /// What `query-handler` does: reads of the inventory, and the sync.
    QueryOperation, with Sync, answered by (on: &Queries, call: &dyn Call) {
        /// Syncs all accounts.
        SyncSourceServerInventory(_: Nothing) = "sync_source_server_inventory"
            at [POST "/sync"]
            => WholeSync: on.sync(call).await,
        /// Syncs one account, or some of its regions.
        SyncAccount(asked: SyncAccount) = "sync_account"
            at [POST "/sync/{accountId}"]
            => SyncedAccount: on.sync_account(asked, call).await,
        /// Ends a sync that was spread over calls of `sync_account`.
        FinishSync(asked: FinishedCalls) = "finish_sync"
            at [POST "/finish-sync"]
            => FinishedSync: on.finish(asked, call).await,
        /// Lists the accounts that `sync_account` can be called with.
        ListAccountIds(_: Nothing) = "list_account_ids"
            at [GET "/account-ids"]
            => AccountIds: on.account_ids().await,
        /// Lists the servers that fit a filter, page by page.
        GetSourceServerInventory(asked: Box<Servers>) = "get_source_server_inventory"
            at [GET "/source-servers"]
            => ServerList: on.servers(*asked).await,
        /// Shows one server and what happened to it.
        GetSourceServer(asked: OneServer) = "get_source_server"
            at [GET "/source-servers/{id}"]
            => OneServerAnswer: on.server(asked).await,
        /// Tells of the whole installation what can be recovered, what is not known, and what to do next.
        GetOverview(_: Nothing) = "get_overview"
            at [GET "/overview"]
            => OverviewAnswer: on.overview().await,
        /// Lists the regions over all accounts.
        GetRegionStatus(asked: Regions) = "get_region_status"
            at [GET "/regions"]
            => RegionList: on.regions(asked).await,
        /// Tells how entering an account went, and each of its regions.
        GetAccountStatus(asked: OneAccount) = "get_account_status"
            at [GET "/accounts/{accountId}/status"]
            => AccountStatus: on.account_status(asked).await,
        /// Tries what a sync asks of an account, step by step; where one fails, says what mends it.
        CheckAccount(asked: OneAccount) = "check_account"
            at [POST "/accounts/{accountId}/check"]
            => CheckedAccount: on.check_account(asked).await,
        /// Lists what happened, the last first.
        GetChanges(asked: Box<Changes>) = "get_changes"
            at [GET "/changes"]
            => ChangeList: on.changes(*asked).await,
        /// Lists EC2 instances that nothing protects, and what need not be protected.
        GetUnprotected(asked: GetUnprotected) = "get_unprotected"
            at [GET "/unprotected"]
            => UnprotectedList: on.unprotected(asked).await,
        /// Lists the target accounts with their staging accounts.
        GetTargetAccounts(_: Nothing) = "get_target_accounts"
            at [GET "/target-accounts"]
            => AccountList: on.target_accounts().await,
        /// Lists the protection groups, or one of them.
        GetProtectionGroups(asked: Groups) = "get_protection_groups"
            at [GET "/protection-groups", GET "/protection-groups/{groupId}"]
            => GroupList: on.groups(asked).await,
        /// Lists the recovery plans, or one of them.
        GetRecoveryPlans(asked: Plans) = "get_recovery_plans"
            at [GET "/recovery-plans", GET "/recovery-plans/{planId}"]
            => PlanList: on.plans(asked).await,
        /// Writes the report of now into the bucket of the environment. Not over HTTP.
        WriteReport(_: Nothing) = "write_report"
            at []
            => WrittenReport: on.write_report().await,
        /// Writes the accounts of now, without external ids, into the bucket of the environment. Not over HTTP.
        ExportAccounts(_: Nothing) = "export_accounts"
            at []
            => ExportedAccounts: on.export_accounts().await,
        /// Names the account that the program runs in.
        GetCurrentAccountId(_: Nothing) = "get_current_account_id"
            at [GET "/current-account"]
            => CurrentAccount: on.current_account().await,
        /// Tells whether the environment lets every operation work.
        Health(_: Nothing) = "health"
            at [GET "/health"]
            => Health: Ok(on.health()),
    }
}

operations! {
    /// What `data-management-handler` does: changes to accounts, groups and plans. `hub` is the
    /// account that the program runs in, where it is known.
    DataOperation, with Write, answered by (on: &Data, hub: Option<&str>) {
        /// Adds a target account.
        AddTargetAccount(account: NewTargetAccount) = "add_target_account"
            at [POST "/target-accounts"]
            => Created<ChangedAccount>: on.add_account(account.0, hub).await,
        /// Compares the accounts of the organization with the table; adds the new ones where `apply` is true.
        DiscoverAccounts(asked: DiscoverAccounts) = "discover_accounts"
            at [POST "/target-accounts/discover"]
            => DiscoveredAccounts: on.discover_accounts(asked).await,
        /// Changes a target account: what is left out stays, null takes it away.
        UpdateTargetAccount(asked: UpdateAccount) = "update_target_account"
            at [PUT "/target-accounts/{accountId}"]
            => ChangedAccount: on.update_account(asked, hub).await,
        /// Deletes a target account, with its staging accounts.
        DeleteTargetAccount(asked: OneAccount) = "delete_target_account"
            at [DELETE "/target-accounts/{accountId}"]
            => ChangedAccount: on.delete_account(asked).await,
        /// Adds a staging account to a target account.
        AddStagingAccount(asked: NewStagingAccount) = "add_staging_account"
            at [POST "/target-accounts/{targetAccountId}/staging-accounts"]
            => Created<ChangedStagingAccount>: on.add_staging_account(asked, hub).await,
        /// Removes a staging account from a target account.
        RemoveStagingAccount(asked: StagingAccount) = "remove_staging_account"
            at [DELETE "/target-accounts/{targetAccountId}/staging-accounts/{accountId}"]
            => ChangedStagingAccount: on.remove_staging_account(asked).await,
        /// Lets the next sync remove rows that wait.
        ApproveRemoval(asked: ApproveRemoval) = "approve_removal"
            at [POST "/removals/approve"]
            => ApprovedRemoval: on.approve_removal(asked).await,
        /// Says that a region of an account is closed on purpose.
        AcknowledgeRegion(asked: AcknowledgeRegion) = "acknowledge_region"
            at [POST "/accounts/{accountId}/regions/{region}/acknowledge"]
            => AcknowledgedRegion: on.acknowledge_region(asked).await,
        /// Says that EC2 instances need not be protected.
        ExcludeUnprotected(asked: ExcludeUnprotected) = "exclude_unprotected"
            at [POST "/unprotected/exclusions"]
            => Excluded: on.exclude_unprotected(asked).await,
        /// Ends what `exclude_unprotected` said.
        IncludeUnprotected(asked: IncludeUnprotected) = "include_unprotected"
            at [DELETE "/unprotected/exclusions"]
            => Included: on.include_unprotected(asked).await,
        /// Makes a protection group.
        CreateProtectionGroup(group: NewProtectionGroup) = "create_protection_group"
            at [POST "/protection-groups"]
            => Created<Group>: on.create_group(group.0).await,
        /// Lists the protection groups.
        ListProtectionGroups(_: Nothing) = "list_protection_groups"
            at [GET "/protection-groups"]
            => GroupList: on.list_groups().await,
        /// Shows a protection group with the servers that it means now.
        GetProtectionGroup(asked: OneGroup) = "get_protection_group"
            at [GET "/protection-groups/{groupId}"]
            => GroupWithServers: on.get_group(asked).await,
        /// Changes a protection group: what is left out stays, null takes it away.
        UpdateProtectionGroup(asked: UpdateGroup) = "update_protection_group"
            at [PUT "/protection-groups/{groupId}"]
            => Group: on.update_group(asked).await,
        /// Deletes a protection group that no plan names.
        DeleteProtectionGroup(asked: OneGroup) = "delete_protection_group"
            at [DELETE "/protection-groups/{groupId}"]
            => DeletedGroup: on.delete_group(asked).await,
        /// Makes a recovery plan.
        CreateRecoveryPlan(plan: NewRecoveryPlan) = "create_recovery_plan"
            at [POST "/recovery-plans"]
            => Created<Plan<RecoveryPlan>>: on.create_plan(plan.0).await,
        /// Lists the recovery plans.
        ListRecoveryPlans(_: Nothing) = "list_recovery_plans"
            at [GET "/recovery-plans"]
            => PlanList: on.list_plans().await,
        /// Shows a recovery plan.
        GetRecoveryPlan(asked: OnePlan) = "get_recovery_plan"
            at [GET "/recovery-plans/{planId}"]
            => Plan<Row>: on.get_plan(asked).await,
        /// Changes a recovery plan: what is left out stays, null takes it away.
        UpdateRecoveryPlan(asked: UpdatePlan) = "update_recovery_plan"
            at [PUT "/recovery-plans/{planId}"]
            => Plan<RecoveryPlan>: on.update_plan(asked).await,
        /// Deletes a recovery plan; its groups stay.
        DeleteRecoveryPlan(asked: OnePlan) = "delete_recovery_plan"
            at [DELETE "/recovery-plans/{planId}"]
            => DeletedPlan: on.delete_plan(asked).await,
    }
}
