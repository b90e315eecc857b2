//! Reads of the inventory, and the sync.

mod bucket;
mod check;
mod exported;
mod health;
mod history;
mod listing;
mod nightly;
mod noticed;
mod recent;
mod syncing;
mod unprotected;

use aws::Aws;
use inventory::accounts::list_accounts;
use inventory::overview::{Overview, OverviewTables, read_overview};
use inventory::picture::{Freshness, PictureTables, query_regions, read_picture};
use inventory::protection_groups::{get_protection_group_row, list_protection_groups};
use inventory::recovery_plans::{get_recovery_plan, list_recovery_plans};
use inventory::servers::ServerTables;
use model::environment::{ConfigError, Environment};
use store::tables::{self, TableNames};
use store::{Indexes, Store};
use sync::credentials::identify_hub;
use sync::{InventorySync, Settings};

use crate::answers::{
    AccountList, CurrentAccount, GroupList, OverviewAnswer, PlanList, RegionList, ServerList,
};
use crate::failure::{ErrorCode, Failure};
use crate::parameters::{Groups, Plans, Regions, Servers};

pub use noticed::Noticed;
pub use syncing::{Call, Scope, Untold};

/// What the queries of a process share. Made once, kept warm between calls.
pub struct Queries {
    aws: Aws,
    store: Store,
    environment: Environment,
    sync: Result<InventorySync, ConfigError>,
    recent: recent::Recent,
}

impl Queries {
    /// With what the environment says. What is wrong there fails the operations that need it, not
    /// the start.
    pub fn new(aws: Aws, client: aws_sdk_dynamodb::Client, environment: Environment) -> Self {
        let store = Store {
            client,
            names: TableNames::from_environment(&environment),
            indexes: Indexes::MayLag,
        };
        Self::of_store(aws, store, environment)
    }

    /// Of a store whose tables are named already.
    pub fn of_store(aws: Aws, store: Store, environment: Environment) -> Self {
        let settings = Settings::from_environment(&environment);
        let clock = aws_smithy_async::time::SharedTimeSource::default();
        let sync = settings
            .map(|settings| InventorySync::new(aws.clone(), store.clone(), settings, clock));
        Self { aws, store, environment, sync, recent: recent::Recent::new() }
    }

    pub(crate) async fn servers(&self, asked: Servers) -> Result<ServerList, Failure> {
        let (limit, token) = (asked.limit()?, asked.next_token.clone());
        let listed = self.list_servers(&asked.filter()?, limit, token.as_deref()).await?;
        Ok(ServerList::of(listed.rows, listed.next, listed.stopped_after, listed.picture))
    }

    pub(crate) async fn regions(&self, asked: Regions) -> Result<RegionList, Failure> {
        let table = tables::get_drs_region_status_table(&self.store)?;
        let (tables, freshness) = self.picture()?;
        let regions = query_regions(&table, asked.region.as_deref()).await?;
        let mut picture = read_picture(&tables, &freshness).await?;
        if let Some(region) = &asked.region {
            picture.only_region(region);
        }
        Ok(RegionList::of(regions, picture))
    }

    pub(crate) async fn overview(&self) -> Result<OverviewAnswer, Failure> {
        Ok(OverviewAnswer(self.recent_overview().await?))
    }

    /// The whole installation, and as of when.
    ///
    /// # Errors
    /// A table that cannot be read, or a setting that is wrong.
    pub async fn read_overview(&self) -> Result<(Overview, Freshness), Failure> {
        let tables = OverviewTables::of(&self.store)?;
        let freshness = Freshness::from_environment(&self.environment)?;
        // Boxed, since every operation has its place in the future of any.
        let overview = Box::pin(read_overview(&tables, &freshness)).await?;
        Ok((overview, freshness))
    }

    /// The tables that are read.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// What the program was started with.
    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The tables that servers are read from.
    pub(crate) fn server_tables(&self) -> Result<ServerTables, ConfigError> {
        ServerTables::of(&self.store, &self.environment)
    }

    pub(crate) fn picture(&self) -> Result<(PictureTables, Freshness), ConfigError> {
        Ok((PictureTables::of(&self.store)?, Freshness::from_environment(&self.environment)?))
    }

    pub(crate) async fn target_accounts(&self) -> Result<AccountList, Failure> {
        let table = tables::get_target_accounts_table(&self.store)?;
        Ok(AccountList::of(list_accounts(&table).await?))
    }

    pub(crate) async fn groups(&self, asked: Groups) -> Result<GroupList, Failure> {
        let table = tables::get_protection_groups_table(&self.store)?;
        let groups = match asked.group_id {
            None => list_protection_groups(&table).await?,
            Some(id) => vec![get_protection_group_row(&table, &id).await?],
        };
        Ok(GroupList::of(groups))
    }

    pub(crate) async fn plans(&self, asked: Plans) -> Result<PlanList, Failure> {
        let table = tables::get_recovery_plans_table(&self.store)?;
        let plans = match asked.plan_id {
            None => list_recovery_plans(&table).await?,
            Some(id) => vec![get_recovery_plan(&table, &id).await?],
        };
        Ok(PlanList::of(plans))
    }

    pub(crate) async fn current_account(&self) -> Result<CurrentAccount, Failure> {
        let hub = identify_hub(&self.aws).await.map_err(|error| {
            let message = format!("cannot find out the current account: {error}");
            Failure::of_service(ErrorCode::StsError, message, &error)
        })?;
        Ok(CurrentAccount { account_id: hub.account_id })
    }
}
