//! What EC2 knows of instances, by their ids.

use std::collections::{HashMap, HashSet};

use aws::{PageTokens, classify, service_error};
use aws_sdk_ec2::types::{Filter, Instance};
use futures::stream::{self, BoxStream, StreamExt};
use model::{Ec2Instance, Failure, NetworkConfig, RegionStatus};

/// Values that one filter takes. Source: EC2 API reference, `DescribeInstances`.
pub const FILTER_VALUES: usize = 200;
/// Instances that one page holds at most. Source: EC2 API reference, `DescribeInstances`.
pub(super) const PAGE_SIZE: i32 = 1000;

/// Batches of one account and region that are asked for at once.
const BATCHES_AT_ONCE: usize = 4;

/// What EC2 answered for a list of ids.
#[derive(Debug, Default)]
pub struct Ec2Answer {
    /// By instance id. An instance that EC2 does not know is absent.
    pub instances: HashMap<String, Ec2Instance>,
    /// Ids of the batches that failed or were not tried: nothing is known of them.
    pub not_asked: HashSet<String>,
    /// Why the first of them failed.
    pub failure: Option<Failure>,
}

/// Asks for `ids` in batches of 200, as a filter: an id that is gone costs nothing and fails
/// nothing. Answers for other ids are dropped. A batch that EC2 refuses harms no other; a failed
/// connection ends them all, since an endpoint that hangs would hang for every batch.
pub async fn query_ec2_instances(client: &aws_sdk_ec2::Client, ids: &[String]) -> Ec2Answer {
    let mut answer = Ec2Answer { not_asked: ids.iter().cloned().collect(), ..Ec2Answer::default() };
    let mut batches = ask_in_batches(client, ids);
    while let Some((batch, result)) = batches.next().await {
        match result {
            Ok(instances) => {
                answer.instances.extend(instances);
                for id in batch {
                    answer.not_asked.remove(id);
                }
            }
            Err(failure) => {
                let ends = failure.status == RegionStatus::EndpointUnreachable;
                answer.failure.get_or_insert(failure);
                if ends {
                    break;
                }
            }
        }
    }
    answer
}

type Batch<'a> = (&'a [String], Result<HashMap<String, Ec2Instance>, Failure>);

fn ask_in_batches<'a>(
    client: &'a aws_sdk_ec2::Client,
    ids: &'a [String],
) -> BoxStream<'a, Batch<'a>> {
    let asked = ids.chunks(FILTER_VALUES).map(move |batch| async move {
        let result = query_batch(client, batch).await;
        (batch, result)
    });
    stream::iter(asked).buffer_unordered(BATCHES_AT_ONCE).boxed()
}

async fn query_batch(
    client: &aws_sdk_ec2::Client,
    ids: &[String],
) -> Result<HashMap<String, Ec2Instance>, Failure> {
    let filter = Filter::builder().name("instance-id").set_values(Some(ids.to_vec())).build();
    let call = client.describe_instances().filters(filter).max_results(PAGE_SIZE);
    let asked: HashSet<&str> = ids.iter().map(String::as_str).collect();
    let (mut tokens, mut token) = (PageTokens::of_listing(), None);
    let mut known = HashMap::new();
    loop {
        let page = call.clone().set_next_token(token.take()).send().await;
        let page = page.map_err(|error| classify(&service_error(&error)))?;
        let reservations = page.reservations().iter();
        let instances = reservations.flat_map(|reservation| reservation.instances());
        let named = instances.filter_map(|instance| Some((instance.instance_id()?, instance)));
        let asked = named.filter(|(id, _)| asked.contains(id));
        known.extend(asked.map(|(id, instance)| (id.to_owned(), metadata(instance))));
        token = tokens.next(page.next_token).map_err(|error| classify(&error))?;
        if token.is_none() {
            return Ok(known);
        }
    }
}

pub(super) fn metadata(instance: &Instance) -> Ec2Instance {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let groups = instance.security_groups().iter();
    let tags = instance.tags().iter();
    let state = instance.state().and_then(|state| state.name());
    let network = NetworkConfig {
        vpc_id: text(instance.vpc_id()),
        subnet_id: text(instance.subnet_id()),
        private_ip: text(instance.private_ip_address()),
        security_groups: groups.filter_map(|group| group.group_id()).map(str::to_owned).collect(),
        instance_profile: text(instance.iam_instance_profile().and_then(|profile| profile.arn())),
    };
    Ec2Instance {
        network,
        tags: tags.filter_map(|tag| Some((tag.key()?.to_owned(), text(tag.value())))).collect(),
        state: text(state.map(|name| name.as_str())),
    }
}
