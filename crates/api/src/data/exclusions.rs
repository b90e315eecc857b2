//! Instances that need not be protected.

use inventory::unprotected::{exclude, include};
use jiff::Timestamp;
use serde_json::json;
use sync::time::iso;

use super::Data;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::parameters::{ExcludeUnprotected, IncludeUnprotected};

impl Data {
    /// The next sync acts on it.
    pub(crate) async fn exclude_unprotected(
        &self,
        asked: ExcludeUnprotected,
    ) -> Result<Answer, Failure> {
        let exclusion = asked.exclusion()?;
        exclude(&self.ledger()?, &exclusion, Timestamp::now()).await?;
        let what = exclusion.what.to_string();
        Ok(Answer::Object(json!({ "what": what, "until": iso(exclusion.until) })))
    }

    /// The next sync acts on it.
    pub(crate) async fn include_unprotected(
        &self,
        asked: IncludeUnprotected,
    ) -> Result<Answer, Failure> {
        let what = asked.what()?;
        include(&self.ledger()?, &what, Timestamp::now()).await?;
        Ok(Answer::Object(json!({ "what": what.to_string() })))
    }
}
