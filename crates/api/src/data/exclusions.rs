//! Instances that need not be protected.

use inventory::unprotected::{exclude, include};
use jiff::Timestamp;
use sync::time::iso;

use super::Data;
use crate::answers::{Excluded, Included};
use crate::failure::Failure;
use crate::parameters::{ExcludeUnprotected, IncludeUnprotected};

impl Data {
    /// The next sync acts on it.
    pub(crate) async fn exclude_unprotected(
        &self,
        asked: ExcludeUnprotected,
    ) -> Result<Excluded, Failure> {
        let exclusion = asked.exclusion()?;
        exclude(&self.ledger()?, &exclusion, Timestamp::now()).await?;
        let what = exclusion.what.to_string();
        Ok(Excluded { what, until: iso(exclusion.until) })
    }

    /// The next sync acts on it.
    pub(crate) async fn include_unprotected(
        &self,
        asked: IncludeUnprotected,
    ) -> Result<Included, Failure> {
        let what = asked.what()?;
        include(&self.ledger()?, &what, Timestamp::now()).await?;
        Ok(Included { what: what.to_string() })
    }
}
