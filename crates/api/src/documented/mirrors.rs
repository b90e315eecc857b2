//! What describes parameters whose types are of other crates. A test compares their names with those
//! that the types themselves take.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use super::forms;

/// A target account to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTargetAccount {
    /// The account.
    #[schema(value_type = forms::AccountId)]
    pub account_id: String,
    /// For people.
    pub account_name: Option<String>,
    /// The account of the sync itself has none.
    #[schema(value_type = Option<forms::RoleArn>)]
    pub role_arn: Option<String>,
    /// It is shown nowhere.
    #[schema(value_type = Option<forms::ExternalId>)]
    pub external_id: Option<String>,
}

/// A group to make: with `sourceServerIds` or with `serverSelectionTags`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewProtectionGroup {
    /// For people; no other group has it.
    #[schema(value_type = forms::Name)]
    pub group_name: String,
    /// For people.
    #[schema(value_type = Option<forms::LongText>)]
    pub description: Option<String>,
    /// The region that the servers replicate to.
    #[schema(value_type = forms::Region)]
    pub region: String,
    /// The account that the servers come from; without it, any.
    #[schema(value_type = Option<forms::AccountId>)]
    pub account_id: Option<String>,
    /// Servers of the inventory, which no other group names.
    #[schema(value_type = Option<Vec<forms::ServerId>>, min_items = 1)]
    pub source_server_ids: Option<Vec<String>>,
    /// EC2 tags that a server must have, all of them.
    pub server_selection_tags: Option<BTreeMap<String, String>>,
    /// The recovery point objective of its servers, minutes, in place of `RPO_MINUTES`.
    #[schema(value_type = Option<forms::FromOne>)]
    pub rpo_minutes: Option<u32>,
    /// How old the last drill of its servers may be, days, in place of `DRILL_MAX_AGE_DAYS`.
    #[schema(value_type = Option<forms::FromOne>)]
    pub drill_max_age_days: Option<u32>,
}

/// What to change of a group: what is left out stays, null takes it away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateGroup {
    /// The group.
    #[schema(value_type = forms::Key)]
    pub group_id: String,
    /// For people; no other group has it.
    #[schema(value_type = Option<forms::Name>)]
    pub group_name: Option<String>,
    /// For people.
    #[schema(value_type = Option<forms::LongText>)]
    pub description: Option<String>,
    /// The region that the servers replicate to.
    #[schema(value_type = Option<forms::Region>)]
    pub region: Option<String>,
    /// The account that the servers come from.
    #[schema(value_type = Option<forms::AccountId>)]
    pub account_id: Option<String>,
    /// Servers of the inventory, which no other group names.
    #[schema(value_type = Option<Vec<forms::ServerId>>)]
    pub source_server_ids: Option<Vec<String>>,
    /// EC2 tags that a server must have, all of them.
    pub server_selection_tags: Option<BTreeMap<String, String>>,
    /// The recovery point objective of its servers, minutes, in place of `RPO_MINUTES`.
    #[schema(value_type = Option<forms::FromOne>)]
    pub rpo_minutes: Option<u32>,
    /// How old the last drill of its servers may be, days, in place of `DRILL_MAX_AGE_DAYS`.
    #[schema(value_type = Option<forms::FromOne>)]
    pub drill_max_age_days: Option<u32>,
    /// The version that the change is of; another one is refused.
    pub version: Option<u64>,
}

/// A plan to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRecoveryPlan {
    /// For people; no other plan has it.
    #[schema(value_type = forms::Name)]
    pub plan_name: String,
    /// For people.
    #[schema(value_type = Option<forms::LongText>)]
    pub description: Option<String>,
    /// In the order of recovery.
    #[schema(min_items = 1)]
    pub waves: Vec<NewWave>,
}

/// What to change of a plan: what is left out stays, null takes it away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdatePlan {
    /// The plan.
    #[schema(value_type = forms::Key)]
    pub plan_id: String,
    /// For people; no other plan has it.
    #[schema(value_type = Option<forms::Name>)]
    pub plan_name: Option<String>,
    /// For people.
    #[schema(value_type = Option<forms::LongText>)]
    pub description: Option<String>,
    /// In the order of recovery.
    pub waves: Option<Vec<NewWave>>,
    /// The version that the change is of; another one is refused.
    pub version: Option<u64>,
}

/// Groups to recover at the same time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWave {
    /// Set by the order of the list, whatever is given.
    pub wave_number: Option<u64>,
    /// For people.
    #[schema(value_type = forms::Name)]
    pub wave_name: String,
    /// Ids of protection groups, each once in a plan.
    #[schema(min_items = 1)]
    pub protection_group_ids: Vec<String>,
}
