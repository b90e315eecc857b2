//! Instances that nothing protects, and those that need not be protected.

use inventory::unprotected::{NewExclusion, UnprotectedFilter, What};
use serde::Deserialize;
use utoipa::ToSchema;

use super::times::until;
use crate::documented::forms::{self as form, LONGEST_KEY};
use crate::failure::{ErrorCode, Failure};

/// More bytes has no region; a sort key has 1024 at most. Source: DynamoDB quotas.
const LONGEST_REGION: usize = 100;

/// Which of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetUnprotected {
    /// This account only.
    #[schema(value_type = Option<form::Key>)]
    pub(crate) account_id: Option<String>,
    /// This region only.
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) region: Option<String>,
}

impl GetUnprotected {
    pub(crate) fn filter(self) -> Result<UnprotectedFilter, Failure> {
        for (name, value, most) in
            [("accountId", &self.account_id, LONGEST_KEY), ("region", &self.region, LONGEST_REGION)]
        {
            if value.as_ref().is_some_and(|value| !(1..=most).contains(&value.len())) {
                let expected = format!("expected 1 to {most} bytes, or nothing at all");
                let message = format!("{name}: is empty or too long; {expected}");
                return Err(Failure::new(ErrorCode::InvalidParameter, message));
            }
        }
        Ok(UnprotectedFilter { account: self.account_id, region: self.region })
    }
}

/// What need not be protected, who says so, why, and until when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExcludeUnprotected {
    /// Which instances.
    #[schema(value_type = form::What)]
    what: String,
    /// Who says so.
    #[schema(value_type = form::Owner)]
    owner: String,
    /// Why.
    #[schema(value_type = form::Reason)]
    reason: String,
    /// Until when; a time that is to come.
    #[schema(value_type = form::Moment)]
    until: String,
}

impl ExcludeUnprotected {
    pub(crate) fn exclusion(self) -> Result<NewExclusion, Failure> {
        let until = until(&self.until)?;
        let what = What::parse(&self.what)?;
        Ok(NewExclusion { what, owner: self.owner, reason: self.reason, until })
    }
}

/// What is excluded no more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IncludeUnprotected {
    /// What an exclusion names.
    #[schema(value_type = form::What)]
    what: String,
}

impl IncludeUnprotected {
    pub(crate) fn what(&self) -> Result<What, Failure> {
        Ok(What::parse(&self.what)?)
    }
}
