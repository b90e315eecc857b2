//! Worlds put together by code.
//!
//! What is built is JSON, as in a world file, so that any part of it can still be changed before
//! [`World::from_json`](super::World::from_json) reads it.

use std::fmt::Display;

use serde_json::{Map, Value, json};

/// The role that [`AccountBuilder::role`] is usually given: the sync's default.
pub const ROLE: &str = "DRSOrchestrationRole";

/// A set of accounts.
#[derive(Debug, Clone)]
pub struct WorldBuilder {
    hub: String,
    latency: Option<Value>,
    targets: Vec<Value>,
    accounts: Map<String, Value>,
}

impl WorldBuilder {
    /// A world of this hub, without accounts.
    pub fn new(hub: &str) -> Self {
        Self { hub: hub.to_owned(), latency: None, targets: Vec::new(), accounts: Map::new() }
    }

    /// Milliseconds before each answer.
    #[must_use]
    pub fn latency_ms(mut self, drs: u64, ec2: u64, sts: u64) -> Self {
        self.latency = Some(json!({ "drs": drs, "ec2": ec2, "sts": sts }));
        self
    }

    /// An account that the target-accounts table has.
    #[must_use]
    pub fn target(mut self, account: AccountBuilder) -> Self {
        self.targets.push(account.row());
        self.account(account)
    }

    /// An account that the table does not have.
    #[must_use]
    pub fn account(mut self, account: AccountBuilder) -> Self {
        let id = account.id.clone();
        self.accounts.insert(id, account.json());
        self
    }

    /// The world, as a world file has it.
    pub fn json(self) -> Value {
        let mut world = json!({ "hubAccountId": self.hub });
        if let Some(latency) = self.latency {
            world["latencyMs"] = latency;
        }
        world["targetAccounts"] = Value::Array(self.targets);
        world["accounts"] = Value::Object(self.accounts);
        world
    }
}

/// One account: its row of the target-accounts table, its role, what DRS and EC2 have in it.
#[derive(Debug, Clone)]
pub struct AccountBuilder {
    id: String,
    row: Map<String, Value>,
    json: Map<String, Value>,
}

impl AccountBuilder {
    /// An account without a role and without servers.
    pub fn new(id: impl Display) -> Self {
        let id = id.to_string();
        let row = Map::from_iter([("accountId".to_owned(), json!(id))]);
        Self { id, row, json: Map::new() }
    }

    /// An attribute of the row more.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.row.insert(name.to_owned(), value.into());
        self
    }

    /// A role that the row names; with an external id, where there is one.
    #[must_use]
    pub fn role(mut self, name: &str, external_id: Option<&str>) -> Self {
        let arn = format!("arn:aws:iam::{}:role/{name}", self.id);
        let mut role = Map::new();
        self = self.attribute("roleArn", arn);
        if let Some(id) = external_id {
            self = self.attribute("externalId", id);
            role.insert("externalId".to_owned(), json!(id));
        }
        self.put("roles", name, Value::Object(role))
    }

    /// What DRS has in a region, as in a world file.
    #[must_use]
    pub fn drs(self, region: &str, listing: Value) -> Self {
        self.put("drs", region, listing)
    }

    /// The instances that EC2 has in a region.
    #[must_use]
    pub fn ec2(self, region: &str, instances: Vec<Value>) -> Self {
        self.put("ec2", region, json!({ "instances": instances }))
    }

    fn put(mut self, part: &str, name: &str, value: Value) -> Self {
        self.json.entry(part).or_insert_with(|| json!({}))[name] = value;
        self
    }

    /// The account's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The row of the target-accounts table.
    pub fn row(&self) -> Value {
        Value::Object(self.row.clone())
    }

    /// The account, as a world file has it.
    pub fn json(self) -> Value {
        Value::Object(self.json)
    }
}
