//! Instances that nothing protects, and those that need not be protected.

use inventory::changes::moment;
use inventory::unprotected::{NewExclusion, What};
use serde::Deserialize;

use crate::failure::{ErrorCode, Failure};

/// Which of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetUnprotected {
    pub(crate) account_id: Option<String>,
    pub(crate) region: Option<String>,
}

/// What need not be protected, who says so, why, and until when.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExcludeUnprotected {
    what: String,
    owner: String,
    reason: String,
    until: String,
}

impl ExcludeUnprotected {
    pub(crate) fn exclusion(self) -> Result<NewExclusion, Failure> {
        let until = moment(&self.until).ok_or_else(|| {
            let text: String = self.until.chars().take(100).collect();
            let message = format!("until: {text:?} is no time; expected one as in 2027-01-31");
            Failure::new(ErrorCode::InvalidParameter, message)
        })?;
        let what = What::parse(&self.what)?;
        Ok(NewExclusion { what, owner: self.owner, reason: self.reason, until })
    }
}

/// What is excluded no more.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IncludeUnprotected {
    what: String,
}

impl IncludeUnprotected {
    pub(crate) fn what(&self) -> Result<What, Failure> {
        Ok(What::parse(&self.what)?)
    }
}
