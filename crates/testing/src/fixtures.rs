//! Servers, instances, accounts and small worlds.

use serde_json::{Value, json};

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

/// A row of the accounts table with role and external id.
pub fn target(account: &str) -> Value {
    json!({ "accountId": account, "accountName": "a member", "roleArn": role_arn(account),
            "externalId": "the-external-id" })
}

/// The role that lets [`target`] in.
pub fn roles() -> Value {
    json!({ "DRSOrchestrationRole": { "externalId": "the-external-id" } })
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
    world_of(
        json!({ "us-east-1": {
        "sourceServers": (1..=servers).map(|n| server(MEMBER, "us-east-1", n)).collect::<Vec<_>>(),
    } }),
        json!({ "us-east-1": { "instances": (1..=servers).map(instance).collect::<Vec<_>>() } }),
    )
}

/// One member account with this DRS and EC2.
pub fn world_of(drs: Value, ec2: Value) -> Value {
    json!({
        "hubAccountId": HUB,
        "targetAccounts": [target(MEMBER)],
        "accounts": { MEMBER: { "roles": roles(), "drs": drs, "ec2": ec2 } },
    })
}

/// A fault: not authorized.
pub fn denied() -> Value {
    json!({ "status": 403, "code": "AccessDeniedException", "message": "User is not authorized" })
}
