//! Whether an account can do what a sync asks of it. It is the sync's own role that tries: what another
//! one may do says nothing of the sync.

use inventory::check::check_accounts;

use super::Queries;
use crate::answers::CheckedAccount;
use crate::failure::{ErrorCode, Failure};
use crate::parameters::OneAccount;

impl Queries {
    pub(crate) async fn check_account(&self, asked: OneAccount) -> Result<CheckedAccount, Failure> {
        let sync = self.sync.as_ref().map_err(|error| Failure::from(error.clone()))?;
        let only = [asked.account_id];
        let checked = check_accounts(&sync.aws, &sync.store, &sync.settings, &only);
        let mut checked = Box::pin(checked).await?;
        let first = checked.pop().ok_or_else(|| {
            Failure::new(ErrorCode::NotFound, "the account is in no row of the accounts table")
        })?;
        Ok(CheckedAccount::of(first))
    }
}
