//! Recovery plans.

use inventory::recovery_plans::{
    NewPlan, RecoveryPlan, create_recovery_plan, delete_recovery_plan, get_recovery_plan,
    list_recovery_plans, update_recovery_plan,
};

use super::{Data, now};
use crate::answer::Created;
use crate::answers::{DeletedPlan, Plan, PlanList, Row};
use crate::failure::Failure;
use crate::parameters::{OnePlan, UpdatePlan};

impl Data {
    pub(crate) async fn create_plan(
        &self,
        plan: NewPlan,
    ) -> Result<Created<Plan<RecoveryPlan>>, Failure> {
        let (plans, groups) = (self.plans_table()?, self.groups_table()?);
        let plan = create_recovery_plan(&plans, &groups, plan, &now()).await?;
        Ok(Created(Plan(plan)))
    }

    pub(crate) async fn list_plans(&self) -> Result<PlanList, Failure> {
        let plans = list_recovery_plans(&self.plans_table()?).await?;
        Ok(PlanList::of(plans))
    }

    pub(crate) async fn get_plan(&self, asked: OnePlan) -> Result<Plan<Row>, Failure> {
        let row = get_recovery_plan(&self.plans_table()?, &asked.plan_id).await?;
        Ok(Plan(Row(row)))
    }

    pub(crate) async fn update_plan(
        &self,
        asked: UpdatePlan,
    ) -> Result<Plan<RecoveryPlan>, Failure> {
        let (plans, groups) = (self.plans_table()?, self.groups_table()?);
        let UpdatePlan { plan_id, changes } = asked;
        let plan = update_recovery_plan(&plans, &groups, &plan_id, changes, &now()).await?;
        Ok(Plan(plan))
    }

    pub(crate) async fn delete_plan(&self, asked: OnePlan) -> Result<DeletedPlan, Failure> {
        delete_recovery_plan(&self.plans_table()?, &asked.plan_id).await?;
        Ok(DeletedPlan { plan_id: asked.plan_id })
    }
}
