//! Step 4: what EC2 knows of each server: network, tags, profile.

use std::collections::{BTreeMap, HashMap};

use aws::Aws;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use model::region::is_region;
use model::{
    AccountToQuery, Ec2Knowledge, Failure, Listing, MemberRole, RegionStatus, SourceServer,
};
use store::tables::SourceServerInventoryTable;

use super::credentials::{CredentialsCache, Hub, get_account_credentials};
use super::earlier_rows::keep_earlier_metadata;
use super::ec2::{Ec2Answer, query_ec2_instances};
use super::ec2_listing::{Ec2Listings, answer_of};
use super::pace::{Deadline, Pace};

/// What is needed to ask EC2 in any account.
pub struct Enrichment<'a> {
    /// SDK clients.
    pub aws: &'a Aws,
    /// Sessions.
    pub credentials: &'a CredentialsCache,
    /// The account the sync starts in.
    pub hub: &'a Hub,
    /// Every account that the accounts table knows, by id.
    pub accounts: &'a HashMap<String, AccountToQuery>,
    /// For the accounts that it does not know, or knows without a role.
    pub member_role: &'a MemberRole,
    /// Where earlier rows are.
    pub inventory: &'a SourceServerInventoryTable,
    /// Where one account's instances are listed as a whole; its servers are found there.
    pub listings: Option<&'a Ec2Listings>,
    /// Groups under way at once, and until when.
    pub pace: Pace,
    /// Until when earlier rows may be read.
    pub writes_end: Deadline,
}

/// EC2 of an account and region that could not be asked, or not for all ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ec2Failure {
    /// The origin account.
    pub account_id: String,
    /// The origin region.
    pub region: String,
    /// Why.
    pub failure: Failure,
}

/// Origin account and region.
type Group = (String, String);

/// The same servers in the same order, every DRS field kept, with what EC2 knows of their
/// instances. Where EC2 could not be asked, or knows an instance no more, what an earlier row of
/// the server knew stays.
pub async fn enrich_with_ec2_metadata(
    enrichment: &Enrichment<'_>,
    mut servers: Vec<SourceServer>,
) -> (Vec<SourceServer>, Vec<Ec2Failure>) {
    let groups = group_by_origin(&servers);
    let answers: HashMap<Group, Ec2Answer> = stream::iter(groups)
        .map(|(group, ids)| ask_group(enrichment, group, ids))
        .buffer_unordered(enrichment.pace.at_once)
        .collect()
        .await;
    for server in &mut servers {
        server.ec2 = knowledge_of(server, &answers);
    }
    keep_earlier_metadata(enrichment.inventory, &mut servers, enrichment.writes_end).await;
    (servers, failures(answers))
}

fn group_by_origin(servers: &[SourceServer]) -> BTreeMap<Group, Vec<String>> {
    let mut groups: BTreeMap<Group, Vec<String>> = BTreeMap::new();
    for server in servers {
        let Some(id) = server.instance_id() else { continue };
        groups.entry(group_of(server)).or_default().push(id.to_owned());
    }
    for ids in groups.values_mut() {
        ids.sort_unstable();
        ids.dedup();
    }
    groups
}

fn group_of(server: &SourceServer) -> Group {
    (server.origin_account().to_owned(), server.origin_region().to_owned())
}

async fn ask_group(
    enrichment: &Enrichment<'_>,
    (account_id, region): Group,
    ids: Vec<String>,
) -> (Group, Ec2Answer) {
    let asked = async {
        let client = origin_client(enrichment, &account_id, &region);
        if let Some(listings) = enrichment.listings.filter(|it| it.are_of(&account_id)) {
            return Ok(answer_of(listings.list(&region, client).await, ids.clone()));
        }
        Ok::<_, Failure>(query_ec2_instances(&client.await?, &ids).await)
    };
    let answer = match enrichment.pace.deadline.within(asked).await.and_then(|answer| answer) {
        Ok(answer) => answer,
        Err(failure) => Ec2Answer {
            not_asked: ids.into_iter().collect(),
            failure: Some(failure),
            ..Ec2Answer::default()
        },
    };
    if let Some(failure) = &answer.failure {
        let (status, code, cause) = (failure.status.name(), &failure.code, &failure.message);
        tracing::warn!(account = account_id, region, status, code, cause, "cannot ask EC2");
    }
    ((account_id, region), answer)
}

pub(super) fn origin_client<'a>(
    enrichment: &'a Enrichment<'_>,
    account_id: &'a str,
    region: &'a str,
) -> BoxFuture<'a, Result<aws_sdk_ec2::Client, Failure>> {
    enter_origin(enrichment, account_id, region).boxed()
}

async fn enter_origin(
    enrichment: &Enrichment<'_>,
    account_id: &str,
    region: &str,
) -> Result<aws_sdk_ec2::Client, Failure> {
    // The name comes from a server's document and becomes part of a host name.
    if !is_region(region) {
        return Err(Failure {
            status: RegionStatus::Error,
            code: "InvalidRegion".to_owned(),
            message: format!("{region:?} is no region"),
            retryable: false,
            advice: "look at originRegion of the server in DRS".to_owned(),
        });
    }
    let account = origin_account(enrichment, account_id);
    let Enrichment { aws, credentials, hub, .. } = *enrichment;
    let session = get_account_credentials(aws, credentials, hub, &account).await?;
    Ok(aws.ec2(&session, region))
}

/// The account as the table knows it, the member role in place of a missing one; an account that
/// the table does not know with the member role and its external id.
fn origin_account(enrichment: &Enrichment<'_>, account_id: &str) -> AccountToQuery {
    let Enrichment { hub, member_role, .. } = *enrichment;
    let mut account = enrichment.accounts.get(account_id).cloned().unwrap_or_else(|| {
        let external_id = member_role.external_id.clone();
        let listing = Listing { external_id, ..Listing::default() };
        AccountToQuery { account_id: account_id.to_owned(), listings: vec![listing] }
    });
    for listing in &mut account.listings {
        listing.role_arn.get_or_insert_with(|| member_role.name.arn(&hub.partition, account_id));
    }
    account
}

fn knowledge_of(server: &SourceServer, answers: &HashMap<Group, Ec2Answer>) -> Ec2Knowledge {
    let Some(id) = server.instance_id() else { return Ec2Knowledge::NoInstance };
    let Some(answer) = answers.get(&group_of(server)) else {
        return Ec2Knowledge::Unreachable(None);
    };
    match answer.instances.get(id) {
        Some(instance) => Ec2Knowledge::Current(instance.clone()),
        None if answer.not_asked.contains(id) => Ec2Knowledge::Unreachable(None),
        None => Ec2Knowledge::NotFound(None),
    }
}

fn failures(answers: HashMap<Group, Ec2Answer>) -> Vec<Ec2Failure> {
    let failed = answers.into_iter().filter_map(|((account_id, region), answer)| {
        answer.failure.map(|failure| Ec2Failure { account_id, region, failure })
    });
    failed.collect()
}
