//! `sync`: collect the servers of all accounts and regions.

use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use inventory::aws::Aws;
use inventory::config::{ConfigError, Environment, Settings};
use inventory::sync::SyncError;
use inventory::sync::response::Response;
use inventory::{InventorySync, handle_sync_source_server_inventory};
use serde_json::json;

use crate::args::{SyncArgs, SyncOutput};
use crate::exit;
use crate::render::progress::ProgressBars;
use crate::render::{note, print, summary};
use crate::signals::{Ended, unless_ended};
use crate::store::{OpenStore, open};

pub(crate) async fn run(store: Option<&str>, args: &SyncArgs) -> anyhow::Result<u8> {
    let environment = Environment::of_process();
    let opened = open(store, &environment).await?;
    let aws = Aws::from_environment(&environment).await;
    let result = match sync(aws, opened, environment).await? {
        Ok(result) => result,
        Err(ended) => return Ok(ended.exit_code()),
    };
    match args.output {
        SyncOutput::Text => {
            let response = result?;
            print(&summary::summary(&response, store))?;
            Ok(exit_code(&response))
        }
        SyncOutput::Json => {
            let (response, code) = match result {
                Ok(response) => {
                    let code = exit_code(&response);
                    (response, code)
                }
                Err(error) => (response_of(&error), exit::FAILED),
            };
            print(&format!("{:#}\n", response.to_json()))?;
            Ok(code)
        }
    }
}

/// One sync, with its progress on a terminal. Where a signal ends it, what was done is said.
pub(crate) async fn sync(
    aws: Aws,
    store: OpenStore,
    environment: Environment,
) -> anyhow::Result<Result<Result<Response, SyncError>, Ended>> {
    let settings = match Settings::from_environment(&environment, store.tables) {
        Ok(settings) => settings,
        Err(error) => return Ok(Ok(Err(error.into()))),
    };
    let clock = SharedTimeSource::new(SystemTimeSource::new());
    let mut sync = InventorySync::new(aws, store.client, settings, environment, clock);
    let bars = ProgressBars::on_stderr();
    sync.progress = bars.progress();
    let result = unless_ended(handle_sync_source_server_inventory(&sync)).await?;
    bars.finish();
    if let Err(ended) = &result {
        note(&bars.ended(*ended));
    }
    Ok(result)
}

fn exit_code(response: &Response) -> u8 {
    match response.status_code {
        200 if response.is_complete() => exit::OK,
        200 => exit::INCOMPLETE,
        _ => exit::FAILED,
    }
}

fn response_of(error: &SyncError) -> Response {
    let body = match error {
        SyncError::Config(ConfigError::Missing { variable }) => {
            json!({ "error": format!("{variable} not configured") })
        }
        SyncError::Accounts(_) => {
            json!({ "error": "DYNAMODB_ERROR", "message": error.to_string() })
        }
        SyncError::Identity { .. } => json!({ "error": "STS_ERROR", "message": error.to_string() }),
        SyncError::UnknownAccount(_) => {
            json!({ "error": "NOT_FOUND", "message": error.to_string() })
        }
        SyncError::Legacy(_) | SyncError::Config(_) => {
            json!({ "error": "INTERNAL_ERROR", "message": error.to_string() })
        }
    };
    Response::new(500, body)
}
