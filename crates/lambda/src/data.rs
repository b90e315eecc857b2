//! The operations of `data-management-handler`: changes to accounts, groups and plans.

mod accounts;

use futures::future::BoxFuture;
use inventory::config::Environment;
use inventory::tables::{TableNames, get_target_accounts_table};
use serde_json::Value;

use crate::answer::{Answer, Failure, respond};
use crate::event::{PREFLIGHT, Request, Route, parse, unknown_operation};
use crate::parameters::read;
use crate::query::log_failure;
use crate::runtime::{Handler, Invocation};

const OPERATIONS: [&str; 5] = [
    "add_target_account",
    "update_target_account",
    "delete_target_account",
    "add_staging_account",
    "remove_staging_account",
];

const ACCOUNT: &str = "/target-accounts/{accountId}";
const STAGING: &str = "/target-accounts/{targetAccountId}/staging-accounts";
const ONE_STAGING: &str = "/target-accounts/{targetAccountId}/staging-accounts/{accountId}";

/// What each HTTP request means.
pub const ROUTES: &[Route] = &[
    Route { method: "POST", path: "/target-accounts", operation: "add_target_account" },
    Route { method: "PUT", path: ACCOUNT, operation: "update_target_account" },
    Route { method: "DELETE", path: ACCOUNT, operation: "delete_target_account" },
    Route { method: "POST", path: STAGING, operation: "add_staging_account" },
    Route { method: "DELETE", path: ONE_STAGING, operation: "remove_staging_account" },
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
        let accounts = || get_target_accounts_table(&self.store, &self.names);
        let hub = call.account_id.as_deref();
        match operation.as_str() {
            PREFLIGHT => Ok(Answer::Preflight),
            "add_target_account" => accounts::add(&accounts()?, read(parameters)?, hub).await,
            "update_target_account" => accounts::update(&accounts()?, read(parameters)?, hub).await,
            "delete_target_account" => accounts::delete(&accounts()?, read(parameters)?).await,
            "add_staging_account" => {
                accounts::add_staging(&accounts()?, read(parameters)?, hub).await
            }
            "remove_staging_account" => {
                accounts::remove_staging(&accounts()?, read(parameters)?).await
            }
            unknown => Err(unknown_operation(unknown, &OPERATIONS)),
        }
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
