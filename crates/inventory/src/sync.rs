//! The inventory sync: one file a step.

mod account;
pub mod accounts;
pub mod credentials;
pub mod drs;
pub mod drs_status;
pub mod duplicates;
mod earlier_rows;
pub mod ec2;
pub mod enrich;
pub mod lock;
mod order;
pub mod pace;
mod patience;
pub mod persist;
pub mod progress;
pub mod region_status;
pub mod regions;
pub mod report;
pub mod response;
mod run;

use std::time::Duration;

use aws_smithy_async::time::SharedTimeSource;
use futures::{StreamExt, stream};

use crate::aws::Aws;
use crate::config::{ConfigError, Environment, Implementation, Settings};
use crate::legacy::{LegacyError, handle_sync_source_server_inventory_legacy};
use crate::model::AccountToQuery;
use account::sync_account;
use accounts::{CollectAccountsError, collect_accounts_to_query, merge_listings};
use credentials::CredentialsCache;
use order::in_order_of_asking;
use pace::Deadline;
use progress::{Event, Progress};
use region_status::{RegionCache, invalidate_region_cache, update_attempts, update_region_status};
use report::Report;
use response::Response;
use run::{Run, Start};

/// How long a sync may still write after its deadline, where nobody says otherwise.
pub const TIME_TO_WRITE: Duration = Duration::from_secs(30);

/// Everything a sync needs. Made once; kept warm between syncs.
#[derive(Clone)]
pub struct InventorySync {
    /// SDK clients.
    pub aws: Aws,
    /// The store of all tables: DynamoDB, or the embedded one.
    pub store: aws_sdk_dynamodb::Client,
    /// Read once.
    pub settings: Settings,
    /// Read at every sync, for the flag.
    pub environment: Environment,
    /// Sessions of earlier syncs.
    pub credentials: CredentialsCache,
    /// Region status of earlier syncs.
    pub regions: RegionCache,
    /// The time of rows and of expiry.
    pub clock: SharedTimeSource,
    /// Where events go.
    pub progress: Progress,
    /// When whoever started the sync ends it; `Settings` may name an earlier time.
    pub ends: Deadline,
    /// How long after its deadline a sync may still write what it has.
    pub time_to_write: Duration,
    /// The one account to sync; none for all.
    pub only: Option<String>,
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
    /// An error left the legacy implementation.
    #[error(transparent)]
    Legacy(#[from] LegacyError),
    /// The one account asked for is in no row of the accounts table.
    #[error("the account {0} is neither a target nor a staging account; add it first")]
    UnknownAccount(String),
    /// STS does not say who the hub is.
    #[error(
        "cannot find out which account the AWS credentials belong to: {source}; check AWS_PROFILE, AWS_REGION and the credentials"
    )]
    Identity {
        /// What STS answered.
        source: crate::aws::ServiceError,
    },
}

impl InventorySync {
    /// A sync with empty caches that shows its progress to nobody.
    pub fn new(
        aws: Aws,
        store: aws_sdk_dynamodb::Client,
        settings: Settings,
        environment: Environment,
        clock: SharedTimeSource,
    ) -> Self {
        let credentials = CredentialsCache::new(&aws, clock.clone());
        let regions = RegionCache::new(clock.clone());
        let (progress, ends, only) = (Progress::none(), Deadline::none(), None);
        Self {
            aws,
            store,
            settings,
            environment,
            credentials,
            regions,
            clock,
            progress,
            ends,
            time_to_write: TIME_TO_WRITE,
            only,
        }
    }

    fn deadline(&self) -> Deadline {
        let setting = self.settings.deadline.map_or(Deadline::none(), Deadline::after);
        setting.or_earlier(self.ends)
    }
}

/// One sync, by the implementation that `USE_REFACTORED_INVENTORY_SYNC` names now.
///
/// # Errors
/// [`SyncError`] where nothing could be done; everything less is in the response.
pub async fn handle_sync_source_server_inventory(
    sync: &InventorySync,
) -> Result<Response, SyncError> {
    let implementation = Implementation::from_environment(&sync.environment)?;
    tracing::info!(implementation = implementation.name(), "inventory sync starts");
    match implementation {
        Implementation::Refactored => handle_sync_source_server_inventory_refactored(sync).await,
        Implementation::Legacy => Ok(handle_sync_source_server_inventory_legacy(sync).await?),
    }
}

/// Collects the accounts, asks DRS and EC2 in each, writes rows and region status, reports.
///
/// # Errors
/// [`SyncError`] where nothing could be done; everything less is in the response.
pub async fn handle_sync_source_server_inventory_refactored(
    sync: &InventorySync,
) -> Result<Response, SyncError> {
    let start = Start::of(sync)?;
    let (targets, stagings) = collect_accounts_to_query(&start.target_accounts).await?;
    let known = merge_listings(&targets, &stagings);
    let accounts = select(&known, sync.only.as_deref())?;
    sync.progress.tell(Event::AccountsCollected { accounts: accounts.len() });

    let mut report = Report::default();
    if !accounts.is_empty() {
        let run = Run::new(sync, &start, &known).await?;
        let mut regions = Vec::new();
        let mut attempts = run.known.attempts().clone();
        let (table, now, ends) = (&start.region_status, start.time(), start.regions_end);
        let mut outcomes = stream::iter(in_order_of_asking(&run.known, accounts))
            .map(|(place, account)| sync_account(&run, place, account))
            .buffer_unordered(sync.settings.limits.accounts);
        while let Some(mut outcome) = outcomes.next().await {
            report.add_account(&outcome);
            attempts.add(&outcome, &now);
            regions.extend(outcome.regions.drain(..).map(|(region, _)| region));
        }
        drop(outcomes);
        report.add_row_failures(&run.write_contested().await);
        let failures = update_region_status(table, &run.known, regions, &now, ends).await;
        report.add_region_row_failures(&failures);
        if sync.only.is_none() {
            update_attempts(table, &run.known, attempts, &known, (&now, ends)).await;
        }
        invalidate_region_cache(&sync.regions);
    }
    report.finish(start.elapsed());
    Ok(report.respond(&start.time()))
}

/// All accounts, or the one that is asked for.
fn select(known: &[AccountToQuery], only: Option<&str>) -> Result<Vec<AccountToQuery>, SyncError> {
    let Some(only) = only else { return Ok(known.to_vec()) };
    let account = known.iter().find(|account| account.account_id == only);
    account.map(|it| vec![it.clone()]).ok_or_else(|| SyncError::UnknownAccount(only.to_owned()))
}
