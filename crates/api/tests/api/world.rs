//! Every operation between a simulated AWS and an embedded store.

use api::operation::Operation;
use api::{Answer, Data, DataOperation, Failure, Queries, QueryOperation, Untold};
use aws::Aws;
use model::environment::Environment;
use serde_json::{Map, Value, json};
use sim::world::build::WorldBuilder;
use store::tables::TableKind;
use testing::{HUB, MEMBER, OTHER, Stage, denied, instance, member, server, target};

pub struct World {
    pub stage: Stage,
    pub queries: Queries,
    pub data: Data,
}

impl World {
    /// Two regions with servers, and an instance that nothing protects.
    pub async fn new() -> Self {
        let stage = Stage::of(&world(&[1, 2])).await;
        let client = stage.store.client();
        let tables = TableKind::ALL.map(|kind| kind.schema());
        let tables = tables.iter().map(|schema| (schema.variable, schema.default_name));
        let environment = Environment::of(tables.chain([("FIND_UNPROTECTED", "true")]));
        let aws = Aws::simulated(&stage.sim.endpoint());
        let queries = Queries::new(aws.clone(), client.clone(), environment.clone());
        let data = Data::new(aws, client, &environment);
        Self { stage, queries, data }
    }

    /// Another server is there, one is gone, and a region is denied.
    pub fn turn(&self) {
        let mut world = world(&[1, 4]);
        world["accounts"][MEMBER]["drs"]["eu-west-1"] = json!({ "fault": denied() });
        self.stage.sim.set_world(sim::World::from_json(&world.to_string()).unwrap());
    }

    /// A removal waits in a place; what approves it.
    pub async fn hold(&self, account: &str, region: &str) -> Value {
        let held = json!({ "count": 2, "since": "2026-11-01T00:00:00.000000+00:00" });
        let entry = json!({ "accountId": account, "region": region, "removalHeld": held,
            "rowsNotStored": { "count": 1, "arns": ["arn:x"] }, "trouble": "HELD" });
        self.stage.put(TableKind::AccountRegionStatus, &entry).await;
        json!({ "accountId": account, "region": region, "count": 2, "since": held["since"] })
    }

    pub async fn query(&self, name: &str, parameters: Value) -> Result<Answer, Failure> {
        let operation = QueryOperation::named(name).unwrap().read(map(parameters))?;
        // Without optimisation it is too large for the stack of a test.
        Box::pin(operation.answer(&self.queries, &Untold("call-1"))).await
    }

    pub async fn change(&self, name: &str, parameters: Value) -> Result<Answer, Failure> {
        let operation = DataOperation::named(name).unwrap().read(map(parameters))?;
        Box::pin(operation.answer(&self.data, Some(HUB))).await
    }
}

fn map(parameters: Value) -> Map<String, Value> {
    parameters.as_object().cloned().unwrap()
}

/// With these servers in us-east-1, and one in eu-west-1.
fn world(servers: &[u32]) -> Value {
    let mut listed: Vec<Value> =
        servers.iter().map(|number| server(MEMBER, "us-east-1", *number)).collect();
    listed[0]["lifeCycle"]["lastLaunch"] = json!({
        "initiated": { "apiCallDateTime": "2026-01-01T00:00:00Z", "jobID": "j-1", "type": "DRILL" },
        "status": "LAUNCHED" });
    let instances = vec![
        instance(1),
        json!({ "InstanceId": "i-0000000000000abcd", "InstanceType": "m6i.large",
            "Tags": [{ "Key": "Name", "Value": "alone" }] }),
    ];
    let account = member(MEMBER)
        .attribute("stagingAccounts", vec![target(OTHER)])
        .drs("us-east-1", json!({ "sourceServers": listed }))
        .ec2("us-east-1", instances)
        .drs("eu-west-1", json!({ "sourceServers": [server(MEMBER, "eu-west-1", 3)] }));
    let mut world = WorldBuilder::new(HUB).target(account).account(member(OTHER)).json();
    let accounts =
        [(HUB, "ACTIVE"), (MEMBER, "ACTIVE"), (OTHER, "CLOSED"), ("666666666666", "ACTIVE")];
    let accounts = accounts.map(|(id, state)| json!({ "id": id, "name": "one", "state": state }));
    world["organization"] =
        json!({ "id": "o-simulated0", "managementAccountId": HUB, "accounts": accounts });
    world
}
