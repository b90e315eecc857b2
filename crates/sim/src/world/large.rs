//! The worlds that are too large for a file in `worlds/`.

use std::ops::Range;

use serde_json::{Value, json};

use super::build::{AccountBuilder, ROLE, WorldBuilder};

const HUB: &str = "111111111111";
const MEMBER: &str = "222222222222";

/// Each world by its name.
pub fn large() -> Vec<(&'static str, Value)> {
    vec![
        ("bad-row", bad_row()),
        ("many-accounts", many_accounts()),
        ("many-pages", many_pages()),
        ("one-account-six-regions", one_account_six_regions()),
        ("origin-of-two-regions", origin_of_two_regions()),
        ("same-server-twice", same_server_twice()),
        ("several-accounts-several-regions", several_accounts_several_regions()),
    ]
}

/// 30 servers, one without an ARN. EC2 knows none.
fn bad_row() -> Value {
    let mut servers = source_servers(MEMBER, "us-east-1", 1..31);
    servers[3]["arn"] = json!("");
    one(target(MEMBER).drs("us-east-1", json!({ "sourceServers": servers })))
}

/// 30 accounts of one server each, in three regions in turn.
fn many_accounts() -> Value {
    let regions = ["us-east-1", "eu-west-1", "ap-southeast-2"];
    (1..=30)
        .zip(regions.into_iter().cycle())
        .fold(WorldBuilder::new(HUB), |world, (n, region)| {
            let id = (200_000_000_000_u64 + u64::from(n)).to_string();
            let server = source_server(&id, region, n, n);
            let account = target(&id).drs(region, json!({ "sourceServers": [server] }));
            world.target(account.ec2(region, vec![instance(&id, n, n)]))
        })
        .json()
}

/// 250 servers of one region on seven pages.
fn many_pages() -> Value {
    let servers = source_servers(MEMBER, "us-east-1", 1..251);
    let account = target(MEMBER)
        .drs("us-east-1", json!({ "pageSize": 40, "sourceServers": servers }))
        .ec2("us-east-1", instances(MEMBER, 1..251));
    one(account)
}

/// 50 servers of one account.
fn one_account_six_regions() -> Value {
    let regions = [
        ("us-east-1", 0..9),
        ("us-west-2", 100..109),
        ("eu-west-1", 200..208),
        ("eu-central-1", 300..308),
        ("ap-southeast-2", 400..408),
        ("ca-central-1", 500..508),
    ];
    one(regions.into_iter().fold(target(MEMBER), with_servers))
}

/// 41 servers that run in one region; all but one replicate to the same region, page by page.
fn origin_of_two_regions() -> Value {
    let origin = "us-west-2";
    let server = |region: &str, number: u32| {
        let mut server = source_server(MEMBER, region, number, number);
        server["sourceCloudProperties"]["originRegion"] = json!(origin);
        server["sourceProperties"] = json!({ "identificationHints": {
            "hostname": format!("host-{number}"), "awsInstanceID": format!("i-{number:017x}") } });
        without(server, &["agentVersion"])
    };
    let instance =
        |number: u32| without(instance(MEMBER, number, number), &["IamInstanceProfile", "State"]);
    let paged: Vec<_> = (2..=41).map(|number| server("eu-west-1", number)).collect();
    let account = target(MEMBER)
        .drs("us-east-1", json!({ "sourceServers": [server("us-east-1", 1)] }))
        .drs("eu-west-1", json!({ "pageSize": 1, "sourceServers": paged }))
        .ec2(origin, (1..=41).map(instance).collect());
    WorldBuilder::new(HUB).latency_ms(5, 0, 0).target(account).json()
}

fn without(mut document: Value, names: &[&str]) -> Value {
    if let Some(object) = document.as_object_mut() {
        object.retain(|name, _| !names.contains(&name.as_str()));
    }
    document
}

/// 30 servers, the second of which is the first once more. EC2 knows none.
fn same_server_twice() -> Value {
    let mut servers = source_servers(MEMBER, "us-east-1", 1..31);
    servers[1] = servers[0].clone();
    one(target(MEMBER).drs("us-east-1", json!({ "sourceServers": servers })))
}

/// Three accounts with four servers in each of three regions.
fn several_accounts_several_regions() -> Value {
    let accounts = [(MEMBER, 100), ("333333333333", 200), ("444444444444", 300)];
    let account = |id: &str, first: u32| {
        let regions = ["us-east-1", "eu-west-1", "ap-south-1"].into_iter().zip([0, 10, 20]);
        let regions = regions.map(|(region, plus)| (region, first + plus..first + plus + 4));
        regions.fold(target(id), with_servers)
    };
    let world = WorldBuilder::new(HUB);
    accounts.into_iter().fold(world, |world, (id, first)| world.target(account(id, first))).json()
}

fn one(account: AccountBuilder) -> Value {
    WorldBuilder::new(HUB).target(account).json()
}

fn target(id: &str) -> AccountBuilder {
    AccountBuilder::new(id)
        .attribute("accountName", format!("account {id}"))
        .role(ROLE, Some("shared-external-id"))
}

/// The account with these servers in a region, all known to EC2.
fn with_servers(account: AccountBuilder, (region, numbers): (&str, Range<u32>)) -> AccountBuilder {
    let id = account.id().to_owned();
    account
        .drs(region, json!({ "sourceServers": source_servers(&id, region, numbers.clone()) }))
        .ec2(region, instances(&id, numbers))
}

fn source_servers(account: &str, region: &str, numbers: Range<u32>) -> Vec<Value> {
    numbers.map(|number| source_server(account, region, number, 1)).collect()
}

fn instances(account: &str, numbers: Range<u32>) -> Vec<Value> {
    numbers.map(|number| instance(account, number, 1)).collect()
}

/// As `DescribeSourceServers` answers it; `address` ends its IP address.
fn source_server(account: &str, region: &str, number: u32, address: u32) -> Value {
    let id = format!("s-{number:017x}");
    json!({
        "sourceServerID": id,
        "arn": format!("arn:aws:drs:{region}:{account}:source-server/{id}"),
        "agentVersion": "6.5.1",
        "dataReplicationInfo": { "dataReplicationState": "CONTINUOUS", "lagDuration": "PT0S" },
        "lifeCycle": { "lastSeenByServiceDateTime": "2026-11-01T10:00:00.000000+00:00" },
        "stagingArea": { "status": "NOT_EXTENDED", "stagingAccountID": account },
        "sourceCloudProperties": { "originAccountID": account, "originRegion": region },
        "sourceProperties": {
            "identificationHints": {
                "hostname": format!("host-{number}"),
                "fqdn": format!("host-{number}.example.com"),
                "awsInstanceID": format!("i-{number:017x}"),
            },
            "cpus": [{ "modelName": "Xeon", "cores": 4 }],
            "disks": [{ "deviceName": "/dev/sda1", "bytes": 107_374_182_400_u64 }],
            "ramBytes": 17_179_869_184_u64,
            "networkInterfaces": [{
                "macAddress": format!("0a:00:00:00:00:{address:02x}"),
                "ips": [format!("10.0.0.{address}")],
                "isPrimary": true,
            }],
            "os": { "fullString": "Amazon Linux 2023" },
        },
    })
}

fn instance(account: &str, number: u32, address: u32) -> Value {
    json!({
        "InstanceId": format!("i-{number:017x}"),
        "VpcId": "vpc-1",
        "SubnetId": "subnet-1",
        "PrivateIpAddress": format!("10.0.0.{address}"),
        "SecurityGroups": [{ "GroupId": "sg-1" }],
        "IamInstanceProfile": { "Arn": format!("arn:aws:iam::{account}:instance-profile/app") },
        "Tags": [{ "Key": "Name", "Value": format!("host-{number}") }],
        "State": { "Name": "running" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::World;

    #[test]
    fn the_simulator_takes_each() {
        for (name, world) in large() {
            assert!(World::from_json(&world.to_string()).is_ok(), "{name}");
        }
    }
}
