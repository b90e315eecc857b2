//! The accounts table, read once a minute at most where every account has a call of its own: each of
//! them would read it whole.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use model::AccountToQuery;
use store::tables::{TargetAccountsTable, get_target_accounts_table};
use tokio::sync::Mutex;

use super::accounts::{CollectAccountsError, collect_accounts_to_query, merge_listings};
use super::run::Start;
use super::{InventorySync, SyncError, SyncRequest};

/// What was read is believed for this long.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// All accounts, as they were read last. Clones share it.
#[derive(Clone, Default)]
pub struct AccountsCache(Arc<Mutex<Option<Kept>>>);

struct Kept {
    accounts: Arc<[AccountToQuery]>,
    read_at: SystemTime,
}

impl Kept {
    fn is_fresh(&self, now: SystemTime) -> bool {
        now.duration_since(self.read_at).is_ok_and(|age| age < GOOD_FOR)
    }

    fn has(&self, account_id: &str, now: SystemTime) -> bool {
        self.is_fresh(now) && self.accounts.iter().any(|account| account.account_id == account_id)
    }
}

impl InventorySync {
    /// All accounts: as they are now, or, for one of many calls, as they were a minute ago at most.
    /// An account that was not there then is looked for again.
    pub(crate) async fn known_accounts(
        &self,
        start: &Start,
        request: &SyncRequest,
    ) -> Result<Arc<[AccountToQuery]>, CollectAccountsError> {
        let one_of_many = request.one_account().filter(|_| !request.rolls_up);
        let is_good = |kept: &Kept, now| one_of_many.is_some_and(|id| kept.has(id, now));
        self.read_accounts(&start.target_accounts, is_good).await
    }

    /// Whether an account is a target or a staging account, now or a minute ago.
    ///
    /// # Errors
    /// The accounts are not known.
    pub async fn knows_account(&self, account_id: &str) -> Result<bool, SyncError> {
        let table = get_target_accounts_table(&self.store)?;
        let accounts = self.read_accounts(&table, Kept::is_fresh).await?;
        Ok(accounts.iter().any(|account| account.account_id == account_id))
    }

    /// As they were read last where that is good enough, else as they are now.
    async fn read_accounts(
        &self,
        table: &TargetAccountsTable,
        is_good: impl Fn(&Kept, SystemTime) -> bool,
    ) -> Result<Arc<[AccountToQuery]>, CollectAccountsError> {
        let now = self.clock.now();
        // Who comes meanwhile waits for the answer.
        let mut kept = self.accounts.0.lock().await;
        if let Some(good) = kept.as_ref().filter(|kept| is_good(kept, now)) {
            return Ok(Arc::clone(&good.accounts));
        }
        let (targets, stagings) = collect_accounts_to_query(table).await?;
        let accounts: Arc<[_]> = merge_listings(&targets, &stagings).into();
        *kept = Some(Kept { accounts: Arc::clone(&accounts), read_at: now });
        Ok(accounts)
    }
}
