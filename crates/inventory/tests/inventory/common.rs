//! A simulated AWS, an embedded store and a sync between them.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use aws::{Aws, CallPolicy, check_answers};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use inventory::outcome::OutcomeError;
use inventory::response::Response;
use inventory::{Outcome, handle_sync_source_server_inventory};
use model::environment::Environment;
use serde_json::{Value, json};
use sim::{Simulator, World};
use store::Store;
use store::tables::{
    DrsRegionStatusTable, ProtectionGroupsTable, RecoveryPlansTable, SourceServerInventoryTable,
    Table, TableNames, TargetAccountsTable, create_tables, get_drs_region_status_table,
    get_protection_groups_table, get_recovery_plans_table, get_source_server_inventory_table,
    get_target_accounts_table,
};
use sync::{InventorySync, Settings, SyncRequest};
use tokio::time::Instant;

pub type Item = HashMap<String, AttributeValue>;

pub const HUB: &str = "111111111111";
pub const MEMBER: &str = "222222222222";
pub const OTHER: &str = "333333333333";

/// Time that `tokio::time::advance` moves.
#[derive(Debug, Clone)]
pub struct TokioClock {
    start: SystemTime,
    base: Instant,
}

impl TokioClock {
    pub fn new() -> Self {
        Self { start: SystemTime::now(), base: Instant::now() }
    }
}

impl TimeSource for TokioClock {
    fn now(&self) -> SystemTime {
        self.start + self.base.elapsed()
    }
}

/// Moves the clock. It is paused for this moment only: a paused clock jumps to the next timeout
/// whenever a test waits for a socket.
pub async fn advance(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

pub struct Lab {
    pub sim: Simulator,
    pub store: embedded::Store,
    pub sync: InventorySync,
    pub environment: Environment,
}

/// Short enough that a hanging endpoint does not hold up a test.
pub fn impatient() -> CallPolicy {
    CallPolicy {
        connect_timeout: Duration::from_millis(500),
        read_timeout: Duration::from_millis(500),
        operation_timeout: Duration::from_secs(4),
        max_attempts: 3,
    }
}

pub fn sdk_config(endpoint: &str) -> SdkConfig {
    let hub = Credentials::new("AKIAHUB", "hub-secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(hub))
        .endpoint_url(endpoint)
        .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(TokioSleep::new()))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

impl Lab {
    pub async fn of(world: Value) -> Self {
        Self::with(world, &[]).await
    }

    pub async fn with(world: Value, variables: &[(&str, &str)]) -> Self {
        let world = World::from_json(&world.to_string()).unwrap();
        let targets = world.target_accounts.clone();
        let sim = Simulator::start(world).await.unwrap();
        let store = embedded::Store::in_memory().unwrap().watched();
        let environment = Environment::of(variables.iter().copied());
        let names = TableNames::with_defaults(&environment);
        let tables = Store { client: check_answers(&store.client()), names };
        create_tables(&Store { names: tables.names.or_defaults(), ..tables.clone() })
            .await
            .unwrap();
        let settings = Settings::from_environment(&environment).unwrap();
        let aws = Aws::new(sdk_config(&sim.endpoint()), impatient());
        let clock = SharedTimeSource::new(TokioClock::new());
        let sync = InventorySync::new(aws, tables, settings, clock);
        let lab = Self { sim, store, sync, environment };
        for target in targets {
            lab.put(&lab.accounts(), &Value::Object(target)).await;
        }
        lab
    }

    pub fn accounts(&self) -> TargetAccountsTable {
        get_target_accounts_table(&self.sync.store).unwrap()
    }

    pub fn inventory(&self) -> SourceServerInventoryTable {
        get_source_server_inventory_table(&self.sync.store).unwrap()
    }

    pub fn region_status(&self) -> DrsRegionStatusTable {
        get_drs_region_status_table(&self.sync.store).unwrap()
    }

    pub fn groups(&self) -> ProtectionGroupsTable {
        get_protection_groups_table(&self.sync.store).unwrap()
    }

    pub fn plans(&self) -> RecoveryPlansTable {
        get_recovery_plans_table(&self.sync.store).unwrap()
    }

    pub fn set_world(&self, world: Value) {
        self.sim.set_world(World::from_json(&world.to_string()).unwrap());
    }

    pub async fn put(&self, table: &Table, item: &Value) {
        let item: Item = serde_dynamo::to_item(item).unwrap();
        let put = table.client.put_item().table_name(&table.name).set_item(Some(item));
        put.send().await.unwrap();
    }

    /// One sync; its body.
    pub async fn run(&self) -> Value {
        self.response().await.body
    }

    pub async fn response(&self) -> Response {
        Response::from(&self.outcome(&SyncRequest::default()).await.unwrap())
    }

    /// What came of one sync.
    pub async fn outcome(&self, request: &SyncRequest) -> Result<Outcome, OutcomeError> {
        handle_sync_source_server_inventory(&self.sync, &self.environment, request).await
    }

    /// Rows of the inventory by server id.
    pub async fn servers(&self) -> HashMap<String, Value> {
        by(&scan(&self.inventory()).await, "sourceServerID")
    }

    /// Rows of the region status by region.
    pub async fn regions(&self) -> HashMap<String, Value> {
        let mut rows = by(&scan(&self.region_status()).await, "region");
        rows.retain(|region, _| !region.starts_with('#'));
        rows
    }

    /// How many calls of an operation the simulated AWS got.
    pub fn count(&self, operation: &str) -> usize {
        self.sim.calls().iter().filter(|call| call.operation == operation).count()
    }
}

pub async fn scan(table: &Table) -> Vec<Item> {
    let pages = table.client.scan().table_name(&table.name).into_paginator().items().send();
    pages.try_collect().await.unwrap()
}

fn by(items: &[Item], key: &str) -> HashMap<String, Value> {
    let value = |item: &Item| serde_dynamo::from_item::<_, Value>(item.clone()).unwrap();
    let rows = items.iter().map(value);
    rows.map(|row| (row[key].as_str().unwrap().to_owned(), row)).collect()
}

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
    let id = format!("s-{number:017x}");
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

pub fn server_id(number: u32) -> String {
    format!("s-{number:017x}")
}

pub fn instance_id(number: u32) -> String {
    format!("i-{number:017x}")
}

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

pub fn denied() -> Value {
    json!({ "status": 403, "code": "AccessDeniedException", "message": "User is not authorized" })
}
