//! The operations of `data-management-handler`: changes to accounts, groups and plans.

mod accounts;
mod groups;
mod plans;

use futures::future::BoxFuture;
use inventory::ManageError;
use jiff::Timestamp;
use model::environment::{ConfigError, Environment};
use serde::Serialize;
use serde_json::Value;
use store::Store;
use store::tables::{
    self, ProtectionGroupsTable, RecoveryPlansTable, SourceServerInventoryTable, TableNames,
    TargetAccountsTable,
};

use crate::answer::{Answer, ErrorCode, Failure, respond};
use crate::event::{Asked, Request, parse};
use crate::operation::DataOperation;
use crate::parameters::{read, take_text};
use crate::query::log_failure;
use crate::runtime::{Handler, Invocation};

/// Answers the events of `data-management-handler`. Made once, kept warm between events.
pub struct DataHandler {
    store: Store,
}

impl DataHandler {
    /// A handler with what the environment says.
    pub fn new(client: aws_sdk_dynamodb::Client, environment: &Environment) -> Self {
        Self { store: Store { client, names: TableNames::from_environment(environment) } }
    }

    async fn answer(
        &self,
        request: Request<DataOperation>,
        call: &Invocation,
    ) -> Result<Answer, Failure> {
        let Request { operation, mut parameters } = request;
        let hub = call.account_id.as_deref();
        let (accounts, inventory) = (&self.accounts_table(), &self.inventory_table());
        let (groups, plans) = (&self.groups_table(), &self.plans_table());
        match operation {
            DataOperation::AddTargetAccount => {
                accounts::add(there(accounts)?, read(parameters)?, hub).await
            }
            DataOperation::UpdateTargetAccount => {
                accounts::update(there(accounts)?, read(parameters)?, hub).await
            }
            DataOperation::DeleteTargetAccount => {
                accounts::delete(there(accounts)?, read(parameters)?).await
            }
            DataOperation::AddStagingAccount => {
                accounts::add_staging(there(accounts)?, read(parameters)?, hub).await
            }
            DataOperation::RemoveStagingAccount => {
                accounts::remove_staging(there(accounts)?, read(parameters)?).await
            }
            DataOperation::CreateProtectionGroup => {
                let tables = (there(groups)?, there(inventory)?);
                groups::create(tables, read(parameters)?, &now()).await
            }
            DataOperation::ListProtectionGroups => {
                groups::list(there(groups)?, read(parameters)?).await
            }
            DataOperation::GetProtectionGroup => {
                groups::get((there(groups)?, there(inventory)?), read(parameters)?).await
            }
            DataOperation::UpdateProtectionGroup => {
                let id = take_text(&mut parameters, "groupId")?;
                let tables = (there(groups)?, there(inventory)?);
                groups::update(tables, &id, read(parameters)?, &now()).await
            }
            DataOperation::DeleteProtectionGroup => {
                groups::delete((there(groups)?, there(plans)?), read(parameters)?).await
            }
            DataOperation::CreateRecoveryPlan => {
                plans::create((there(plans)?, there(groups)?), read(parameters)?, &now()).await
            }
            DataOperation::ListRecoveryPlans => plans::list(there(plans)?, read(parameters)?).await,
            DataOperation::GetRecoveryPlan => plans::get(there(plans)?, read(parameters)?).await,
            DataOperation::UpdateRecoveryPlan => {
                let id = take_text(&mut parameters, "planId")?;
                let tables = (there(plans)?, there(groups)?);
                plans::update(tables, &id, read(parameters)?, &now()).await
            }
            DataOperation::DeleteRecoveryPlan => {
                plans::delete(there(plans)?, read(parameters)?).await
            }
        }
    }

    fn accounts_table(&self) -> Result<TargetAccountsTable, ConfigError> {
        tables::get_target_accounts_table(&self.store)
    }

    fn inventory_table(&self) -> Result<SourceServerInventoryTable, ConfigError> {
        tables::get_source_server_inventory_table(&self.store)
    }

    fn groups_table(&self) -> Result<ProtectionGroupsTable, ConfigError> {
        tables::get_protection_groups_table(&self.store)
    }

    fn plans_table(&self) -> Result<RecoveryPlansTable, ConfigError> {
        tables::get_recovery_plans_table(&self.store)
    }
}

impl Handler for DataHandler {
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

/// A table, or why this operation cannot have it.
fn there<T>(table: &Result<T, ConfigError>) -> Result<&T, Failure> {
    table.as_ref().map_err(|error| error.clone().into())
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
