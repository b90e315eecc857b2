//! `accounts check`: whether each account can be read, and the change that mends it where not.

use inventory::check::{AccountCheck, check_accounts};
use inventory::words::count;
use sync::Settings;

use crate::args::{CheckAccountsArgs, StatusOutput};
use crate::exit;
use crate::render::summary::no_accounts;
use crate::render::{checks, note, print};
use crate::setup::Setup;
use crate::store::open_to_read;
use crate::text::one_line;

pub(super) async fn run(setup: &Setup, args: CheckAccountsArgs) -> anyhow::Result<u8> {
    let settings = Settings::from_environment(&setup.environment)?;
    let aws = setup.aws().await?;
    let opened = open_to_read(setup).await?;
    let checked = check_accounts(&aws, &opened, &settings, &args.account_id).await?;
    if checked.is_empty() {
        note(&no_accounts(setup.store()));
    }
    match args.output {
        StatusOutput::Text => print(&in_words(&checked, args.steps))?,
        StatusOutput::Json => print(&format!("{}\n", serde_json::to_string_pretty(&checked)?))?,
    }
    let passed = checked.iter().all(|account| account.passed);
    Ok(if passed { exit::OK } else { exit::INCOMPLETE })
}

fn in_words(checked: &[AccountCheck], every_step: bool) -> String {
    let mut text = String::new();
    for account in checked {
        let name = account.account_name.as_deref().unwrap_or_default();
        let title = one_line(&format!("{} {name}", account.account_id));
        text.push_str(&checks::section(
            title.trim_end(),
            (account.passed, &account.steps),
            every_step,
        ));
        text.push_str(&checks::regions(&account.regions));
    }
    let passed = checked.iter().filter(|account| account.passed).count();
    text.push_str(&format!("\n{passed} of {} passed\n", count(checked.len() as u64, "account")));
    text
}
