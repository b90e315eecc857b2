//! Whether an account can do what a sync asks of it.

use inventory::check::{AccountCheck, RegionCheck, Step};
use serde::Serialize;
use utoipa::ToSchema;

/// What came of checking one account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckedAccount {
    /// As it stands in the accounts table.
    pub(crate) account_id: String,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_name: Option<String>,
    /// Whether no step failed.
    pub(crate) passed: bool,
    /// In their order.
    #[schema(value_type = Vec<CheckStep>)]
    pub(crate) steps: Vec<Step>,
    /// What each region answered, by name.
    #[schema(value_type = Vec<CheckedRegion>)]
    pub(crate) regions: Vec<RegionCheck>,
}

impl CheckedAccount {
    pub(crate) fn of(check: AccountCheck) -> Self {
        let AccountCheck { account_id, account_name, passed, steps, regions } = check;
        Self { account_id, account_name, passed, steps, regions }
    }
}

/// One step.
#[derive(Debug, ToSchema)]
pub struct CheckStep {
    /// What was tried.
    pub what: String,
    /// How it went.
    pub how: HowItWent,
    /// What was found, with the words of AWS where it refused; may be empty.
    pub found: String,
    /// The change that mends it.
    pub change: Option<String>,
}

/// `ok`; `optional`: a sync does better with it; `failed`; `not-reached`: an earlier step failed.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the type tells what each means")]
pub enum HowItWent {
    Ok,
    Optional,
    Failed,
    NotReached,
}

/// What one region answered.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CheckedRegion {
    /// As in `us-east-1`.
    pub region: String,
    /// What asking DRS ended as.
    pub status: String,
    /// Whether the account has enabled the region; absent where nobody may ask.
    pub enabled: Option<bool>,
    /// Servers that DRS lists; absent where it did not answer.
    pub servers: Option<u64>,
    /// Of these, those that count against the quota.
    pub replicating: Option<u64>,
}
