//! The operations of `query-handler`: what the inventory holds, and the sync.

mod parameters;
mod sync;

use futures::future::BoxFuture;
use inventory::aws::Aws;
use inventory::config::{Environment, Implementation, Settings};
use inventory::manage::accounts::list_accounts;
use inventory::manage::protection_groups::{get_protection_group_row, list_protection_groups};
use inventory::manage::recovery_plans::{get_recovery_plan, list_recovery_plans};
use inventory::query::Item;
use inventory::query::json::Json;
use inventory::query::page::{PageError, query_servers_page};
use inventory::query::regions::query_regions;
use inventory::sync::credentials::identify_hub;
use inventory::tables::{self, TableNames};
use inventory::{InventorySync, config::ConfigError};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Caller, ErrorCode, Failure, respond};
use crate::event::{PREFLIGHT, Request, Route, parse, unknown_operation};
use crate::parameters::read;
use crate::runtime::{Handler, Invocation};
use parameters::{OneGroup, OnePlan, OneRegion, Servers};

const OPERATIONS: [&str; 10] = [
    "sync_source_server_inventory",
    "sync_account",
    "list_account_ids",
    "get_source_server_inventory",
    "get_region_status",
    "get_target_accounts",
    "get_protection_groups",
    "get_recovery_plans",
    "get_current_account_id",
    "health",
];

/// What each HTTP request means.
pub const ROUTES: &[Route] = &[
    Route { method: "POST", path: "/sync", operation: "sync_source_server_inventory" },
    Route { method: "POST", path: "/sync/{accountId}", operation: "sync_account" },
    Route { method: "GET", path: "/account-ids", operation: "list_account_ids" },
    Route { method: "GET", path: "/source-servers", operation: "get_source_server_inventory" },
    Route { method: "GET", path: "/regions", operation: "get_region_status" },
    Route { method: "GET", path: "/target-accounts", operation: "get_target_accounts" },
    Route { method: "GET", path: "/protection-groups", operation: "get_protection_groups" },
    Route {
        method: "GET",
        path: "/protection-groups/{groupId}",
        operation: "get_protection_groups",
    },
    Route { method: "GET", path: "/recovery-plans", operation: "get_recovery_plans" },
    Route { method: "GET", path: "/recovery-plans/{planId}", operation: "get_recovery_plans" },
    Route { method: "GET", path: "/current-account", operation: "get_current_account_id" },
    Route { method: "GET", path: "/health", operation: "health" },
];

/// Answers the events of `query-handler`. Made once, kept warm between events.
pub struct QueryHandler {
    aws: Aws,
    store: aws_sdk_dynamodb::Client,
    environment: Environment,
    names: TableNames,
    sync: Result<InventorySync, ConfigError>,
}

impl QueryHandler {
    /// A handler with what the environment says. What is wrong there fails the operations that
    /// need it, not the start.
    pub fn new(aws: Aws, store: aws_sdk_dynamodb::Client, environment: Environment) -> Self {
        let names = TableNames::from_environment(&environment);
        let settings = Settings::from_environment(&environment, names.clone());
        let clock = aws_smithy_async::time::SharedTimeSource::default();
        let sync = settings.map(|settings| {
            InventorySync::new(aws.clone(), store.clone(), settings, environment.clone(), clock)
        });
        Self { aws, store, environment, names, sync }
    }

    async fn answer(&self, request: Request, call: &Invocation) -> Result<Answer, Failure> {
        let Request { operation, parameters } = request;
        let object = match operation.as_str() {
            PREFLIGHT => return Ok(Answer::Preflight),
            "sync_source_server_inventory" => return sync::sync(self, parameters, call).await,
            "sync_account" => return sync::sync_account(self, parameters, call).await,
            "list_account_ids" => sync::account_ids(self, parameters).await?,
            "get_source_server_inventory" => self.servers(read(parameters)?).await?,
            "get_region_status" => self.regions(read(parameters)?).await?,
            "get_target_accounts" => self.target_accounts(read(parameters)?).await?,
            "get_protection_groups" => self.groups(read(parameters)?).await?,
            "get_recovery_plans" => self.plans(read(parameters)?).await?,
            "get_current_account_id" => self.current_account(read(parameters)?).await?,
            "health" => self.health(&read(parameters)?),
            unknown => return Err(unknown_operation(unknown, &OPERATIONS)),
        };
        Ok(Answer::Object(object))
    }

    async fn servers(&self, asked: Servers) -> Result<Value, Failure> {
        let table = tables::get_source_server_inventory_table(&self.store, &self.names)?;
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
        let table = tables::get_drs_region_status_table(&self.store, &self.names)?;
        Ok(list("regions", &query_regions(&table, asked.region.as_deref()).await?))
    }

    async fn target_accounts(&self, _: crate::parameters::None) -> Result<Value, Failure> {
        let table = tables::get_target_accounts_table(&self.store, &self.names)?;
        Ok(list("accounts", &list_accounts(&table).await?))
    }

    async fn groups(&self, asked: OneGroup) -> Result<Value, Failure> {
        let table = tables::get_protection_groups_table(&self.store, &self.names)?;
        let groups = match asked.group_id {
            None => list_protection_groups(&table).await?,
            Some(id) => vec![get_protection_group_row(&table, &id).await?],
        };
        Ok(list("groups", &groups))
    }

    async fn plans(&self, asked: OnePlan) -> Result<Value, Failure> {
        let table = tables::get_recovery_plans_table(&self.store, &self.names)?;
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
            wrong.extend(self.names.get(kind).err().map(|error| error.to_string()));
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
            let (caller, request) = parse(event, ROUTES);
            let result = match request {
                Ok(request) => self.answer(request, call).await,
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
