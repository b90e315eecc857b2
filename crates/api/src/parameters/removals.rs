//! What is let go, and what was seen of it.

use inventory::changes::moment;
use inventory::removals::{Acknowledgement, Seen, Waiting};
use model::Place;
use serde::Deserialize;

use crate::failure::{ErrorCode, Failure};

/// A set of removals, as somebody saw it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApproveRemoval {
    account_id: Option<String>,
    region: Option<String>,
    #[serde(default)]
    installation: bool,
    count: u64,
    since: String,
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
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcknowledgeRegion {
    account_id: String,
    region: String,
    until: String,
    because: String,
}

impl AcknowledgeRegion {
    pub(crate) fn place_and_acknowledgement(self) -> Result<(Place, Acknowledgement), Failure> {
        let until = moment(&self.until).ok_or_else(|| {
            let text: String = self.until.chars().take(100).collect();
            let message = format!("until: {text:?} is no time; expected one as in 2027-01-31");
            Failure::new(ErrorCode::InvalidParameter, message)
        })?;
        let place = Place::new(&self.account_id, &self.region);
        Ok((place, Acknowledgement { until, because: self.because }))
    }
}
