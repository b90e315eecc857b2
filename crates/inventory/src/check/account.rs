//! One account, step by step.

use std::collections::BTreeMap;

use aws::{Aws, ServiceError};
use aws_smithy_async::time::SharedTimeSource;
use futures::{StreamExt, stream};
use model::environment::ConfigError;
use model::{AccountToQuery, StagingAccount};
use serde::Serialize;
use store::rows::ledger::PlaceEntry;
use store::tables::{
    AccountRegionStatusTable, Listing, get_account_region_status_table, get_target_accounts_table,
};
use store::{QueryError, Store, text};
use sync::Settings;
use sync::accounts::{CollectAccountsError, collect_accounts_to_query, merge_listings};
use sync::credentials::{CredentialsCache, identify_hub};

use super::checker::Checker;
use super::ec2::EC2;
use super::enter::{Entered, enter};
use super::mend::Mend;
use super::regions::{Asked, DRS, RegionCheck, ask_regions};
use super::step::{Step, all_passed};
use super::{beside, ec2};
use crate::picture::none_where_there_is_no_ledger;

/// Accounts that are checked at once.
const AT_ONCE: usize = 10;
const CHECK_HUB: &str = "run drs-inventory check";

/// What came of checking one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountCheck {
    /// As it stands in the accounts table.
    pub account_id: String,
    /// For people; none where the table has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    /// Whether no step failed.
    pub passed: bool,
    /// In their order.
    pub steps: Vec<Step>,
    /// By name; none where no region was reached.
    pub regions: Vec<RegionCheck>,
}

/// Nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A setting or a table's name is missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// STS does not say whose credentials these are.
    #[error(
        "cannot find out which account the AWS credentials belong to: {0}; check AWS_PROFILE, AWS_REGION and the credentials"
    )]
    Identity(ServiceError),
    /// The accounts table cannot be read.
    #[error(transparent)]
    Accounts(#[from] CollectAccountsError),
    /// No row has the account.
    #[error(
        "the account {0} is neither a target nor a staging account; `accounts list` shows those that are, `accounts add` adds one"
    )]
    UnknownAccount(String),
}

/// Checks these accounts, or all where none is named: enters each with the credentials of the caller, as
/// a sync would, asks DRS in every region and EC2 in one.
///
/// # Errors
/// [`CheckError`] where nothing could be checked; all that is wrong with an account is in its steps.
pub async fn check_accounts(
    aws: &Aws,
    store: &Store,
    settings: &Settings,
    only: &[String],
) -> Result<Vec<AccountCheck>, CheckError> {
    let (targets, stagings) = collect_accounts_to_query(&get_target_accounts_table(store)?).await?;
    let hub = identify_hub(aws).await.map_err(CheckError::Identity)?;
    let targets_named = targets.iter().map(|it| (&it.account_id, &it.account_name));
    let stagings_named = stagings.iter().map(|it| (&it.account_id, &it.account_name));
    let names: BTreeMap<&String, &Option<String>> = stagings_named.chain(targets_named).collect();
    let known = merge_listings(&targets, &stagings);
    let is_target = |id: &str| targets.iter().any(|target| target.account_id == id);
    let of_target = |it: &StagingAccount| (it.account_id.clone(), it.target_account_id.clone());
    let checker = Checker {
        aws,
        hub: &hub,
        settings,
        credentials: CredentialsCache::new(aws, SharedTimeSource::default()),
        member_role: settings.member_role.clone(),
        listed: known.iter().map(|account| account.account_id.clone()).collect(),
        staging_of: stagings.iter().map(of_target).filter(|(id, _)| !is_target(id)).collect(),
        ledger: get_account_region_status_table(store)?,
    };
    let checks = select(known, only)?.into_iter().map(|account| {
        let name = names.get(&account.account_id).copied().cloned().flatten();
        Box::pin(check_account(&checker, account, name))
    });
    Ok(stream::iter(checks).buffered(AT_ONCE).collect().await)
}

fn select(known: Vec<AccountToQuery>, only: &[String]) -> Result<Vec<AccountToQuery>, CheckError> {
    if only.is_empty() {
        return Ok(known);
    }
    let found = only.iter().map(|id| {
        let account = known.iter().find(|account| account.account_id == *id);
        account.cloned().ok_or_else(|| CheckError::UnknownAccount(id.clone()))
    });
    found.collect()
}

async fn check_account(
    checker: &Checker<'_>,
    account: AccountToQuery,
    account_name: Option<String>,
) -> AccountCheck {
    let Entered { session, role_arn, mut steps } = enter(checker, &account).await;
    let mend = Mend { account_id: &account.account_id, role_arn: &role_arn, hub: checker.hub };
    let mut asked = Asked::default();
    match &session {
        None => steps.extend([DRS, EC2].map(Step::not_reached)),
        Some(session) => {
            let known = known_places(&checker.ledger, &account.account_id).await;
            asked = ask_regions(checker, session, known.as_ref().ok()).await;
            let region = asked.one_to_ask().map(str::to_owned);
            steps.push(match &known {
                Ok(known) => asked.step(known, &mend),
                Err(error) => Step::failed(DRS, error.to_string(), CHECK_HUB.to_owned()),
            });
            steps.push(ec2::step(checker, session, region.as_deref(), &mend).await);
            steps.extend(beside::drills(checker, session, region.as_deref(), &mend).await);
            steps.push(beside::enabled_regions(checker, session, &mut asked, &mend).await);
            steps.push(beside::room(&asked, &mend));
            steps.push(beside::staging_accounts(checker, &asked, &mend));
        }
    }
    AccountCheck {
        account_id: account.account_id.clone(),
        account_name,
        passed: all_passed(&steps),
        steps,
        regions: asked.regions,
    }
}

/// What the ledger knows of an account, by region: a region that is out of use may hide servers.
async fn known_places(
    ledger: &AccountRegionStatusTable,
    account_id: &str,
) -> Result<BTreeMap<String, PlaceEntry>, QueryError> {
    let entries = Listing::of_partition(ledger, "accountId", account_id).every_item().await;
    let entries = none_where_there_is_no_ledger(entries)?.into_iter();
    let places = entries.filter(|entry| !text(entry, "region").starts_with('#'));
    let places = places.map(|item| {
        let region = text(&item, "region").to_owned();
        // One that cannot be read counts as one with servers: nothing says that there are none.
        let unreadable = || PlaceEntry { server_count: 1, ..PlaceEntry::default() };
        (region, serde_dynamo::from_item(item).unwrap_or_else(|_| unreadable()))
    });
    Ok(places.collect())
}
