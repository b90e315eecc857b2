//! The inventory sync: one file per step.
//!
//! ```text
//! target-accounts ─▶ collect_accounts_to_query ─▶ for each account, bounded:
//!                      claim the account            ─▶ account-region-status (the ledger)
//!                      get_account_credentials         STS, cached
//!                      get_active_regions           ◀─ account-region-status
//!                      query_drs_all_regions           query_drs_single_region × ≤10
//!                      as regions answer:
//!                        enrich_with_ec2_metadata      query_ec2_instances, per origin account and region
//!                        judge                         facts, policy and time
//!                        compare                    ◀─ ListingIndex
//!                        tell                       ─▶ inventory-changes
//!                        write_inventory_to_dynamodb ─▶ source-server-inventory: what changed
//!                        update_region_status       ─▶ account-region-status
//!                      release the account
//!                    retire, adopt, roll up         ─▶ drs-region-status
//!                  ─▶ report
//! ```
//!
//! Where every account has a call of its own, `finish_sync` is the end for all of them.

mod absence;
mod account;
pub mod accounts;
mod accounts_cache;
mod adopt;
mod batches;
mod beside;
mod compare;
mod contest;
pub mod credentials;
mod current_rows;
mod drills;
pub mod drs;
pub mod duplicates;
mod earlier_rows;
pub mod ec2;
pub mod ec2_listing;
pub mod enrich;
mod finish;
mod finish_sync;
pub mod ledger;
pub mod listed_row;
mod listed_server;
mod listing_index;
mod order;
pub mod pace;
mod patience;
pub mod persist;
mod place_look;
pub mod place_outcome;
mod places;
mod policies;
pub mod progress;
mod recent_writes;
mod record;
pub mod region_cache;
pub mod report;
mod retire;
pub mod roll_up;
mod run;
pub mod settings;
mod tell;
pub mod time;
mod troubles;
mod unchanged;
mod unprotected;
mod verdict_change;
mod work;
mod write_beside;

use std::time::Duration;

use aws::{Aws, ServiceError};
use aws_smithy_async::time::SharedTimeSource;
use futures::{StreamExt, stream};
use model::AccountToQuery;
use model::environment::ConfigError;
use store::{QueryError, Store};

use account::sync_account;
use accounts::CollectAccountsError;
use credentials::CredentialsCache;
use finish::{Seen, finish_some, finish_whole};
use ledger::knows_accounts;
use order::in_order_of_asking;
use pace::Deadline;
use progress::{Event, Progress};
use region_cache::{RegionCache, invalidate_region_cache};
use run::{Run, Start};

pub use accounts_cache::AccountsCache;
pub use finish_sync::{AccountsSynced, Finished, finish_inventory_sync};
pub use report::Report;
pub use run::check_clock;
pub use settings::Settings;

/// How long a sync may still write after its deadline, where nobody says otherwise.
pub const TIME_TO_WRITE: Duration = Duration::from_secs(30);

/// How long a sync waits for another one that works in an account, where nobody says otherwise.
pub const WAIT_FOR_OTHERS: Duration = Duration::from_secs(60);

/// What every sync of a process shares. Made once; kept warm between syncs.
#[derive(Clone)]
pub struct InventorySync {
    /// SDK clients.
    pub aws: Aws,
    /// The tables: in DynamoDB, or in the embedded store.
    pub store: Store,
    /// Read once.
    pub settings: Settings,
    /// Sessions of earlier syncs.
    pub credentials: CredentialsCache,
    /// The accounts, for calls that each sync one of them.
    pub accounts: AccountsCache,
    /// Which other places are being read.
    pub regions: RegionCache,
    /// The time of rows and of expiry.
    pub clock: SharedTimeSource,
}

/// What one call asks of a sync.
#[derive(Clone)]
pub struct SyncRequest {
    /// The accounts to sync; none of them for all. Where some are named, the others are not touched: none
    /// retires, and the end of the last whole sync stays as it is.
    pub accounts: Vec<String>,
    /// Of the one account named, the regions to ask, whether they are due or not; none for those that are
    /// due. Nothing else of the account is touched, and nothing is said of the account as a whole.
    pub regions: Option<Vec<String>>,
    /// How long to wait for another sync that works in an account.
    pub waits_for_others: Duration,
    /// When whoever started the sync ends it; `Settings` may name an earlier time.
    pub ends: Deadline,
    /// How long after its deadline a sync may still write what it has.
    pub time_to_write: Duration,
    /// Where events go.
    pub progress: Progress,
    /// Whether regions are rolled up at the end. Not where a sync is spread over many requests, and
    /// somebody rolls up once for all.
    pub rolls_up: bool,
}

impl Default for SyncRequest {
    /// All accounts, without an end, seen by nobody.
    fn default() -> Self {
        Self {
            accounts: Vec::new(),
            regions: None,
            waits_for_others: WAIT_FOR_OTHERS,
            ends: Deadline::none(),
            time_to_write: TIME_TO_WRITE,
            progress: Progress::none(),
            rolls_up: true,
        }
    }
}

/// The sync could not be done at all.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// A variable is missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The accounts are not known.
    #[error(transparent)]
    Accounts(#[from] CollectAccountsError),
    /// The ledger does not say what became of the accounts.
    #[error(transparent)]
    Ledger(#[from] QueryError),
    /// An account asked for is in no row of the accounts table.
    #[error("the account {0} is neither a target nor a staging account; add it first")]
    UnknownAccount(String),
    /// This machine's clock is wrong.
    #[error(
        "the clock of this machine is {} s off that of AWS, and a sync claims accounts by the time: set the clock, or let it be set (NTP)",
        off_by.as_secs()
    )]
    Clock {
        /// In either direction.
        off_by: Duration,
    },
    /// STS does not say who the hub is.
    #[error(
        "cannot find out which account the AWS credentials belong to: {source}; check AWS_PROFILE, AWS_REGION and the credentials"
    )]
    Identity {
        /// What STS answered.
        source: ServiceError,
    },
}

impl SyncRequest {
    /// The regions of the one account to ask, where it is to be asked in part.
    pub(crate) fn part(&self) -> Option<&[String]> {
        self.one_account().and(self.regions.as_deref())
    }

    /// The account, where one alone is asked for.
    pub(crate) fn one_account(&self) -> Option<&str> {
        match self.accounts.as_slice() {
            [account] => Some(account),
            _ => None,
        }
    }
}

impl InventorySync {
    /// A sync with empty caches.
    pub fn new(aws: Aws, store: Store, settings: Settings, clock: SharedTimeSource) -> Self {
        let credentials = CredentialsCache::new(&aws, clock.clone());
        let regions = RegionCache::new(clock.clone());
        let accounts = AccountsCache::default();
        Self { aws, store, settings, credentials, accounts, regions, clock }
    }

    fn deadline(&self, request: &SyncRequest) -> Deadline {
        let setting = self.settings.deadline.map_or(Deadline::none(), Deadline::after);
        setting.or_earlier(request.ends)
    }
}

/// Collects the accounts, asks DRS and EC2 in each, writes rows and region status, reports.
///
/// # Errors
/// [`SyncError`] where nothing could be done; everything less is in the report.
pub async fn handle_sync_source_server_inventory_refactored(
    sync: &InventorySync,
    request: &SyncRequest,
) -> Result<Report, SyncError> {
    let start = Start::of(sync, request)?;
    let known = sync.known_accounts(&start, request).await?;
    let accounts = select(&known, &request.accounts)?;
    request.progress.tell(Event::AccountsCollected { accounts: accounts.len() });

    let mut report = Report::default();
    // Where the ledger does not answer, nobody knows of one.
    if accounts.is_empty() && knows_accounts(&start.ledger).await.unwrap_or(false) {
        report.add_no_accounts(&start.target_accounts.name);
    }
    if !accounts.is_empty() {
        let run = Run::new((sync, request), &start, &known).await?;
        let mut seen = Seen::default();
        let mut outcomes = stream::iter(in_order_of_asking(&run.looks, accounts))
            .map(|(position, account)| sync_account(&run, position, account))
            .buffer_unordered(sync.settings.limits.accounts);
        while let Some(mut outcome) = outcomes.next().await {
            report.add_account(&outcome);
            seen.add(&mut outcome);
        }
        drop(outcomes);
        match (request.accounts.is_empty(), request.rolls_up) {
            (true, true) => Box::pin(finish_whole(&run, &known, seen, &mut report)).await,
            (false, true) => Box::pin(finish_some(&run, seen, &mut report)).await,
            (_, false) => {}
        }
        invalidate_region_cache(&sync.regions);
    }
    report.finish(start.time(), start.elapsed());
    Ok(report)
}

/// All accounts, or those that are asked for, each once.
fn select(known: &[AccountToQuery], only: &[String]) -> Result<Vec<AccountToQuery>, SyncError> {
    let is_known = |id: &String| known.iter().any(|account| account.account_id == *id);
    if let Some(unknown) = only.iter().find(|id| !is_known(id)) {
        return Err(SyncError::UnknownAccount(unknown.clone()));
    }
    let is_asked_for = |account: &&AccountToQuery| only.contains(&account.account_id);
    match only.is_empty() {
        true => Ok(known.to_vec()),
        false => Ok(known.iter().filter(is_asked_for).cloned().collect()),
    }
}
