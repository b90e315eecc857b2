//! EC2 as the legacy function asked it: one group after another, a role assumed anew for each.

use std::collections::HashMap;

use aws::{Aws, ServiceError, service_error};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_ec2::operation::describe_instances::DescribeInstancesOutput;
use store::tables::TargetAccountsTable;

use super::one_retry;
use super::server::{Instance, Server};
use super::sts::{assume, hub_account, policy};

const IDS_PER_CALL: usize = 100;
/// Where to ask.
pub(super) struct Ec2Query<'a> {
    pub(super) aws: &'a Aws,
    pub(super) target_accounts: &'a TargetAccountsTable,
}

/// Gives each server what EC2 knows of its instance. Groups that fail are left as they are.
pub(super) async fn enrich(query: &Ec2Query<'_>, account_id: &str, servers: &mut [Server]) {
    for (group, ids) in group(account_id, servers) {
        let instances = ask_group(query, &group, &ids).await;
        for server in servers.iter_mut() {
            let Some(id) = server.instance_id() else { continue };
            if let Some(instance) = instances.get(id)
                && group_of(account_id, server) == group
            {
                server.ec2 = Some(instance.clone());
            }
        }
    }
}

type Group = (String, String);

/// In the order in which groups first appear.
fn group(account_id: &str, servers: &[Server]) -> Vec<(Group, Vec<String>)> {
    let mut groups: Vec<(Group, Vec<String>)> = Vec::new();
    for server in servers {
        let Some(id) = server.instance_id() else { continue };
        let key = group_of(account_id, server);
        match groups.iter_mut().find(|(group, _)| *group == key) {
            Some((_, ids)) => ids.push(id.to_owned()),
            None => groups.push((key, vec![id.to_owned()])),
        }
    }
    groups
}

/// An empty account or region is kept and used.
fn group_of(account_id: &str, server: &Server) -> Group {
    let cloud = server.drs.source_cloud_properties();
    let account = cloud.and_then(|cloud| cloud.origin_account_id()).unwrap_or(account_id);
    let region = cloud.and_then(|cloud| cloud.origin_region()).unwrap_or(server.region);
    (account.to_owned(), region.to_owned())
}

async fn ask_group(
    query: &Ec2Query<'_>,
    (account_id, region): &Group,
    ids: &[String],
) -> HashMap<String, Instance> {
    let mut instances = HashMap::new();
    if let Err(error) = ask(query, account_id, region, ids, &mut instances).await {
        tracing::error!(account = account_id, region, error, "cannot ask EC2");
    }
    instances
}

/// Fills `instances` as far as it comes.
async fn ask(
    query: &Ec2Query<'_>,
    account_id: &str,
    region: &str,
    ids: &[String],
    instances: &mut HashMap<String, Instance>,
) -> Result<(), String> {
    let aws = query.aws.with_policy(policy());
    let credentials = if hub_account(&aws).await == account_id {
        aws.hub_credentials().ok_or("no credentials")?
    } else {
        let (role_arn, external_id) = role_of(query.target_accounts, account_id).await?;
        assume(&aws, &role_arn, "inventory-ec2-query", Some(&external_id)).await?
    };
    let aws = aws.with_policy(one_retry());
    let client = aws.ec2(&super::session(account_id, credentials), region);
    for batch in ids.chunks(IDS_PER_CALL) {
        match describe(&client, batch).await {
            Ok(answer) => add(instances, &answer),
            Err(ServiceError::Answered { .. }) => {
                for id in batch {
                    match describe(&client, std::slice::from_ref(id)).await {
                        Ok(answer) => add(instances, &answer),
                        Err(ServiceError::Answered { .. }) => {}
                        Err(error) => return Err(error.to_string()),
                    }
                }
            }
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(())
}

async fn describe(
    client: &aws_sdk_ec2::Client,
    ids: &[String],
) -> Result<DescribeInstancesOutput, ServiceError> {
    let call = client.describe_instances().set_instance_ids(Some(ids.to_vec()));
    call.send().await.map_err(|error| service_error(&error))
}

/// Role and external id of the account's own row; a default for each that is absent.
async fn role_of(
    table: &TargetAccountsTable,
    account_id: &str,
) -> Result<(String, String), String> {
    let key = AttributeValue::S(account_id.to_owned());
    let get = table.client.get_item().table_name(&table.name).key("accountId", key);
    let item = get.send().await.ok().and_then(|answer| answer.item).unwrap_or_default();
    let argument = |name: &str, default: String| match item.get(name) {
        None => Ok(default),
        Some(AttributeValue::S(text)) => Ok(text.clone()),
        Some(_) => Err(format!("{name} is no string")),
    };
    let default_role = format!("arn:aws:iam::{account_id}:role/DRSOrchestrationRole");
    Ok((
        argument("roleArn", default_role)?,
        argument("externalId", "drs-orchestration-cross-account".to_owned())?,
    ))
}

fn add(instances: &mut HashMap<String, Instance>, answer: &DescribeInstancesOutput) {
    for instance in answer.reservations().iter().flat_map(|reservation| reservation.instances()) {
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let groups = instance.security_groups().iter();
        let tags = instance.tags().iter();
        let known = Instance {
            vpc_id: text(instance.vpc_id()),
            subnet_id: text(instance.subnet_id()),
            private_ip: text(instance.private_ip_address()),
            security_groups: groups.map(|group| text(group.group_id())).collect(),
            instance_profile: text(instance.iam_instance_profile().and_then(|p| p.arn())),
            tags: tags.map(|tag| (text(tag.key()), text(tag.value()))).collect(),
        };
        instances.insert(text(instance.instance_id()), known);
    }
}
