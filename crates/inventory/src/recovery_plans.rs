//! Recovery plans: protection groups in waves, in the order of their recovery.

use std::collections::{BTreeSet, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use store::tables::{ProtectionGroupsTable, RecoveryPlansTable};
use store::{Item, text};

use super::ManageError;
use super::record::{self, Kind, given};

pub(super) const KIND: Kind =
    Kind { what: "recovery plan", key: "planId", name: "planName", prefix: "rp" };

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

/// A plan to make.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of RecoveryPlan")]
pub struct NewPlan {
    pub plan_name: String,
    pub description: Option<String>,
    pub waves: Vec<Wave>,
}

/// What to change of a plan: what is left out stays, null takes it away.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of RecoveryPlan")]
pub struct Changes {
    pub plan_name: Option<String>,
    #[serde(deserialize_with = "given")]
    pub description: Option<Option<String>>,
    pub waves: Option<Vec<Wave>>,
    /// The version that the change is of; another one is refused.
    pub version: Option<u64>,
}

const KNOWN: [&str; 7] =
    ["planId", "planName", "description", "waves", "version", "createdAt", "lastUpdated"];

/// All plans, sorted by name.
///
/// # Errors
/// [`ManageError::Read`] names the table.
pub async fn list_recovery_plans(plans: &RecoveryPlansTable) -> Result<Vec<Item>, ManageError> {
    record::list(plans, &KIND).await
}

/// One plan's row.
///
/// # Errors
/// [`ManageError::NotFound`] where it is not there.
pub async fn get_recovery_plan(
    plans: &RecoveryPlansTable,
    plan_id: &str,
) -> Result<Item, ManageError> {
    record::load(plans, &KIND, plan_id).await
}

/// Creates a plan. Its groups must be there.
///
/// # Errors
/// [`ManageError`] names the parameter that is wrong.
pub async fn create_recovery_plan(
    plans: &RecoveryPlansTable,
    groups: &ProtectionGroupsTable,
    plan: NewPlan,
    now: &str,
) -> Result<RecoveryPlan, ManageError> {
    let plan = RecoveryPlan {
        plan_id: record::new_id(&KIND),
        plan_name: plan.plan_name,
        description: plan.description,
        waves: numbered(plan.waves),
        version: 1,
        created_at: now.to_owned(),
        last_updated: now.to_owned(),
    };
    plan.check_form()?;
    check_others(plans, groups, &plan).await?;
    let (written, again) = ((plan.plan_id.as_str(), &plan), check_others(plans, groups, &plan));
    record::change(plans, &KIND, (None, &KNOWN), written, again).await?;
    Ok(plan)
}

/// Changes a plan.
///
/// # Errors
/// [`ManageError::Contended`] where it is not of the version given, or was changed meanwhile.
pub async fn update_recovery_plan(
    plans: &RecoveryPlansTable,
    groups: &ProtectionGroupsTable,
    plan_id: &str,
    changes: Changes,
    now: &str,
) -> Result<RecoveryPlan, ManageError> {
    let previous = record::load_to_change(plans, &KIND, plan_id, now).await?;
    let mut plan: RecoveryPlan = record::read(&KIND, &previous.row)?;
    if changes.version.is_some_and(|version| version != plan.version) {
        return Err(ManageError::Contended { id: plan_id.to_owned() });
    }
    plan.plan_name = changes.plan_name.unwrap_or(plan.plan_name);
    plan.description = changes.description.unwrap_or(plan.description);
    plan.waves = numbered(changes.waves.unwrap_or(plan.waves));
    plan.version = record::next_version(plan.version);
    now.clone_into(&mut plan.last_updated);
    plan.check_form()?;
    check_others(plans, groups, &plan).await?;
    let (written, again) = ((plan_id, &plan), check_others(plans, groups, &plan));
    record::change(plans, &KIND, (Some(&previous), &KNOWN), written, again).await?;
    Ok(plan)
}

/// Deletes a plan. Its groups stay.
///
/// # Errors
/// [`ManageError::NotFound`] where it is not there.
pub async fn delete_recovery_plan(
    plans: &RecoveryPlansTable,
    plan_id: &str,
) -> Result<(), ManageError> {
    let row = record::load(plans, &KIND, plan_id).await?;
    record::remove(plans, &KIND, &row).await
}

/// Whether a plan's row names a group.
pub(super) fn names_group(plan: &Item, group_id: &str) -> bool {
    let list = |value: Option<&AttributeValue>| value.and_then(|v| v.as_l().ok()).cloned();
    let waves = list(plan.get("waves")).unwrap_or_default();
    waves.iter().any(|wave| {
        let ids = wave.as_m().ok().and_then(|wave| list(wave.get("protectionGroupIds")));
        ids.into_iter().flatten().any(|id| id.as_s().is_ok_and(|id| id == group_id))
    })
}

fn numbered(mut waves: Vec<Wave>) -> Vec<Wave> {
    for (place, wave) in waves.iter_mut().enumerate() {
        wave.wave_number = place + 1;
    }
    waves
}

impl RecoveryPlan {
    fn groups(&self) -> impl Iterator<Item = &String> {
        self.waves.iter().flat_map(|wave| &wave.protection_group_ids)
    }

    /// Whether each part is well formed, whatever the tables hold.
    fn check_form(&self) -> Result<(), ManageError> {
        record::check_name(&KIND, &self.plan_name)?;
        record::check_description(self.description.as_deref())?;
        if self.waves.is_empty() {
            return Err(ManageError::invalid("waves", "[]", "at least one wave"));
        }
        for wave in &self.waves {
            record::check_name(&Kind { name: "waveName", ..KIND }, &wave.wave_name)?;
            if wave.protection_group_ids.is_empty() {
                let expected = "at least one protection group in every wave";
                return Err(ManageError::invalid("protectionGroupIds", &wave.wave_name, expected));
            }
        }
        let mut seen = BTreeSet::new();
        match self.groups().find(|id| !seen.insert(*id)) {
            None => Ok(()),
            Some(id) => {
                let expected = "each protection group once in a plan";
                Err(ManageError::invalid("protectionGroupIds", id, expected))
            }
        }
    }
}

/// Whether the groups are there, and no other plan has the name.
async fn check_others(
    plans: &RecoveryPlansTable,
    groups: &ProtectionGroupsTable,
    plan: &RecoveryPlan,
) -> Result<(), ManageError> {
    record::check_unique(&KIND, &record::all(plans).await?, &plan.plan_name, &plan.plan_id)?;
    let groups = record::all(groups).await?;
    let there: HashSet<&str> = groups.iter().map(|row| text(row, "groupId")).collect();
    match plan.groups().find(|id| !there.contains(id.as_str())) {
        None => Ok(()),
        Some(id) => {
            let expected = "protection groups that are there";
            Err(ManageError::invalid("protectionGroupIds", id, expected))
        }
    }
}
