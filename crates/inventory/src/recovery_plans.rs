//! Recovery plans: protection groups in waves, in the order of their recovery.

use std::collections::{BTreeSet, HashSet};

use serde::Deserialize;
use store::tables::{ProtectionGroupsTable, RecoveryPlansTable, Table};
use store::{Item, text};

use super::ManageError;
use super::record::{self, Kind, Records, given, set};

pub use store::rows::{RecoveryPlan, Wave};

pub(super) const KIND: Kind =
    Kind { what: "recovery plan", key: "planId", name: "planName", prefix: "rp" };

/// The plans, and the groups that they name.
struct Plans<'a> {
    plans: &'a RecoveryPlansTable,
    groups: &'a ProtectionGroupsTable,
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
    let mut plan = RecoveryPlan {
        plan_id: record::new_id(&KIND),
        plan_name: plan.plan_name,
        description: plan.description,
        waves: plan.waves,
        version: 1,
        created_at: now.to_owned(),
        last_updated: now.to_owned(),
    };
    number(&mut plan.waves);
    record::create(&Plans { plans, groups }, plan).await
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
    let change = (plan_id, changes.version);
    record::update(&Plans { plans, groups }, change, |plan| apply(plan, changes), now).await
}

fn apply(plan: &mut RecoveryPlan, changes: Changes) {
    set(changes.plan_name, &mut plan.plan_name);
    set(changes.description, &mut plan.description);
    set(changes.waves, &mut plan.waves);
    number(&mut plan.waves);
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

fn number(waves: &mut [Wave]) {
    for (place, wave) in waves.iter_mut().enumerate() {
        wave.wave_number = place + 1;
    }
}

fn groups_in(waves: &[Wave]) -> impl Iterator<Item = &String> {
    waves.iter().flat_map(|wave| &wave.protection_group_ids)
}

impl Records for Plans<'_> {
    type Record = RecoveryPlan;
    const KIND: Kind = KIND;

    fn table(&self) -> &Table {
        self.plans
    }

    fn id(plan: &RecoveryPlan) -> &str {
        &plan.plan_id
    }

    fn stamp(plan: &mut RecoveryPlan) -> (&mut u64, &mut String) {
        (&mut plan.version, &mut plan.last_updated)
    }

    /// Whether each part is well formed, whatever the tables hold.
    async fn check(&self, plan: &RecoveryPlan) -> Result<(), ManageError> {
        record::check_name(&KIND, &plan.plan_name)?;
        record::check_description(plan.description.as_deref())?;
        if plan.waves.is_empty() {
            return Err(ManageError::invalid("waves", "[]", "at least one wave"));
        }
        for wave in &plan.waves {
            record::check_name(&Kind { name: "waveName", ..KIND }, &wave.wave_name)?;
            if wave.protection_group_ids.is_empty() {
                let expected = "at least one protection group in every wave";
                return Err(ManageError::invalid("protectionGroupIds", &wave.wave_name, expected));
            }
        }
        let mut seen = BTreeSet::new();
        match groups_in(&plan.waves).find(|id| !seen.insert(*id)) {
            None => Ok(()),
            Some(id) => {
                let expected = "each protection group once in a plan";
                Err(ManageError::invalid("protectionGroupIds", id, expected))
            }
        }
    }

    /// Whether the groups are there, and no other plan has the name.
    async fn check_others(&self, plan: &RecoveryPlan) -> Result<(), ManageError> {
        let plans = record::all(self.plans).await?;
        record::check_unique(&KIND, &plans, &plan.plan_name, &plan.plan_id)?;
        let groups = record::all(self.groups).await?;
        let there: HashSet<&str> = groups.iter().map(|row| text(row, "groupId")).collect();
        match groups_in(&plan.waves).find(|id| !there.contains(id.as_str())) {
            None => Ok(()),
            Some(id) => {
                let expected = "protection groups that are there";
                Err(ManageError::invalid("protectionGroupIds", id, expected))
            }
        }
    }
}
