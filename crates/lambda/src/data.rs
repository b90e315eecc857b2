//! The operations of `data-management-handler`: changes to accounts, groups and plans.

mod accounts;
mod groups;
mod plans;

use futures::future::BoxFuture;
use inventory::config::{ConfigError, Environment};
use inventory::manage::ManageError;
use inventory::tables::{self, Table, TableNames};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::answer::{Answer, ErrorCode, Failure, respond};
use crate::event::{PREFLIGHT, Request, Route, parse, unknown_operation};
use crate::parameters::{read, take_text};
use crate::query::log_failure;
use crate::runtime::{Handler, Invocation};

const OPERATIONS: [&str; 15] = [
    "add_target_account",
    "update_target_account",
    "delete_target_account",
    "add_staging_account",
    "remove_staging_account",
    "create_protection_group",
    "list_protection_groups",
    "get_protection_group",
    "update_protection_group",
    "delete_protection_group",
    "create_recovery_plan",
    "list_recovery_plans",
    "get_recovery_plan",
    "update_recovery_plan",
    "delete_recovery_plan",
];

const ACCOUNTS: &str = "/target-accounts";
const ACCOUNT: &str = "/target-accounts/{accountId}";
const STAGING: &str = "/target-accounts/{targetAccountId}/staging-accounts";
const ONE_STAGING: &str = "/target-accounts/{targetAccountId}/staging-accounts/{accountId}";
const GROUPS: &str = "/protection-groups";
const GROUP: &str = "/protection-groups/{groupId}";
const PLANS: &str = "/recovery-plans";
const PLAN: &str = "/recovery-plans/{planId}";

/// What each HTTP request means.
pub const ROUTES: &[Route] = &[
    Route { method: "POST", path: ACCOUNTS, operation: "add_target_account" },
    Route { method: "PUT", path: ACCOUNT, operation: "update_target_account" },
    Route { method: "DELETE", path: ACCOUNT, operation: "delete_target_account" },
    Route { method: "POST", path: STAGING, operation: "add_staging_account" },
    Route { method: "DELETE", path: ONE_STAGING, operation: "remove_staging_account" },
    Route { method: "POST", path: GROUPS, operation: "create_protection_group" },
    Route { method: "GET", path: GROUPS, operation: "list_protection_groups" },
    Route { method: "GET", path: GROUP, operation: "get_protection_group" },
    Route { method: "PUT", path: GROUP, operation: "update_protection_group" },
    Route { method: "DELETE", path: GROUP, operation: "delete_protection_group" },
    Route { method: "POST", path: PLANS, operation: "create_recovery_plan" },
    Route { method: "GET", path: PLANS, operation: "list_recovery_plans" },
    Route { method: "GET", path: PLAN, operation: "get_recovery_plan" },
    Route { method: "PUT", path: PLAN, operation: "update_recovery_plan" },
    Route { method: "DELETE", path: PLAN, operation: "delete_recovery_plan" },
];

/// Answers the events of `data-management-handler`. Made once, kept warm between events.
pub struct DataHandler {
    store: aws_sdk_dynamodb::Client,
    names: TableNames,
}

impl DataHandler {
    /// A handler with what the environment says.
    pub fn new(store: aws_sdk_dynamodb::Client, environment: &Environment) -> Self {
        Self { store, names: TableNames::from_environment(environment) }
    }

    async fn answer(&self, request: Request, call: &Invocation) -> Result<Answer, Failure> {
        let Request { operation, parameters } = request;
        match operation.as_str() {
            PREFLIGHT => Ok(Answer::Preflight),
            name if name.ends_with("_account") && OPERATIONS.contains(&name) => {
                self.accounts(name, parameters, call.account_id.as_deref()).await
            }
            name if name.contains("_protection_group") && OPERATIONS.contains(&name) => {
                self.groups(name, parameters).await
            }
            name if OPERATIONS.contains(&name) => self.plans(name, parameters).await,
            unknown => Err(unknown_operation(unknown, &OPERATIONS)),
        }
    }

    async fn accounts(
        &self,
        operation: &str,
        parameters: Map<String, Value>,
        hub: Option<&str>,
    ) -> Result<Answer, Failure> {
        let table = &tables::get_target_accounts_table(&self.store, &self.names)?;
        match operation {
            "add_target_account" => accounts::add(table, read(parameters)?, hub).await,
            "update_target_account" => accounts::update(table, read(parameters)?, hub).await,
            "delete_target_account" => accounts::delete(table, read(parameters)?).await,
            "add_staging_account" => accounts::add_staging(table, read(parameters)?, hub).await,
            _ => accounts::remove_staging(table, read(parameters)?).await,
        }
    }

    async fn groups(
        &self,
        operation: &str,
        mut parameters: Map<String, Value>,
    ) -> Result<Answer, Failure> {
        let table = &self.groups_table()?;
        let inventory = &tables::get_source_server_inventory_table(&self.store, &self.names)?;
        match operation {
            "create_protection_group" => {
                groups::create((table, inventory), read(parameters)?, &now()).await
            }
            "list_protection_groups" => groups::list(table, read(parameters)?).await,
            "get_protection_group" => groups::get((table, inventory), read(parameters)?).await,
            "update_protection_group" => {
                let id = take_text(&mut parameters, "groupId")?;
                groups::update((table, inventory), &id, read(parameters)?, &now()).await
            }
            _ => groups::delete((table, &self.plans_table()?), read(parameters)?).await,
        }
    }

    async fn plans(
        &self,
        operation: &str,
        mut parameters: Map<String, Value>,
    ) -> Result<Answer, Failure> {
        let table = &self.plans_table()?;
        let groups = &self.groups_table()?;
        match operation {
            "create_recovery_plan" => {
                plans::create((table, groups), read(parameters)?, &now()).await
            }
            "list_recovery_plans" => plans::list(table, read(parameters)?).await,
            "get_recovery_plan" => plans::get(table, read(parameters)?).await,
            "update_recovery_plan" => {
                let id = take_text(&mut parameters, "planId")?;
                plans::update((table, groups), &id, read(parameters)?, &now()).await
            }
            _ => plans::delete(table, read(parameters)?).await,
        }
    }

    fn groups_table(&self) -> Result<Table, ConfigError> {
        tables::get_protection_groups_table(&self.store, &self.names)
    }

    fn plans_table(&self) -> Result<Table, ConfigError> {
        tables::get_recovery_plans_table(&self.store, &self.names)
    }
}

impl Handler for DataHandler {
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

fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

fn object(record: &impl Serialize) -> Value {
    serde_json::to_value(record).unwrap_or(Value::Null)
}

impl From<ManageError> for Failure {
    fn from(error: ManageError) -> Self {
        let message = error.to_string();
        let code = match error {
            ManageError::Invalid { .. } => ErrorCode::InvalidParameter,
            ManageError::NotFound { .. } => ErrorCode::NotFound,
            ManageError::AlreadyExists { .. } => ErrorCode::AlreadyExists,
            ManageError::InUse { .. } | ManageError::Unreadable { .. } => ErrorCode::InvalidState,
            ManageError::Contended { .. } => {
                let mut failure = Self::new(ErrorCode::InvalidState, message);
                failure.retryable = Some(true);
                return failure;
            }
            ManageError::Service { source, .. } => {
                return Self::of_service(ErrorCode::DynamodbError, message, &source);
            }
            ManageError::Read(error) => return error.into(),
        };
        Self::new(code, message)
    }
}
