//! Removals that wait, and regions that are closed on purpose.

use inventory::removals::{Waiting, acknowledge_region, approve_removal};
use jiff::Timestamp;
use serde_json::json;
use sync::time::iso;

use super::Data;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::parameters::{AcknowledgeRegion, ApproveRemoval};

impl Data {
    /// The next sync acts on it.
    pub(crate) async fn approve_removal(&self, asked: ApproveRemoval) -> Result<Answer, Failure> {
        let (waiting, seen) = asked.waiting_and_seen()?;
        approve_removal(&self.ledger()?, &waiting, &seen).await?;
        let mut answer = json!({ "count": seen.count, "since": seen.since });
        match waiting {
            Waiting::Place(place) => {
                answer["accountId"] = place.account_id.into();
                answer["region"] = place.region.into();
            }
            Waiting::Installation => answer["installation"] = true.into(),
        }
        Ok(Answer::Object(answer))
    }

    pub(crate) async fn acknowledge_region(
        &self,
        asked: AcknowledgeRegion,
    ) -> Result<Answer, Failure> {
        let (place, acknowledgement) = asked.place_and_acknowledgement()?;
        acknowledge_region(&self.ledger()?, &place, &acknowledgement, Timestamp::now()).await?;
        let until = iso(acknowledgement.until);
        let answer =
            json!({ "accountId": place.account_id, "region": place.region, "until": until });
        Ok(Answer::Object(answer))
    }
}
