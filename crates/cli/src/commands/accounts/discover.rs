//! `accounts discover`: the accounts of the organization beside those of the table.

use anyhow::Context;
use inventory::discovery::{
    Discovered, Discovery, DiscoverySettings, Selection, discover_accounts,
};
use inventory::words::count;
use model::role_arn::role_account;
use sync::settings::member_role;

use crate::args::{DYNAMODB, DiscoverArgs, StatusOutput};
use crate::exit;
use crate::render::{note, print};
use crate::setup::Setup;
use crate::store::open;
use crate::text::{one_line, store_option};

pub(super) async fn run(setup: &Setup, args: DiscoverArgs) -> anyhow::Result<u8> {
    let discovery = discovery(&args, setup)?;
    let aws = setup.aws().await?;
    let opened = open(setup).await?;
    let found = discover_accounts(&aws, &opened, &discovery).await?;
    match args.output {
        StatusOutput::Text => print(&in_words(&found, args.apply))?,
        StatusOutput::Json => print(&format!("{}\n", serde_json::to_string_pretty(&found)?))?,
    }
    if !found.recorded && discovery.only.is_none() {
        note("readers are told what the installation's own selection found, which is another one");
    }
    let store = store_option(setup.store());
    if !args.apply && !found.new.is_empty() {
        note(&format!(
            "nothing was added; --apply adds {}",
            count(found.new.len() as u64, "account")
        ));
    } else if args.apply {
        note(&format!("next: drs-inventory accounts check{store}, then drs-inventory sync{store}"));
    }
    Ok(if found.all_added() { exit::OK } else { exit::FAILED })
}

fn discovery(args: &DiscoverArgs, setup: &Setup) -> anyhow::Result<Discovery> {
    let environment = &setup.environment;
    fn texts(list: &[String]) -> impl Iterator<Item = &str> {
        list.iter().map(String::as_str)
    }
    let selection = Selection::parse(texts(&args.ou), texts(&args.tag), texts(&args.account))
        .context("--ou, --tag or --account")?;
    let mut settings = DiscoverySettings::from_environment(environment)?;
    if let Some(arn) = &args.role_arn {
        let expected = "expected the ARN of a role, as in arn:aws:iam::111111111111:role/NAME";
        anyhow::ensure!(role_account(arn).is_some(), "--role-arn is {arn:?}; {expected}");
        settings.role_arn = Some(arn.clone());
    }
    let only = Some(selection).filter(|selection| !selection.is_empty());
    // Beside DynamoDB there may be functions, and what they select counts.
    let is_installation = setup.store() != Some(DYNAMODB);
    let member_role = member_role(environment)?;
    Ok(Discovery { settings, only, is_installation, applies: args.apply, member_role })
}

fn in_words(found: &Discovered, applied: bool) -> String {
    let mut text = format!("Organization {}\n", one_line(&found.organization_id));
    let mut list = |title: &str, accounts: &[inventory::discovery::DiscoveredAccount]| {
        if accounts.is_empty() {
            return;
        }
        text.push_str(&format!("{title}\n"));
        for account in accounts {
            let state = account.state.as_deref().filter(|state| *state != "ACTIVE");
            let shown = [Some(account.account_name.as_str()), state, account.error.as_deref()];
            let shown: Vec<String> =
                shown.into_iter().flatten().filter(|it| !it.is_empty()).map(one_line).collect();
            let management = match account.account_id == found.management_account_id {
                true => "  (the management account: no stack set reaches it)",
                false => "",
            };
            let line =
                format!("  {}  {}{management}", one_line(&account.account_id), shown.join(", "));
            text.push_str(&format!("{}\n", line.trim_end()));
        }
    };
    let (added, not_added): (Vec<_>, Vec<_>) =
        found.new.iter().cloned().partition(|account| account.added == Some(true));
    list("Added", &added);
    list(
        if applied { "Not added" } else { "New: in the organization, not in the table" },
        &not_added,
    );
    list("Suspended or closed, still in the table; nothing was removed", &found.suspended);
    list("Gone: in the table, not in the organization; nothing was removed", &found.gone);
    text.push_str(&format!(
        "Known {}, new {}, suspended {}, gone {}; left out {}, not active {}\n",
        found.known.len(),
        found.new.len(),
        found.suspended.len(),
        found.gone.len(),
        found.not_selected,
        found.not_active,
    ));
    text
}
