//! `sync`: collect the servers of all accounts and regions.

use anyhow::bail;
use api::ErrorCode;
use aws::Aws;
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use inventory::outcome::{Completeness, OutcomeError};
use inventory::response::Response;
use inventory::switch::Implementation;
use inventory::{Outcome, handle_sync_source_server_inventory};
use model::environment::{ConfigError, Environment};
use serde_json::json;
use store::Store;
use sync::{InventorySync, Settings, SyncError, SyncRequest};

use crate::args::{SyncArgs, SyncOutput};
use crate::exit;
use crate::render::progress::ProgressBars;
use crate::render::{note, print, summary};
use crate::setup::Setup;
use crate::signals::{Ended, unless_ended};
use crate::store::open;

pub(crate) async fn run(setup: &Setup, args: &SyncArgs) -> anyhow::Result<u8> {
    let (store, environment) = (setup.store(), &setup.environment);
    refuse_legacy(&args.account, environment)?;
    let aws = setup.aws().await?;
    let opened = open(setup).await?;
    let result = match sync(aws, opened, environment, &args.account).await? {
        Ok(result) => result,
        Err(ended) => return Ok(ended.exit_code()),
    };
    match args.output {
        SyncOutput::Text => {
            let outcome = result?;
            let text = summary::summary(&outcome, store, &args.account)
                + &summary::what_to_check(&outcome, store);
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

/// The legacy sync asks all accounts, whatever it is told.
fn refuse_legacy(accounts: &[String], environment: &Environment) -> anyhow::Result<()> {
    if accounts.is_empty() {
        return Ok(());
    }
    match Implementation::from_environment(environment)? {
        Implementation::Refactored => Ok(()),
        Implementation::Legacy => bail!(
            "--account: the legacy sync knows no single account; leave the option out, or set \
             USE_REFACTORED_INVENTORY_SYNC to true"
        ),
    }
}

/// One sync, of these accounts or, where there are none, of all; with its progress on a terminal. Where a signal ends it, what was done is said.
pub(crate) async fn sync(
    aws: Aws,
    store: Store,
    environment: &Environment,
    accounts: &[String],
) -> anyhow::Result<Result<Result<Outcome, OutcomeError>, Ended>> {
    let settings = match Settings::from_environment(environment) {
        Ok(settings) => settings,
        Err(error) => return Ok(Ok(Err(error.into()))),
    };
    let clock = SharedTimeSource::new(SystemTimeSource::new());
    let sync = InventorySync::new(aws, store, settings, clock);
    let bars = ProgressBars::on_stderr();
    let (accounts, progress) = (accounts.to_vec(), bars.progress());
    let request = SyncRequest { accounts, progress, ..SyncRequest::default() };
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
