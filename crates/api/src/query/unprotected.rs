//! What nothing protects.

use inventory::picture::Freshness;
use inventory::unprotected::{list_exclusions, list_unprotected};
use jiff::Timestamp;
use store::rows::unprotected::Exclusion;
use store::tables::get_account_region_status_table;

use super::Queries;
use crate::answers::{ExclusionAnswer, UnprotectedList};
use crate::failure::Failure;
use crate::parameters::GetUnprotected;

impl Queries {
    /// Instances that nothing protects, how many each account has, and what is excluded.
    pub(crate) async fn unprotected(
        &self,
        asked: GetUnprotected,
    ) -> Result<UnprotectedList, Failure> {
        let ledger = get_account_region_status_table(&self.store)?;
        let freshness = Freshness::from_environment(&self.environment)?;
        let filter = asked.filter()?;
        let found = list_unprotected(&ledger, &filter, &freshness).await?;
        let exclusions = list_exclusions(&ledger).await?;
        // Where no sync has looked nothing is known, whatever was found elsewhere.
        let complete = !found.accounts.is_empty() && found.not_known.is_empty() && !found.is_cut;
        Ok(UnprotectedList {
            count: found.accounts.iter().map(|account| account.count).sum(),
            instances: found.instances,
            accounts: found.accounts,
            complete,
            not_known: found.not_known,
            is_cut: found.is_cut,
            exclusions: exclusions.into_iter().map(|it| shown(it, freshness.now)).collect(),
        })
    }
}

fn shown(exclusion: Exclusion, now: Timestamp) -> ExclusionAnswer {
    let holds = exclusion.holds_at(now);
    let Exclusion { what, owner, reason, until, since } = exclusion;
    ExclusionAnswer { what, owner, reason, until, since, holds }
}
