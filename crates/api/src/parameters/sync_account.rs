//! One account to sync, whole or in part.

use model::region::is_region;
use serde::Deserialize;
use utoipa::ToSchema;

use super::forms::texts;
use crate::documented::forms as form;
use crate::failure::{ErrorCode, Failure};

/// More regions than these are no part of an account.
const MOST_REGIONS: usize = 50;

/// One account to sync.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SyncAccount {
    /// The account.
    #[schema(value_type = form::Key)]
    account_id: String,
    /// Only these are asked, due or not; without it, those that are due.
    #[serde(default, deserialize_with = "texts")]
    #[schema(value_type = Vec<form::Region>, max_items = 50)]
    regions: Vec<String>,
}

impl SyncAccount {
    /// The account, and its regions to ask; none for those that are due.
    pub(crate) fn account_and_regions(self) -> Result<(String, Option<Vec<String>>), Failure> {
        let invalid = |message| Err(Failure::new(ErrorCode::InvalidParameter, message));
        if self.regions.len() > MOST_REGIONS {
            return invalid(format!("regions: expected {MOST_REGIONS} regions at most"));
        }
        if let Some(wrong) = self.regions.iter().find(|region| !is_region(region)) {
            let wrong: String = wrong.chars().take(100).collect();
            return invalid(format!(
                "regions: {wrong:?} is no region; expected one as in us-east-1"
            ));
        }
        Ok((self.account_id, Some(self.regions).filter(|regions| !regions.is_empty())))
    }
}
