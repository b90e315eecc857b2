//! Servers, instances, accounts and small worlds.

use serde_json::{Value, json};
use sim::world::build::{AccountBuilder, ROLE, WorldBuilder};

/// The hub of every world here.
pub const HUB: &str = "111111111111";
/// A target account.
pub const MEMBER: &str = "222222222222";
/// Another account.
pub const OTHER: &str = "333333333333";

/// The role that the sync assumes in `account`.
pub fn role_arn(account: &str) -> String {
    format!("arn:aws:iam::{account}:role/DRSOrchestrationRole")
}

/// An account that the accounts table has, with role and external id.
pub fn member(account: &str) -> AccountBuilder {
    AccountBuilder::new(account)
        .attribute("accountName", "a member")
        .role(ROLE, Some("the-external-id"))
}

/// The row of [`member`] in the accounts table.
pub fn target(account: &str) -> Value {
    member(account).row()
}

/// The role that lets [`target`] in.
pub fn roles() -> Value {
    json!({ ROLE: { "externalId": "the-external-id" } })
}

/// A server of `account`; its number is its id, its name and its instance.
pub fn server(account: &str, region: &str, number: u32) -> Value {
    let id = server_id(number);
    json!({
        "sourceServerID": id,
        "arn": format!("arn:aws:drs:{region}:{account}:source-server/{id}"),
        "stagingArea": { "status": "NOT_EXTENDED", "stagingAccountID": account },
        "sourceCloudProperties": { "originAccountID": account, "originRegion": region },
        "sourceProperties": { "identificationHints": {
            "hostname": format!("host-{number}"), "awsInstanceID": instance_id(number) } },
        "lifeCycle": { "lastSeenByServiceDateTime": "2026-11-01T10:00:00Z" },
        "dataReplicationInfo": { "dataReplicationState": "CONTINUOUS", "lagDuration": "PT0S" },
    })
}

/// The id of the server of this number.
pub fn server_id(number: u32) -> String {
    format!("s-{number:017x}")
}

/// The id of the instance of this number.
pub fn instance_id(number: u32) -> String {
    format!("i-{number:017x}")
}

/// The instance of the server of this number.
pub fn instance(number: u32) -> Value {
    json!({
        "InstanceId": instance_id(number), "VpcId": "vpc-1", "SubnetId": "subnet-1",
        "PrivateIpAddress": "10.0.0.1", "SecurityGroups": [{ "GroupId": "sg-1" }],
        "IamInstanceProfile": { "Arn": "arn:aws:iam::222222222222:instance-profile/app" },
        "Tags": [{ "Key": "Name", "Value": format!("host-{number}") }],
    })
}

/// One member account with servers 1 to `servers` in us-east-1, all known to EC2.
pub fn one_account(servers: u32) -> Value {
    let listed: Vec<_> = (1..=servers).map(|n| server(MEMBER, "us-east-1", n)).collect();
    let account = member(MEMBER)
        .drs("us-east-1", json!({ "sourceServers": listed }))
        .ec2("us-east-1", (1..=servers).map(instance).collect());
    WorldBuilder::new(HUB).target(account).json()
}

/// One member account with this DRS and EC2.
pub fn world_of(drs: Value, ec2: Value) -> Value {
    let mut world = WorldBuilder::new(HUB).target(member(MEMBER)).json();
    world["accounts"][MEMBER]["drs"] = drs;
    world["accounts"][MEMBER]["ec2"] = ec2;
    world
}

/// A fault: not authorized.
pub fn denied() -> Value {
    json!({ "status": 403, "code": "AccessDeniedException", "message": "User is not authorized" })
}
