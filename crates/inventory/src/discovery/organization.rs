//! What AWS Organizations says: its accounts, and which of them are wanted.

use std::collections::{BTreeMap, BTreeSet};

use aws::{
    AccountSession, Aws, OrganizationAccount, ServiceError, describe_organization,
    list_account_ids_of, list_accounts, list_tags_of, list_units_of,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use futures::{StreamExt, TryStreamExt, stream};
use model::role_arn::role_account;
use sync::credentials::{Hub, get_cross_account_session};

use super::error::DiscoveryError;
use super::settings::DiscoverySettings;
use super::{Discovery, Listed};
use crate::servers::Terms;

/// Calls for tags that are under way at once. Organizations allows few calls per second, and the SDK
/// waits where it refuses one.
const TAGS_AT_ONCE: usize = 4;

/// The organization, and which of its accounts are wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct OrganizationAccounts {
    pub(super) id: String,
    pub(super) management_account_id: String,
    /// All of them, whether they are wanted or not: an account that is not wanted is not gone.
    pub(super) accounts: Vec<OrganizationAccount>,
    /// Ids of those that are wanted.
    pub(super) wanted: BTreeSet<String>,
}

pub(super) async fn read_organization(
    aws: &Aws,
    hub: &Hub,
    discovery: &Discovery,
    listed: &[Listed],
) -> Result<OrganizationAccounts, DiscoveryError> {
    let selection = discovery.only.as_ref().unwrap_or(&discovery.settings.selection);
    let session = enter(aws, hub, &discovery.settings).await?;
    let client = aws.organizations(&session);
    let failed = |operation: &str| {
        let operation = operation.to_owned();
        move |source| DiscoveryError::Organization { operation, source }
    };
    let organization =
        describe_organization(&client).await.map_err(failed("describe the organization"))?;
    let accounts =
        list_accounts(&client).await.map_err(failed("list the accounts of the organization"))?;
    let in_units = Units::read(&client, &selection.ous).await?;
    let rows: BTreeSet<&str> = listed.iter().map(|row| row.account_id.as_str()).collect();
    let ids = accounts.iter().map(|account| account.id.as_str());
    let selected = |id: &&str| selection.accounts.fit(|value| value == *id) && in_units.fit(id);
    let ids: BTreeSet<&str> = ids.filter(selected).collect();
    // Each account's tags are a call: only of those that could be new.
    let active = accounts.iter().filter(|account| account.is_active());
    let active: BTreeSet<&str> = active.map(|account| account.id.as_str()).collect();
    let could_be_new = |id: &&str| active.contains(id) && !rows.contains(id);
    let (asked, others): (Vec<&str>, Vec<&str>) = ids.into_iter().partition(could_be_new);
    let asked = asked.into_iter().map(str::to_owned).collect();
    let mut wanted = with_tags(&client, asked, &selection.tags)
        .await
        .map_err(failed("list the tags of the organization's accounts"))?;
    wanted.extend(others.into_iter().map(str::to_owned));
    Ok(OrganizationAccounts {
        id: organization.id,
        management_account_id: organization.management_account_id,
        accounts,
        wanted,
    })
}

/// The hub itself, or the role that is named.
async fn enter(
    aws: &Aws,
    hub: &Hub,
    settings: &DiscoverySettings,
) -> Result<AccountSession, DiscoveryError> {
    let partition = hub.partition.clone();
    let Some(role_arn) = &settings.role_arn else {
        let credentials = aws.hub_credentials().ok_or_else(|| {
            DiscoveryError::Identity(ServiceError::Unusable {
                code: "NoCredentials",
                message: "there are no AWS credentials".to_owned(),
            })
        })?;
        return Ok(AccountSession { account_id: hub.account_id.clone(), partition, credentials });
    };
    let external_id = settings.external_id.as_ref();
    let credentials = get_cross_account_session(&aws.sts(), role_arn, external_id)
        .await
        .map_err(|failure| DiscoveryError::Role { role_arn: role_arn.clone(), failure })?;
    let account_id = role_account(role_arn).unwrap_or_default().to_owned();
    let credentials = SharedCredentialsProvider::new(credentials);
    Ok(AccountSession { account_id, partition, credentials })
}

/// The accounts below each unit that a selection names.
struct Units<'a> {
    terms: &'a Terms,
    accounts: BTreeMap<&'a str, BTreeSet<String>>,
}

impl<'a> Units<'a> {
    async fn read(
        client: &aws_sdk_organizations::Client,
        terms: &'a Terms,
    ) -> Result<Self, DiscoveryError> {
        let mut accounts = BTreeMap::new();
        for unit in terms.values() {
            let below = accounts_below(client, unit).await.map_err(|source| {
                let operation = format!("list the accounts of {unit}");
                DiscoveryError::Organization { operation, source }
            })?;
            accounts.insert(unit, below);
        }
        Ok(Self { terms, accounts })
    }

    fn fit(&self, account_id: &str) -> bool {
        self.terms.fit(|unit| self.accounts.get(unit).is_some_and(|it| it.contains(account_id)))
    }
}

/// Those of the units below it, too. A unit cannot be above itself, so that this ends.
async fn accounts_below(
    client: &aws_sdk_organizations::Client,
    unit: &str,
) -> Result<BTreeSet<String>, ServiceError> {
    let mut accounts = BTreeSet::new();
    let (mut open, mut seen) = (vec![unit.to_owned()], BTreeSet::from([unit.to_owned()]));
    while let Some(unit) = open.pop() {
        accounts.extend(list_account_ids_of(client, &unit).await?);
        let below = list_units_of(client, &unit).await?.into_iter();
        open.extend(below.filter(|unit| seen.insert(unit.clone())));
    }
    Ok(accounts)
}

/// One call per account, so only where a selection names tags.
async fn with_tags(
    client: &aws_sdk_organizations::Client,
    ids: Vec<String>,
    terms: &Terms,
) -> Result<BTreeSet<String>, ServiceError> {
    if terms.is_empty() {
        return Ok(ids.into_iter().collect());
    }
    let asked = ids.into_iter().map(|id| async move {
        let tags = list_tags_of(client, &id).await?;
        let has = |term: &str| tags.iter().any(|(key, value)| term == format!("{key}={value}"));
        Ok(terms.fit(has).then_some(id))
    });
    let fit: Vec<Option<String>> =
        stream::iter(asked).buffer_unordered(TAGS_AT_ONCE).try_collect().await?;
    Ok(fit.into_iter().flatten().collect())
}
