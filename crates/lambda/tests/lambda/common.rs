//! Both handlers between a simulated AWS and an embedded store.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

use std::collections::HashMap;

use aws::Aws;
use lambda::data::DataHandler;
use lambda::query::QueryHandler;
use lambda::runtime::{Handler, Invocation};
use model::environment::Environment;
use serde_json::{Value, json};
use sim::world::build::WorldBuilder;
use store::tables::TableKind;
pub use testing::{HUB, MEMBER, OTHER, Stage, role_arn};
use testing::{member, target};

pub const STAGING: &str = OTHER;

pub struct Lab {
    pub stage: Stage,
    pub query: QueryHandler,
    pub data: DataHandler,
}

impl Lab {
    pub async fn of(world: Value) -> Self {
        Self::with(world, &[]).await
    }

    /// With variables beside those of the tables; an empty value is that of a missing one.
    pub async fn with(world: Value, variables: &[(&str, &str)]) -> Self {
        let stage = Stage::of(&world).await;
        let client = stage.store.client();
        let tables = TableKind::ALL.map(|kind| kind.schema());
        let tables = tables.iter().map(|schema| (schema.variable, schema.default_name));
        let environment = Environment::of(tables.chain(variables.iter().copied()));
        let aws = Aws::simulated(&stage.sim.endpoint());
        let query = QueryHandler::new(aws.clone(), client.clone(), environment.clone());
        let data = DataHandler::new(aws, client, &environment);
        Self { stage, query, data }
    }

    pub async fn ask(&self, event: Value) -> Value {
        self.query.handle(event, &call()).await
    }

    pub async fn change(&self, event: Value) -> Value {
        self.data.handle(event, &call()).await
    }

    /// Rows of a table, by its partition key.
    pub async fn rows(&self, kind: TableKind) -> HashMap<String, Value> {
        let key = kind.schema().partition_key;
        let rows = self.stage.rows(kind).await.into_iter();
        rows.map(|row| (row[key].as_str().unwrap().to_owned(), row)).collect()
    }

    pub fn operations(&self) -> Vec<String> {
        self.stage.store.calls().into_iter().map(|call| call.operation).collect()
    }
}

pub fn call() -> Invocation {
    Invocation {
        request_id: "request-1".to_owned(),
        account_id: Some(HUB.to_owned()),
        deadline: None,
    }
}

/// `servers` of one member account, in turn in us-east-1 and eu-west-1.
pub fn world(servers: u32) -> Value {
    let regions = ["us-east-1", "eu-west-1"];
    let server = |n: u32| {
        let region = regions[n as usize % 2];
        json!({
            "sourceServerID": format!("s-{n:017x}"),
            "arn": format!("arn:aws:drs:{region}:{MEMBER}:source-server/s-{n:017x}"),
            "stagingArea": { "stagingAccountID": if n.is_multiple_of(3) { STAGING } else { MEMBER } },
            "sourceProperties": { "identificationHints": {
                "hostname": format!("host-{n:03}"), "awsInstanceID": format!("i-{n:017x}") } },
            "dataReplicationInfo": {
                "dataReplicationState": if n.is_multiple_of(5) { "STALLED" } else { "CONTINUOUS" },
                "lagDuration": format!("PT{n}M") },
        })
    };
    let instance = |n: u32| {
        json!({ "InstanceId": format!("i-{n:017x}"), "VpcId": "vpc-1",
            "Tags": [{ "Key": "Tier", "Value": if n == 7 { "db" } else { "web" } }] })
    };
    let mut account = member(MEMBER).attribute("stagingAccounts", vec![target(STAGING)]);
    for (place, region) in regions.iter().enumerate() {
        let here = (1..=servers).filter(|n| *n as usize % 2 == place);
        let listed: Vec<Value> = here.clone().map(server).collect();
        account = account
            .drs(region, json!({ "sourceServers": listed }))
            .ec2(region, here.map(instance).collect());
    }
    WorldBuilder::new(HUB).target(account).account(member(STAGING)).json()
}

/// A proxy event of a REST API.
pub fn v1(method: &str, path: &str, query: Value, body: Option<&str>) -> Value {
    json!({
        "resource": "/{proxy+}", "path": path, "httpMethod": method,
        "headers": { "accept": "application/json" }, "multiValueHeaders": null,
        "queryStringParameters": query, "multiValueQueryStringParameters": null,
        "pathParameters": { "proxy": path }, "stageVariables": null,
        "requestContext": { "stage": "prod", "httpMethod": method, "path": path,
            "identity": { "sourceIp": "127.0.0.1" } },
        "body": body, "isBase64Encoded": false,
    })
}

/// A proxy event of an HTTP API.
pub fn v2(method: &str, path: &str, query: Value, body: Option<&str>) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": { "accept": "application/json" }, "queryStringParameters": query,
        "requestContext": { "accountId": HUB, "apiId": "api", "stage": "$default",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": "test" },
            "time": "23/Nov/2026:00:00:00 +0000", "timeEpoch": 1 },
        "body": body, "isBase64Encoded": false,
    })
}

/// Status and body of an answer over HTTP.
pub fn http(answer: &Value) -> (u64, Value) {
    let body = answer["body"].as_str().unwrap();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap() };
    (answer["statusCode"].as_u64().unwrap(), body)
}
