//! `accounts`: which accounts the sync asks.

mod check;
mod discover;
mod export;
mod import;
mod update;

use aws_sdk_dynamodb::types::AttributeValue;
use inventory::accounts::{
    HAS_EXTERNAL_ID, NewAccount, add_staging_account, add_target_account, list_accounts,
    remove_staging_account, remove_target_account,
};
use model::ExternalId;
use store::tables::get_target_accounts_table;
use store::{Item, text};

use crate::args::{AccountsCommand, AddAccountArgs, ListArgs};
use crate::exit;
use crate::render::listing::Listing;
use crate::render::note;
use crate::render::summary::no_accounts;
use crate::setup::Setup;
use crate::store::{open, open_existing, open_to_read};

pub(crate) async fn run(setup: &Setup, command: AccountsCommand) -> anyhow::Result<u8> {
    match command {
        AccountsCommand::List(asked) => {
            let opened = open_to_read(setup).await?;
            let table = get_target_accounts_table(&opened)?;
            let accounts = list_accounts(&table).await?;
            list(accounts, &asked, setup.store())?;
        }
        AccountsCommand::Add(args) => {
            let opened = open(setup).await?;
            let table = get_target_accounts_table(&opened)?;
            let AddAccountArgs { account_id, name, role_arn, external_id, staging_of } = args;
            let external_id = external_id.map(ExternalId::new);
            let account = NewAccount { account_id, account_name: name, role_arn, external_id };
            match &staging_of {
                None => add_target_account(&table, &account, None).await?,
                Some(target) => add_staging_account(&table, target, &account, None).await?,
            }
            note(&format!("added {}", account.account_id));
        }
        AccountsCommand::Export(args) => export::run(setup, &args).await?,
        AccountsCommand::Update(args) => return update::run(setup, args).await,
        AccountsCommand::Discover(args) => return Box::pin(discover::run(setup, args)).await,
        AccountsCommand::Import(args) => return import::run(setup, args).await,
        AccountsCommand::Check(args) => return Box::pin(check::run(setup, args)).await,
        AccountsCommand::Remove { account_id, staging_of } => {
            let opened = open_existing(setup).await?;
            let table = get_target_accounts_table(&opened)?;
            match &staging_of {
                None => remove_target_account(&table, &account_id).await?,
                Some(target) => remove_staging_account(&table, target, &account_id).await?,
            }
            note(&format!("removed {account_id}; its servers stay in the inventory"));
        }
    }
    Ok(exit::OK)
}

const COLUMNS: [(&str, &str); 6] = [
    ("account", "accountId"),
    ("name", "accountName"),
    ("kind", "kind"),
    ("target account", "targetAccountId"),
    ("role", "roleArn"),
    ("external id", "externalIdSet"),
];

fn list(accounts: Vec<Item>, asked: &ListArgs, store: Option<&str>) -> anyhow::Result<()> {
    if accounts.is_empty() {
        note(&no_accounts(store));
    }
    let mut flat = Vec::new();
    for mut account in accounts {
        let id = text(&account, "accountId").to_owned();
        let members = account.remove("stagingAccounts");
        flat.push(shown(account, "target", None));
        for member in members.iter().filter_map(|list| list.as_l().ok()).flatten() {
            if let Ok(member) = member.as_m() {
                flat.push(shown(member.clone(), "staging", Some(&id)));
            }
        }
    }
    Listing::of(&COLUMNS).show(flat, asked)
}

fn shown(mut account: Item, kind: &str, target: Option<&str>) -> Item {
    let set = matches!(account.remove(HAS_EXTERNAL_ID), Some(AttributeValue::Bool(true)));
    let set = if set { "set" } else { "" };
    let text = |value: &str| AttributeValue::S(value.to_owned());
    account.insert("externalIdSet".to_owned(), text(set));
    account.insert("kind".to_owned(), text(kind));
    account.insert("targetAccountId".to_owned(), text(target.unwrap_or_default()));
    account
}
