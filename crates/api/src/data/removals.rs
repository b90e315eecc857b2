//! Removals that wait, and regions that are closed on purpose.

use inventory::removals::{Seen, Waiting, acknowledge_region, approve_removal};
use jiff::Timestamp;
use model::Place;
use sync::time::iso;

use super::Data;
use crate::answers::{AcknowledgedRegion, ApprovedRemoval};
use crate::failure::Failure;
use crate::parameters::{AcknowledgeRegion, ApproveRemoval};

impl Data {
    /// The next sync acts on it.
    pub(crate) async fn approve_removal(
        &self,
        asked: ApproveRemoval,
    ) -> Result<ApprovedRemoval, Failure> {
        let (waiting, seen) = asked.waiting_and_seen()?;
        approve_removal(&self.ledger()?, &waiting, &seen).await?;
        let (place, installation) = match waiting {
            Waiting::Place(place) => (Some((place.account_id, place.region)), None),
            Waiting::Installation => (None, Some(true)),
        };
        let (account_id, region) = place.unzip();
        let Seen { count, since } = seen;
        Ok(ApprovedRemoval { account_id, region, installation, count, since })
    }

    pub(crate) async fn acknowledge_region(
        &self,
        asked: AcknowledgeRegion,
    ) -> Result<AcknowledgedRegion, Failure> {
        let (place, acknowledgement) = asked.place_and_acknowledgement()?;
        acknowledge_region(&self.ledger()?, &place, &acknowledgement, Timestamp::now()).await?;
        let until = iso(acknowledgement.until);
        let Place { account_id, region } = place;
        Ok(AcknowledgedRegion { account_id, region, until })
    }
}
