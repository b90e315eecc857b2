//! `check`: whether the hub has what a sync starts with.

use inventory::check::check_hub;
use inventory::picture::Freshness;
use sync::Settings;

use crate::args::{CheckArgs, StatusOutput};
use crate::exit;
use crate::render::{checks, print};
use crate::setup::Setup;
use crate::store::open_existing;
use crate::text::one_line;

pub(crate) async fn run(setup: &Setup, args: CheckArgs) -> anyhow::Result<u8> {
    let settings = Settings::from_environment(&setup.environment)?;
    let freshness = Freshness::from_environment(&setup.environment)?;
    let aws = setup.aws().await?;
    let opened = open_existing(setup).await?;
    let check = check_hub(&aws, &opened, &settings, &freshness).await;
    match args.output {
        StatusOutput::Text => {
            let account = check.account_id.as_deref().unwrap_or("not known");
            let title = format!("Hub: account {account}");
            print(&checks::section(&one_line(&title), (check.passed, &check.steps), true))?;
        }
        StatusOutput::Json => print(&format!("{}\n", serde_json::to_string_pretty(&check)?))?,
    }
    Ok(if check.passed { exit::OK } else { exit::INCOMPLETE })
}
