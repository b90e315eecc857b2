//! `sync`: collect the servers of all accounts and regions.

use api::ErrorCode;
use aws::Aws;
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use inventory::outcome::{Completeness, OutcomeError};
use inventory::response::Response;
use inventory::{Outcome, handle_sync_source_server_inventory};
use model::environment::{ConfigError, Environment};
use serde_json::json;
use store::Store;
use sync::{InventorySync, Settings, SyncError, SyncRequest};

use crate::args::{SyncArgs, SyncOutput};
use crate::exit;
use crate::render::progress::ProgressBars;
use crate::render::{note, print, summary};
use crate::signals::{Ended, unless_ended};
use crate::store::open;

pub(crate) async fn run(store: Option<&str>, args: &SyncArgs) -> anyhow::Result<u8> {
    let environment = Environment::of_process();
    let opened = open(store, &environment).await?;
    let aws = Aws::from_environment(&environment).await;
    let result = match sync(aws, opened, &environment).await? {
        Ok(result) => result,
        Err(ended) => return Ok(ended.exit_code()),
    };
    match args.output {
        SyncOutput::Text => {
            let outcome = result?;
            let text = summary::summary(&outcome, store) + &summary::what_to_check(&outcome, store);
            print(&text)?;
            Ok(exit_code(&outcome))
        }
        SyncOutput::Json => {
            let (response, code) = match result {
                Ok(outcome) => (Response::from(&outcome), exit_code(&outcome)),
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
    store: Store,
    environment: &Environment,
) -> anyhow::Result<Result<Result<Outcome, OutcomeError>, Ended>> {
    let settings = match Settings::from_environment(environment) {
        Ok(settings) => settings,
        Err(error) => return Ok(Ok(Err(error.into()))),
    };
    let clock = SharedTimeSource::new(SystemTimeSource::new());
    let sync = InventorySync::new(aws, store, settings, clock);
    let bars = ProgressBars::on_stderr();
    let request = SyncRequest { progress: bars.progress(), ..SyncRequest::default() };
    let sync = handle_sync_source_server_inventory(&sync, environment, &request);
    let result = unless_ended(sync).await?;
    bars.finish();
    if let Err(ended) = &result {
        note(&bars.ended(*ended));
    }
    Ok(result)
}

fn exit_code(outcome: &Outcome) -> u8 {
    match outcome.completeness() {
        Completeness::Complete => exit::OK,
        Completeness::Incomplete => exit::INCOMPLETE,
        Completeness::Nothing => exit::FAILED,
    }
}

fn response_of(error: &OutcomeError) -> Response {
    if let OutcomeError::Refactored(SyncError::Config(ConfigError::Missing { variable })) = error {
        return Response::new(500, json!({ "error": format!("{variable} not configured") }));
    }
    let code = ErrorCode::of_sync(error).name();
    Response::new(500, json!({ "error": code, "message": error.to_string() }))
}
