//! A row of the recovery-plans table.

use serde::{Deserialize, Serialize};

use super::lenient::{self, List};
use crate::item::Item;

/// A row of the recovery-plans table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryPlan {
    /// The key.
    pub plan_id: String,
    /// For people, unique.
    pub plan_name: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// In the order of their recovery.
    pub waves: Vec<Wave>,
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

/// Groups that are recovered at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wave {
    /// From 1; set by the order of the list.
    #[serde(default)]
    pub wave_number: usize,
    /// For people.
    pub wave_name: String,
    /// Ids of protection groups.
    pub protection_group_ids: Vec<String>,
}

/// The groups that a plan's row names, whatever else is wrong with the row.
pub fn groups_of_plan(plan: &Item) -> Vec<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Plan {
        waves: List<Groups>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Groups {
        protection_group_ids: List<String>,
    }
    let waves = lenient::read::<Plan>(plan).waves.members();
    waves.flat_map(|wave| wave.protection_group_ids.members()).collect()
}
