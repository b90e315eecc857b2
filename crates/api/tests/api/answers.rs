//! What operations answer is what the document says.

use std::collections::BTreeSet;

use api::operation::{Entry, Operation};
use api::{Answer, DataOperation, Failure, QueryOperation, openapi};
use serde_json::{Value, json};
use testing::{MEMBER, OTHER, server_id};

use crate::schema::misfits;
use crate::world::World;

/// Checks what operations answer, and remembers which did.
struct Checked {
    document: Value,
    names: BTreeSet<&'static str>,
}

impl Checked {
    fn new() -> Self {
        let document = serde_json::to_value(openapi::document()).unwrap();
        Self { document, names: BTreeSet::new() }
    }

    async fn query(&mut self, world: &World, name: &'static str, parameters: Value) -> Value {
        let answer = world.query(name, parameters).await;
        let entry = QueryOperation::named(name).unwrap();
        self.check(name, answer, (entry.answer.1.name)(), entry.answer.0)
    }

    async fn change(&mut self, world: &World, name: &'static str, parameters: Value) -> Value {
        let answer = world.change(name, parameters).await;
        let entry = DataOperation::named(name).unwrap();
        self.check(name, answer, (entry.answer.1.name)(), entry.answer.0)
    }

    fn check(
        &mut self,
        name: &'static str,
        answer: Result<Answer, Failure>,
        schema: String,
        expected: u16,
    ) -> Value {
        let (status, body) = match answer.unwrap() {
            Answer::Object(body) => (200, body),
            Answer::Created(body) => (201, body),
            Answer::Accepted(body) => (202, body),
            // Whoever waits for it gets the report; over HTTP nobody does.
            Answer::Sync(response) if expected == 202 => {
                self.names.insert(name);
                let schema = json!({ "$ref": "#/components/schemas/SyncReport" });
                assert_eq!(misfits(&response.body, &schema, &self.document), [""; 0], "{name}");
                return response.body;
            }
            Answer::Sync(response) => (response.status_code, response.body),
        };
        assert_eq!(status, expected, "{name}");
        let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
        assert_eq!(misfits(&body, &schema, &self.document), [""; 0], "{name}: {body}");
        self.names.insert(name);
        body
    }
}

#[tokio::test]
async fn every_answer_is_as_documented() {
    let world = World::new().await;
    let mut checked = Checked::new();
    before_a_sync(&world, &mut checked).await;
    syncs(&world, &mut checked).await;
    changes(&world, &mut checked).await;
    reads(&world, &mut checked).await;
    deletions(&world, &mut checked).await;
    let is_documented = |entry: &&Entry<QueryOperation>| !entry.routes.is_empty();
    let queries = QueryOperation::TABLE.iter().filter(is_documented).map(|entry| entry.name);
    let all: BTreeSet<&str> =
        queries.chain(DataOperation::TABLE.iter().map(|entry| entry.name)).collect();
    assert_eq!(checked.names, all);
}

/// Null where later something is.
async fn before_a_sync(world: &World, checked: &mut Checked) {
    checked.query(world, "get_overview", json!({})).await;
    checked.query(world, "get_source_server_inventory", json!({})).await;
    checked.query(world, "get_region_status", json!({})).await;
    checked.query(world, "get_changes", json!({})).await;
    checked.query(world, "get_account_status", json!({ "accountId": MEMBER })).await;
    checked.query(world, "get_unprotected", json!({})).await;
}

async fn syncs(world: &World, checked: &mut Checked) {
    checked.query(world, "sync_source_server_inventory", json!({})).await;
    world.turn();
    checked.query(world, "sync_source_server_inventory", json!({})).await;
    checked.query(world, "sync_account", json!({ "accountId": MEMBER })).await;
    checked.query(world, "finish_sync", json!({})).await;
    checked.query(world, "list_account_ids", json!({})).await;
}

async fn changes(world: &World, checked: &mut Checked) {
    let found = checked.change(world, "discover_accounts", json!({})).await;
    assert_eq!(
        (&found["new"][1]["accountId"], &found["gone"]),
        (&json!("666666666666"), &json!([]))
    );
    let added = checked.change(world, "discover_accounts", json!({ "apply": true })).await;
    assert_eq!(added["new"][1]["added"], true);
    let check = checked.query(world, "check_account", json!({ "accountId": MEMBER })).await;
    assert_eq!(
        (&check["passed"], &check["regions"][0]["status"]),
        (&json!(false), &json!("NOT_INITIALIZED"))
    );
    checked.change(world, "add_target_account", json!({ "accountId": "444444444444" })).await;
    let named = json!({ "accountId": "444444444444", "accountName": "another" });
    checked.change(world, "update_target_account", named).await;
    let staging = json!({ "targetAccountId": "444444444444", "accountId": "555555555555" });
    checked.change(world, "add_staging_account", staging.clone()).await;
    checked.change(world, "remove_staging_account", staging).await;
    let until = json!({ "accountId": MEMBER, "region": "us-east-1", "until": "2999-01-01",
        "because": "it is closed" });
    checked.change(world, "acknowledge_region", until).await;
    let exclusion = json!({ "what": "tag:Tier=web", "owner": "me", "reason": "a test",
        "until": "2999-01-01" });
    checked.change(world, "exclude_unprotected", exclusion).await;
    let group = json!({ "groupName": "web", "region": "us-east-1",
        "sourceServerIds": [server_id(1)], "rpoMinutes": 5 });
    let group = checked.change(world, "create_protection_group", group).await;
    let id = group["groupId"].clone();
    let described = json!({ "groupId": id, "description": "of the web", "version": 1 });
    checked.change(world, "update_protection_group", described).await;
    checked.change(world, "list_protection_groups", json!({})).await;
    checked.change(world, "get_protection_group", json!({ "groupId": id })).await;
    let plan = json!({ "planName": "all",
        "waves": [{ "waveName": "first", "protectionGroupIds": [id] }] });
    let plan = checked.change(world, "create_recovery_plan", plan).await;
    let id = plan["planId"].clone();
    let described = json!({ "planId": id, "description": "of all" });
    checked.change(world, "update_recovery_plan", described).await;
    checked.change(world, "list_recovery_plans", json!({})).await;
    checked.change(world, "get_recovery_plan", json!({ "planId": id })).await;
    let held = world.hold(MEMBER, "eu-west-1").await;
    checked.change(world, "approve_removal", held).await;
}

async fn reads(world: &World, checked: &mut Checked) {
    let page = checked.query(world, "get_source_server_inventory", json!({ "limit": 1 })).await;
    assert_eq!(page["count"], 1);
    assert!(page["nextToken"].is_string());
    let all = checked.query(world, "get_source_server_inventory", json!({})).await;
    assert_eq!(all["count"], 4);
    let one = checked.query(world, "get_source_server", json!({ "id": server_id(4) })).await;
    assert!(one["count"].as_u64().unwrap() > 0);
    checked.query(world, "get_overview", json!({})).await;
    let regions = checked.query(world, "get_region_status", json!({})).await;
    assert!(regions["count"].as_u64().unwrap() > 1);
    for account in [MEMBER, OTHER] {
        checked.query(world, "get_account_status", json!({ "accountId": account })).await;
    }
    let changes = checked.query(world, "get_changes", json!({})).await;
    assert!(changes["count"].as_u64().unwrap() > 3);
    let unprotected = checked.query(world, "get_unprotected", json!({})).await;
    assert_eq!(unprotected["count"], 1);
    checked.query(world, "get_target_accounts", json!({})).await;
    checked.query(world, "get_protection_groups", json!({})).await;
    checked.query(world, "get_recovery_plans", json!({})).await;
    checked.query(world, "get_current_account_id", json!({})).await;
    checked.query(world, "health", json!({})).await;
}

async fn deletions(world: &World, checked: &mut Checked) {
    let plans = checked.query(world, "get_recovery_plans", json!({})).await;
    let plan = json!({ "planId": plans["plans"][0]["planId"] });
    checked.change(world, "delete_recovery_plan", plan).await;
    let groups = checked.query(world, "get_protection_groups", json!({})).await;
    let group = json!({ "groupId": groups["groups"][0]["groupId"] });
    checked.change(world, "delete_protection_group", group).await;
    checked.change(world, "include_unprotected", json!({ "what": "tag:Tier=web" })).await;
    let account = json!({ "accountId": "444444444444" });
    checked.change(world, "delete_target_account", account).await;
}
