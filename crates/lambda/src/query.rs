//! The operations of `query-handler`: what the inventory holds, and the sync.

mod parameters;
mod syncing;

use aws::Aws;
use futures::future::BoxFuture;
use inventory::accounts::list_accounts;
use inventory::protection_groups::{get_protection_group_row, list_protection_groups};
use inventory::recovery_plans::{get_recovery_plan, list_recovery_plans};
use inventory::regions::query_regions;
use inventory::servers::page::{PageError, query_servers_page};
use inventory::switch::Implementation;
use model::environment::{ConfigError, Environment};
use serde_json::{Map, Value, json};
use store::json::Json;
use store::tables::{self, TableNames};
use store::{Item, Store};
use sync::credentials::identify_hub;
use sync::{InventorySync, Settings};

use crate::answer::{Answer, Caller, ErrorCode, Failure, respond};
use crate::event::{Asked, Request, parse};
use crate::operation::QueryOperation;
use crate::parameters::read;
use crate::runtime::{Handler, Invocation};
use parameters::{OneGroup, OnePlan, OneRegion, Servers};

/// Answers the events of `query-handler`. Made once, kept warm between events.
pub struct QueryHandler {
    aws: Aws,
    store: Store,
    environment: Environment,
    sync: Result<InventorySync, ConfigError>,
}

impl QueryHandler {
    /// A handler with what the environment says. What is wrong there fails the operations that
    /// need it, not the start.
    pub fn new(aws: Aws, client: aws_sdk_dynamodb::Client, environment: Environment) -> Self {
        let store = Store { client, names: TableNames::from_environment(&environment) };
        let settings = Settings::from_environment(&environment);
        let clock = aws_smithy_async::time::SharedTimeSource::default();
        let sync = settings
            .map(|settings| InventorySync::new(aws.clone(), store.clone(), settings, clock));
        Self { aws, store, environment, sync }
    }

    async fn answer(
        &self,
        request: Request<QueryOperation>,
        call: &Invocation,
    ) -> Result<Answer, Failure> {
        let Request { operation, parameters } = request;
        let object = match operation {
            QueryOperation::SyncSourceServerInventory => {
                return syncing::sync(self, parameters, call).await;
            }
            QueryOperation::SyncAccount => {
                return syncing::sync_account(self, parameters, call).await;
            }
            QueryOperation::ListAccountIds => syncing::account_ids(self, parameters).await?,
            QueryOperation::GetSourceServerInventory => self.servers(read(parameters)?).await?,
            QueryOperation::GetRegionStatus => self.regions(read(parameters)?).await?,
            QueryOperation::GetTargetAccounts => self.target_accounts(read(parameters)?).await?,
            QueryOperation::GetProtectionGroups => self.groups(read(parameters)?).await?,
            QueryOperation::GetRecoveryPlans => self.plans(read(parameters)?).await?,
            QueryOperation::GetCurrentAccountId => self.current_account(read(parameters)?).await?,
            QueryOperation::Health => self.health(&read(parameters)?),
        };
        Ok(Answer::Object(object))
    }

    async fn servers(&self, asked: Servers) -> Result<Value, Failure> {
        let table = tables::get_source_server_inventory_table(&self.store)?;
        let (limit, token) = (asked.limit()?, asked.next_token.clone());
        let filter = asked.filter()?;
        let page = query_servers_page(&table, &filter, limit, token.as_deref()).await;
        let page = page.map_err(|error| match error {
            PageError::Token => {
                Failure::new(ErrorCode::InvalidParameter, format!("nextToken: {error}"))
            }
            PageError::Read(error) => error.into(),
        })?;
        let mut object = list("servers", &page.rows);
        if let Some(next) = page.next {
            object["nextToken"] = next.into();
        }
        Ok(object)
    }

    async fn regions(&self, asked: OneRegion) -> Result<Value, Failure> {
        let table = tables::get_drs_region_status_table(&self.store)?;
        Ok(list("regions", &query_regions(&table, asked.region.as_deref()).await?))
    }

    async fn target_accounts(&self, _: crate::parameters::None) -> Result<Value, Failure> {
        let table = tables::get_target_accounts_table(&self.store)?;
        Ok(list("accounts", &list_accounts(&table).await?))
    }

    async fn groups(&self, asked: OneGroup) -> Result<Value, Failure> {
        let table = tables::get_protection_groups_table(&self.store)?;
        let groups = match asked.group_id {
            None => list_protection_groups(&table).await?,
            Some(id) => vec![get_protection_group_row(&table, &id).await?],
        };
        Ok(list("groups", &groups))
    }

    async fn plans(&self, asked: OnePlan) -> Result<Value, Failure> {
        let table = tables::get_recovery_plans_table(&self.store)?;
        let plans = match asked.plan_id {
            None => list_recovery_plans(&table).await?,
            Some(id) => vec![get_recovery_plan(&table, &id).await?],
        };
        Ok(list("plans", &plans))
    }

    async fn current_account(&self, _: crate::parameters::None) -> Result<Value, Failure> {
        let hub = identify_hub(&self.aws).await.map_err(|error| {
            let message = format!("cannot find out the current account: {error}");
            Failure::of_service(ErrorCode::StsError, message, &error)
        })?;
        Ok(json!({ "accountId": hub.account_id }))
    }

    fn health(&self, _: &crate::parameters::None) -> Value {
        let implementation = Implementation::from_environment(&self.environment);
        let mut wrong: Vec<String> = Vec::new();
        wrong.extend(implementation.as_ref().err().map(ToString::to_string));
        wrong.extend(self.sync.as_ref().err().map(ToString::to_string));
        for kind in tables::TableKind::ALL {
            wrong.extend(self.store.names.get(kind).err().map(|error| error.to_string()));
        }
        json!({
            "status": if wrong.is_empty() { "healthy" } else { "unhealthy" },
            "version": env!("CARGO_PKG_VERSION"),
            "implementation": implementation.map(Implementation::name).ok(),
            "problems": wrong,
        })
    }
}

impl Handler for QueryHandler {
    fn handle<'a>(&'a self, event: Value, call: &'a Invocation) -> BoxFuture<'a, Value> {
        Box::pin(async move {
            let (caller, asked) = parse(event);
            let result = match asked {
                Ok(Asked::For(request)) => self.answer(request, call).await,
                Ok(Asked::Preflight) => Ok(Answer::Preflight),
                Err(failure) => Err(failure),
            };
            log_failure(caller, &result);
            respond(caller, result)
        })
    }
}

pub(crate) fn log_failure(caller: Caller, result: &Result<Answer, Failure>) {
    if let Err(Failure { code, message, .. }) = result {
        tracing::warn!(?caller, ?code, message, "request failed");
    }
}

fn list(name: &str, rows: &[Item]) -> Value {
    let rows: Vec<Value> = rows.iter().map(|row| Json(row).to_value()).collect();
    let count = rows.len();
    Value::Object(Map::from_iter([
        (name.to_owned(), Value::Array(rows)),
        ("count".to_owned(), count.into()),
    ]))
}
