//! What nothing protects.

use inventory::picture::Freshness;
use inventory::unprotected::{UnprotectedFilter, list_exclusions, list_unprotected};
use serde_json::json;
use store::tables::get_account_region_status_table;

use super::Queries;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::parameters::GetUnprotected;

impl Queries {
    /// Instances that nothing protects, how many each account has, and what is excluded.
    pub(crate) async fn unprotected(&self, asked: GetUnprotected) -> Result<Answer, Failure> {
        let ledger = get_account_region_status_table(&self.store)?;
        let freshness = Freshness::from_environment(&self.environment)?;
        let filter = UnprotectedFilter { account: asked.account_id, region: asked.region };
        let found = list_unprotected(&ledger, &filter, &freshness).await?;
        let exclusions = list_exclusions(&ledger).await?;
        Ok(Answer::Object(json!({
            "count": found.accounts.iter().map(|account| account.count).sum::<u64>(),
            "instances": found.instances,
            "accounts": found.accounts,
            // Where no sync has looked nothing is known, whatever was found elsewhere.
            "complete": !found.accounts.is_empty() && found.not_known.is_empty() && !found.is_cut,
            "notKnown": found.not_known,
            "isCut": found.is_cut,
            "exclusions": exclusions.iter().map(|it| json!({
                "what": it.what, "owner": it.owner, "reason": it.reason, "until": it.until,
                "since": it.since, "holds": it.holds_at(freshness.now),
            })).collect::<Vec<_>>(),
        })))
    }
}
