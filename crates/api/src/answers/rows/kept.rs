//! What people keep: accounts, groups and plans.

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// A target account. Its external id is shown nowhere.
#[derive(Debug, ToSchema)]
#[schema(as = TargetAccount, rename_all = "camelCase")]
pub struct AccountRow {
    /// Twelve digits.
    pub account_id: String,
    /// For people.
    pub account_name: Option<String>,
    /// The role that the sync assumes.
    pub role_arn: Option<String>,
    /// Whether the sync sends an external id.
    pub has_external_id: bool,
    /// Its staging accounts; a text where they are no list.
    #[schema(value_type = Option<StagingAccountsOf>)]
    pub staging_accounts: Option<Vec<StagingAccountRow>>,
}

/// Staging accounts, or a text in the place of what is none.
#[derive(Debug, ToSchema)]
#[serde(untagged)]
pub enum StagingAccountsOf {
    /// As they should be.
    Accounts(Vec<StagingAccountOf>),
    /// What is no list is not shown.
    NotShown(String),
}

/// A staging account, or a text in the place of what is none.
#[derive(Debug, ToSchema)]
#[serde(untagged)]
pub enum StagingAccountOf {
    /// As it should be.
    Account(StagingAccountRow),
    /// What is no account is not shown.
    NotShown(Option<String>),
}

/// A staging account of a target account.
#[derive(Debug, ToSchema)]
#[schema(as = StagingMember, rename_all = "camelCase")]
pub struct StagingAccountRow {
    /// Twelve digits.
    pub account_id: Option<String>,
    /// For people.
    pub account_name: Option<String>,
    /// The role that the sync assumes.
    pub role_arn: Option<String>,
    /// Whether the sync sends an external id.
    pub has_external_id: bool,
}

/// A protection group: servers that fail over together.
#[derive(Debug, ToSchema)]
#[schema(as = ProtectionGroup, rename_all = "camelCase")]
pub struct GroupRow {
    /// `pg-` and 32 hexadecimal digits.
    pub group_id: String,
    /// For people.
    pub group_name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// The region that its servers replicate to.
    pub region: Option<String>,
    /// The account that its servers come from; absent for any.
    pub account_id: Option<String>,
    /// Ids of DRS; a group has these or `serverSelectionTags`.
    pub source_server_ids: Option<Vec<String>>,
    /// EC2 tags that a server must have, all of them.
    pub server_selection_tags: Option<BTreeMap<String, String>>,
    /// The recovery point objective of its servers, minutes, in place of `RPO_MINUTES`.
    pub rpo_minutes: Option<u64>,
    /// How old their last drill may be, days, in place of `DRILL_MAX_AGE_DAYS`.
    pub drill_max_age_days: Option<u64>,
    /// 1 at first, one more with every change.
    pub version: Option<u64>,
    /// ISO 8601.
    pub created_at: Option<String>,
    /// ISO 8601.
    pub last_updated: Option<String>,
}

/// A recovery plan: protection groups in the order of their recovery.
#[derive(Debug, ToSchema)]
#[schema(as = RecoveryPlan, rename_all = "camelCase")]
pub struct PlanRow {
    /// `rp-` and 32 hexadecimal digits.
    pub plan_id: String,
    /// For people.
    pub plan_name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// In the order of recovery.
    pub waves: Option<Vec<WaveRow>>,
    /// 1 at first, one more with every change.
    pub version: Option<u64>,
    /// ISO 8601.
    pub created_at: Option<String>,
    /// ISO 8601.
    pub last_updated: Option<String>,
}

/// Groups that are recovered at the same time.
#[derive(Debug, ToSchema)]
#[schema(as = Wave, rename_all = "camelCase")]
pub struct WaveRow {
    /// From 1, in the order of the list.
    pub wave_number: Option<u64>,
    /// For people.
    pub wave_name: Option<String>,
    /// Ids of protection groups.
    pub protection_group_ids: Option<Vec<String>>,
}
