//! Reads of the inventory, and the sync.

mod health;
mod history;
mod noticed;
mod syncing;
mod unprotected;

use aws::Aws;
use inventory::accounts::list_accounts;
use inventory::overview::{Overview, OverviewTables, read_overview};
use inventory::picture::{Freshness, PictureTables, query_regions, read_picture};
use inventory::protection_groups::{get_protection_group_row, list_protection_groups};
use inventory::recovery_plans::{get_recovery_plan, list_recovery_plans};
use inventory::servers::ServerTables;
use inventory::servers::page::{Budget, query_servers_page};
use model::environment::{ConfigError, Environment};
use serde_json::json;
use store::Store;
use store::tables::{self, TableNames};
use sync::credentials::identify_hub;
use sync::{InventorySync, Settings};

use crate::answer::{Answer, list, with_picture};
use crate::failure::{ErrorCode, Failure};
use crate::parameters::{Groups, Plans, Regions, Servers};

pub use noticed::Noticed;
pub use syncing::{Call, Scope};

/// What the queries of a process share. Made once, kept warm between calls.
pub struct Queries {
    aws: Aws,
    store: Store,
    environment: Environment,
    sync: Result<InventorySync, ConfigError>,
}

impl Queries {
    /// With what the environment says. What is wrong there fails the operations that need it, not
    /// the start.
    pub fn new(aws: Aws, client: aws_sdk_dynamodb::Client, environment: Environment) -> Self {
        let store = Store { client, names: TableNames::from_environment(&environment) };
        let settings = Settings::from_environment(&environment);
        let clock = aws_smithy_async::time::SharedTimeSource::default();
        let sync = settings
            .map(|settings| InventorySync::new(aws.clone(), store.clone(), settings, clock));
        Self { aws, store, environment, sync }
    }

    pub(crate) async fn servers(&self, asked: Servers) -> Result<Answer, Failure> {
        let page = (asked.limit()?, asked.next_token.clone());
        let filter = asked.filter()?;
        let tables = self.server_tables()?;
        let freshness = Freshness::from_environment(&self.environment)?;
        let page = (page.0, page.1.as_deref());
        let budget = Budget::default();
        let mut page = query_servers_page(&tables, &filter, page, &budget, &freshness).await?;
        if let Some(region) = filter.region.single() {
            page.picture.only_region(region);
        }
        let mut object = with_picture(list("servers", &page.rows), &page.picture);
        if let Some(next) = page.next {
            object["nextToken"] = next.into();
        }
        if let Some(stopped) = page.stopped {
            object["stoppedEarly"] = true.into();
            object["lookedAt"] = stopped.looked_at.into();
        }
        Ok(Answer::Object(object))
    }

    pub(crate) async fn regions(&self, asked: Regions) -> Result<Answer, Failure> {
        let table = tables::get_drs_region_status_table(&self.store)?;
        let (tables, freshness) = self.picture()?;
        let regions = query_regions(&table, asked.region.as_deref()).await?;
        let mut picture = read_picture(&tables, &freshness).await?;
        if let Some(region) = &asked.region {
            picture.only_region(region);
        }
        Ok(Answer::Object(with_picture(list("regions", &regions), &picture)))
    }

    pub(crate) async fn overview(&self) -> Result<Answer, Failure> {
        let (overview, _) = self.read_overview().await?;
        Ok(Answer::Object(overview.to_json()))
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

    fn server_tables(&self) -> Result<ServerTables, ConfigError> {
        ServerTables::of(&self.store, &self.environment)
    }

    fn picture(&self) -> Result<(PictureTables, Freshness), ConfigError> {
        Ok((PictureTables::of(&self.store)?, Freshness::from_environment(&self.environment)?))
    }

    pub(crate) async fn target_accounts(&self) -> Result<Answer, Failure> {
        let table = tables::get_target_accounts_table(&self.store)?;
        Ok(Answer::Object(list("accounts", &list_accounts(&table).await?)))
    }

    pub(crate) async fn groups(&self, asked: Groups) -> Result<Answer, Failure> {
        let table = tables::get_protection_groups_table(&self.store)?;
        let groups = match asked.group_id {
            None => list_protection_groups(&table).await?,
            Some(id) => vec![get_protection_group_row(&table, &id).await?],
        };
        Ok(Answer::Object(list("groups", &groups)))
    }

    pub(crate) async fn plans(&self, asked: Plans) -> Result<Answer, Failure> {
        let table = tables::get_recovery_plans_table(&self.store)?;
        let plans = match asked.plan_id {
            None => list_recovery_plans(&table).await?,
            Some(id) => vec![get_recovery_plan(&table, &id).await?],
        };
        Ok(Answer::Object(list("plans", &plans)))
    }

    pub(crate) async fn current_account(&self) -> Result<Answer, Failure> {
        let hub = identify_hub(&self.aws).await.map_err(|error| {
            let message = format!("cannot find out the current account: {error}");
            Failure::of_service(ErrorCode::StsError, message, &error)
        })?;
        Ok(Answer::Object(json!({ "accountId": hub.account_id })))
    }
}
