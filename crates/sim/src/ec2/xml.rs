//! `DescribeInstances` in EC2's XML.

use serde::Serialize;

use crate::world::Instance;

const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'static str,
    request_id: &'static str,
    reservation_set: List<Reservation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
struct List<T> {
    item: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reservation<'a> {
    reservation_id: &'static str,
    instances_set: List<Item<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    instance_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_state: Option<State<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    launch_time: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subnet_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_ip_address: Option<&'a str>,
    group_set: List<Group<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iam_instance_profile: Option<Profile<'a>>,
    tag_set: List<Tag<'a>>,
}

#[derive(Serialize)]
struct State<'a> {
    code: u16,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group<'a> {
    group_id: &'a str,
    group_name: &'a str,
}

#[derive(Serialize)]
struct Profile<'a> {
    arn: &'a str,
}

#[derive(Serialize)]
struct Tag<'a> {
    key: &'a str,
    value: &'a str,
}

impl<'a> Document<'a> {
    pub(super) fn of(instances: &[&'a Instance], next_token: Option<String>) -> Self {
        let reservations = instances.iter().map(|instance| Reservation {
            reservation_id: "r-0000000000000000",
            instances_set: List { item: vec![Item::of(instance)] },
        });
        Self {
            namespace: NAMESPACE,
            request_id: "sim",
            reservation_set: List { item: reservations.collect() },
            next_token,
        }
    }
}

impl<'a> Item<'a> {
    fn of(instance: &'a Instance) -> Self {
        let groups = instance.security_groups.iter();
        let tags = instance.tags.iter();
        Self {
            instance_id: &instance.instance_id,
            image_id: instance.image_id.as_deref(),
            instance_state: instance.state.as_ref().map(|state| State::of(&state.name)),
            instance_type: instance.instance_type.as_deref(),
            launch_time: instance.launch_time.as_deref(),
            subnet_id: instance.subnet_id.as_deref(),
            vpc_id: instance.vpc_id.as_deref(),
            private_ip_address: instance.private_ip_address.as_deref(),
            group_set: List {
                item: groups
                    .map(|group| Group { group_id: &group.group_id, group_name: &group.group_id })
                    .collect(),
            },
            iam_instance_profile: instance
                .iam_instance_profile
                .as_ref()
                .map(|profile| Profile { arn: &profile.arn }),
            tag_set: List {
                item: tags.map(|tag| Tag { key: &tag.key, value: &tag.value }).collect(),
            },
        }
    }
}

impl<'a> State<'a> {
    fn of(name: &'a str) -> Self {
        let code = match name {
            "running" => 16,
            "shutting-down" => 32,
            "terminated" => 48,
            "stopping" => 64,
            "stopped" => 80,
            _ => 0,
        };
        Self { code, name }
    }
}
