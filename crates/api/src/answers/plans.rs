//! Recovery plans.

use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::rows::PlanRow;

/// A plan: as it was written, or its row.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Plan<T>(pub(crate) T);

impl<T> PartialSchema for Plan<T> {
    fn schema() -> RefOr<Schema> {
        PlanRow::schema()
    }
}

impl<T> ToSchema for Plan<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        PlanRow::name()
    }

    fn schemas(named: &mut Vec<(String, RefOr<Schema>)>) {
        PlanRow::schemas(named);
    }
}

/// The plan that was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedPlan {
    /// Its id.
    pub(crate) plan_id: String,
}
