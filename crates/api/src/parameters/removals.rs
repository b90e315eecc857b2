//! What is let go, and what was seen of it.

use inventory::removals::{Acknowledgement, Seen, Waiting};
use model::Place;
use serde::Deserialize;
use utoipa::ToSchema;

use super::times::until;
use crate::documented::forms as form;
use crate::failure::{ErrorCode, Failure};

/// A set of removals, as somebody saw it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApproveRemoval {
    /// The account, together with `region`.
    pub(crate) account_id: Option<String>,
    /// The region, together with `accountId`.
    pub(crate) region: Option<String>,
    /// `true` in place of `accountId` and `region`: what waits of the whole installation.
    #[serde(default)]
    pub(crate) installation: bool,
    /// How many rows were seen to wait.
    pub(crate) count: u64,
    /// Since when they were seen to wait.
    #[schema(value_type = form::Time)]
    pub(crate) since: String,
}

impl ApproveRemoval {
    pub(crate) fn waiting_and_seen(self) -> Result<(Waiting, Seen), Failure> {
        let waiting = match (self.account_id, self.region, self.installation) {
            (Some(account), Some(region), false) => Waiting::Place(Place::new(&account, &region)),
            (None, None, true) => Waiting::Installation,
            _ => {
                let message = "give either accountId and region, or installation: true";
                return Err(Failure::new(ErrorCode::InvalidParameter, message));
            }
        };
        Ok((waiting, Seen { count: self.count, since: self.since }))
    }
}

/// A region of an account that is closed on purpose.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcknowledgeRegion {
    /// The account.
    #[schema(value_type = form::Key)]
    account_id: String,
    /// The region, which a sync has asked.
    #[schema(value_type = form::Key)]
    region: String,
    /// Until when; a time that is to come.
    #[schema(value_type = form::Moment)]
    until: String,
    /// Why.
    #[schema(value_type = form::Reason)]
    because: String,
}

impl AcknowledgeRegion {
    pub(crate) fn place_and_acknowledgement(self) -> Result<(Place, Acknowledgement), Failure> {
        let until = until(&self.until)?;
        let place = Place::new(&self.account_id, &self.region);
        Ok((place, Acknowledgement { until, because: self.because }))
    }
}
