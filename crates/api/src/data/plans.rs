//! Recovery plans.

use inventory::recovery_plans::{
    NewPlan, create_recovery_plan, delete_recovery_plan, get_recovery_plan, list_recovery_plans,
    update_recovery_plan,
};
use serde_json::json;
use store::json::Json;

use super::{Data, now};
use crate::answer::{Answer, list, object};
use crate::failure::Failure;
use crate::parameters::{OnePlan, UpdatePlan};

impl Data {
    pub(crate) async fn create_plan(&self, plan: NewPlan) -> Result<Answer, Failure> {
        let (plans, groups) = (self.plans_table()?, self.groups_table()?);
        let plan = create_recovery_plan(&plans, &groups, plan, &now()).await?;
        Ok(Answer::Created(object(&plan)))
    }

    pub(crate) async fn list_plans(&self) -> Result<Answer, Failure> {
        let plans = list_recovery_plans(&self.plans_table()?).await?;
        Ok(Answer::Object(list("plans", &plans)))
    }

    pub(crate) async fn get_plan(&self, asked: OnePlan) -> Result<Answer, Failure> {
        let row = get_recovery_plan(&self.plans_table()?, &asked.plan_id).await?;
        Ok(Answer::Object(Json(&row).to_value()))
    }

    pub(crate) async fn update_plan(&self, asked: UpdatePlan) -> Result<Answer, Failure> {
        let (plans, groups) = (self.plans_table()?, self.groups_table()?);
        let UpdatePlan { plan_id, changes } = asked;
        let plan = update_recovery_plan(&plans, &groups, &plan_id, changes, &now()).await?;
        Ok(Answer::Object(object(&plan)))
    }

    pub(crate) async fn delete_plan(&self, asked: OnePlan) -> Result<Answer, Failure> {
        delete_recovery_plan(&self.plans_table()?, &asked.plan_id).await?;
        Ok(Answer::Object(json!({ "planId": asked.plan_id })))
    }
}
