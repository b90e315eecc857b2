//! Recovery plans.

use inventory::recovery_plans::{
    Changes, NewPlan, create_recovery_plan, delete_recovery_plan, get_recovery_plan,
    list_recovery_plans, update_recovery_plan,
};
use serde::Deserialize;
use serde_json::{Value, json};
use store::json::Json;
use store::tables::{ProtectionGroupsTable, RecoveryPlansTable};

use super::object;
use crate::answer::{Answer, Failure};
use crate::parameters::None as Nothing;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct One {
    plan_id: String,
}

pub(super) async fn create(
    (plans, groups): (&RecoveryPlansTable, &ProtectionGroupsTable),
    plan: NewPlan,
    now: &str,
) -> Result<Answer, Failure> {
    let plan = create_recovery_plan(plans, groups, plan, now).await?;
    Ok(Answer::Created(object(&plan)))
}

pub(super) async fn list(plans: &RecoveryPlansTable, _: Nothing) -> Result<Answer, Failure> {
    let rows = list_recovery_plans(plans).await?;
    let count = rows.len();
    let rows: Vec<Value> = rows.iter().map(|row| Json(row).to_value()).collect();
    Ok(Answer::Object(json!({ "plans": rows, "count": count })))
}

pub(super) async fn get(plans: &RecoveryPlansTable, asked: One) -> Result<Answer, Failure> {
    let row = get_recovery_plan(plans, &asked.plan_id).await?;
    Ok(Answer::Object(Json(&row).to_value()))
}

pub(super) async fn update(
    (plans, groups): (&RecoveryPlansTable, &ProtectionGroupsTable),
    plan_id: &str,
    changes: Changes,
    now: &str,
) -> Result<Answer, Failure> {
    let plan = update_recovery_plan(plans, groups, plan_id, changes, now).await;
    Ok(Answer::Object(object(&plan?)))
}

pub(super) async fn delete(plans: &RecoveryPlansTable, asked: One) -> Result<Answer, Failure> {
    delete_recovery_plan(plans, &asked.plan_id).await?;
    Ok(Answer::Object(json!({ "planId": asked.plan_id })))
}
