//! A row of the protection-groups table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::lenient::{self, List};
use crate::item::Item;

/// A row of the protection-groups table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProtectionGroup {
    /// The key.
    pub group_id: String,
    /// What and where.
    #[serde(flatten)]
    pub definition: GroupDefinition,
    /// 1 at first, one more with every change.
    #[serde(default)]
    pub version: u64,
    /// ISO 8601.
    #[serde(default)]
    pub created_at: String,
    /// ISO 8601.
    #[serde(default)]
    pub last_updated: String,
}

/// What a group is: `sourceServerIds` or `serverSelectionTags`, one of the two.
///
/// A group to make has nothing else. A row may: it is read through `flatten`, which passes on only
/// the fields below.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupDefinition {
    /// For people, unique.
    pub group_name: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The region that the servers replicate to.
    pub region: String,
    /// The account that the servers come from; none for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Ids of DRS, as in `s-1234567890abcdef0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_server_ids: Option<Vec<String>>,
    /// EC2 tags that a server must have, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_selection_tags: Option<BTreeMap<String, String>>,
    /// The recovery point objective of its servers, minutes, in place of `RPO_MINUTES`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpo_minutes: Option<u32>,
    /// How old the last drill of its servers may be, days, in place of `DRILL_MAX_AGE_DAYS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill_max_age_days: Option<u32>,
}

/// The servers that a group's row names one by one, whatever else is wrong with the row.
pub fn servers_of_group(group: &Item) -> Vec<String> {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Servers {
        source_server_ids: List<String>,
    }
    lenient::read::<Servers>(group).source_server_ids.members().collect()
}
