//! The parameters of an operation, as a type: one of the inventory's own where it fits.

mod accounts;
mod changes;
mod finished_calls;
mod forms;
mod gathered;
mod removals;
mod servers;
mod sync_account;
mod times;
mod unprotected;

use inventory::accounts::NewAccount;
use inventory::{protection_groups, recovery_plans};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::documented::{forms as form, mirrors};
use crate::failure::{ErrorCode, Failure};

pub use accounts::{NewStagingAccount, StagingAccount, UpdateAccount};
pub(crate) use changes::kind;
pub use changes::{Changes, OneServer};
pub use finished_calls::FinishedCalls;
pub use forms::key_and_value;
pub(crate) use forms::number;
pub(crate) use gathered::in_query;
pub use gathered::{add, object_in};
pub use removals::{AcknowledgeRegion, ApproveRemoval};
pub use servers::Servers;
pub use sync_account::SyncAccount;
pub(crate) use times::time;
pub use unprotected::{ExcludeUnprotected, GetUnprotected, IncludeUnprotected};

/// What an operation takes.
pub trait Parameters: Sized {
    /// Reads the parameters of an operation.
    ///
    /// # Errors
    /// `MISSING_PARAMETER` or `INVALID_PARAMETER`, with the name and what was expected.
    fn read(parameters: Map<String, Value>) -> Result<Self, Failure>;
}

impl<T: DeserializeOwned> Parameters for T {
    fn read(parameters: Map<String, Value>) -> Result<Self, Failure> {
        serde_path_to_error::deserialize(Value::Object(parameters)).map_err(|error| {
            let (path, reason) = (error.path().to_string(), error.inner().to_string());
            let code = match reason.starts_with("missing field") {
                true => ErrorCode::MissingParameter,
                false => ErrorCode::InvalidParameter,
            };
            let message = if path == "." { reason } else { format!("{path}: {reason}") };
            Failure::new(code, message.replace("missing field", "missing parameter"))
        })
    }
}

/// No parameters at all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// One region, or all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Regions {
    /// This region only.
    pub region: Option<String>,
}

/// One group, or all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Groups {
    /// This group only.
    #[schema(value_type = Option<form::Key>)]
    pub group_id: Option<String>,
}

/// One plan, or all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plans {
    /// This plan only.
    #[schema(value_type = Option<form::Key>)]
    pub plan_id: Option<String>,
}

/// One account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OneAccount {
    /// Twelve digits, if it is one.
    #[schema(value_type = form::Key)]
    pub account_id: String,
}

/// What to do with accounts of the organization that no row has.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiscoverAccounts {
    /// Whether they are added; without it they are only named.
    #[serde(default)]
    pub apply: bool,
}

/// One group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OneGroup {
    /// Its id.
    #[schema(value_type = form::Key)]
    pub group_id: String,
}

/// One plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OnePlan {
    /// Its id.
    #[schema(value_type = form::Key)]
    pub plan_id: String,
}

/// A type of another crate as a parameter, described by a mirror of it.
macro_rules! described_by {
    ($($name:ident: $mirror:path;)+) => {
        $(
            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                    <$mirror as utoipa::PartialSchema>::schema()
                }
            }

            impl ToSchema for $name {
                fn schemas(named: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
                    <$mirror as ToSchema>::schemas(named);
                }
            }
        )+
    };
}

described_by! {
    NewTargetAccount: mirrors::NewTargetAccount;
    NewProtectionGroup: mirrors::NewProtectionGroup;
    UpdateGroup: mirrors::UpdateGroup;
    NewRecoveryPlan: mirrors::NewRecoveryPlan;
    UpdatePlan: mirrors::UpdatePlan;
}

/// A target account to add.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct NewTargetAccount(pub NewAccount);

/// A group to make.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct NewProtectionGroup(pub protection_groups::Definition);

/// A plan to make.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct NewRecoveryPlan(pub recovery_plans::NewPlan);

/// What to change of a group.
#[derive(Debug)]
pub struct UpdateGroup {
    /// The group.
    pub group_id: String,
    /// Everything else that was given.
    pub changes: protection_groups::Changes,
}

impl Parameters for UpdateGroup {
    fn read(mut parameters: Map<String, Value>) -> Result<Self, Failure> {
        let group_id = take_text(&mut parameters, "groupId")?;
        Ok(Self { group_id, changes: Parameters::read(parameters)? })
    }
}

/// What to change of a plan.
#[derive(Debug)]
pub struct UpdatePlan {
    /// The plan.
    pub plan_id: String,
    /// Everything else that was given.
    pub changes: recovery_plans::Changes,
}

impl Parameters for UpdatePlan {
    fn read(mut parameters: Map<String, Value>) -> Result<Self, Failure> {
        let plan_id = take_text(&mut parameters, "planId")?;
        Ok(Self { plan_id, changes: Parameters::read(parameters)? })
    }
}

/// Takes one text out of the parameters.
fn take_text(parameters: &mut Map<String, Value>, name: &str) -> Result<String, Failure> {
    match parameters.remove(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => {
            let message = format!("{name}: expected a text");
            Err(Failure::new(ErrorCode::InvalidParameter, message))
        }
        None => {
            let message = format!("missing parameter `{name}`");
            Err(Failure::new(ErrorCode::MissingParameter, message))
        }
    }
}
