//! One account, step by step.

use std::collections::{BTreeMap, BTreeSet};

use aws::{Aws, ServiceError};
use aws_smithy_async::time::SharedTimeSource;
use futures::{StreamExt, TryStreamExt, stream};
use model::AccountToQuery;
use model::environment::ConfigError;
use serde::Serialize;
use store::rows::ledger::PlaceEntry;
use store::tables::{
    AccountRegionStatusTable, Listing, get_account_region_status_table, get_target_accounts_table,
};
use store::{QueryError, Store};
use sync::Settings;
use sync::accounts::{CollectAccountsError, collect_accounts_to_query, merge_listings};
use sync::credentials::{CredentialsCache, identify_hub};

use super::checker::Checker;
use super::mend::Mend;
use super::regions::{Asked, RegionCheck, ask_regions};
use super::step::{Step, all_passed};
use super::{beside, ec2, enter};
use crate::picture::none_where_there_is_no_ledger;

/// Accounts that are checked at once.
const AT_ONCE: usize = 10;

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
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] QueryError),
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
    let checker = Checker {
        aws,
        hub: &hub,
        settings,
        credentials: CredentialsCache::new(aws, SharedTimeSource::default()),
        member_role: settings.member_role.clone(),
        listed: known.iter().map(|account| account.account_id.clone()).collect(),
        ledger: get_account_region_status_table(store)?,
    };
    let checks = select(known, only)?.into_iter().map(|account| {
        let name = names.get(&account.account_id).copied().cloned().flatten();
        Box::pin(check_account(&checker, account, name))
    });
    stream::iter(checks).buffered(AT_ONCE).try_collect().await
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
) -> Result<AccountCheck, CheckError> {
    let role_arn = account.listings.iter().find_map(|listing| listing.role_arn.as_deref());
    let mend = Mend {
        account_id: &account.account_id,
        role_arn: role_arn.unwrap_or_default(),
        hub: checker.hub,
    };
    let (session, steps) = enter::enter(checker, &account, &mend).await;
    let mut steps = steps.to_vec();
    let mut asked = Asked::default();
    match &session {
        None => steps
            .extend(["drs:DescribeSourceServers", "ec2:DescribeInstances"].map(Step::not_reached)),
        Some(session) => {
            let known = regions_with_servers(&checker.ledger, &account.account_id).await?;
            asked = ask_regions(checker, session).await;
            let region = asked.one_to_ask().map(str::to_owned);
            steps.push(asked.step(&known, &mend));
            steps.push(ec2::step(checker, session, region.as_deref(), &mend).await);
            steps.extend(beside::drills(checker, session, region.as_deref(), &mend).await);
            steps.push(beside::enabled_regions(checker, session, &mut asked, &mend).await);
            steps.push(beside::room(&asked, &mend));
            steps.push(beside::staging_accounts(checker, &asked, &mend));
        }
    }
    Ok(AccountCheck {
        account_id: account.account_id.clone(),
        account_name,
        passed: all_passed(&steps),
        steps,
        regions: asked.regions,
    })
}

/// Where a region that is out of use hides servers.
async fn regions_with_servers(
    ledger: &AccountRegionStatusTable,
    account_id: &str,
) -> Result<BTreeSet<String>, QueryError> {
    let entries = Listing::of_partition(ledger, "accountId", account_id).every_item().await;
    let entries = none_where_there_is_no_ledger(entries)?.into_iter();
    let places = entries.filter_map(|item| serde_dynamo::from_item::<_, PlaceEntry>(item).ok());
    let in_use =
        places.filter(|place| place.server_count > 0 && place.acknowledged_until.is_none());
    Ok(in_use.map(|place| place.region).collect())
}
