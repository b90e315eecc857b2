//! What one writer meets of another that is midway: its row is written, and not yet looked at once
//! more.

use std::fmt;
use std::future::Future;
use std::sync::Mutex;

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use model::environment::Environment;
use store::tables::{
    ProtectionGroupsTable, SourceServerInventoryTable, TableNames, get_protection_groups_table,
};
use store::{Indexes, Store};

use super::*;

type Act = Box<dyn FnOnce() + Send>;

/// Does something right after a writer has put its row, before it does anything else.
struct AfterPut(Mutex<Midway>);

enum Midway {
    Waiting(Act),
    Put(Act),
    Done,
}

impl fmt::Debug for AfterPut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AfterPut")
    }
}

impl Intercept for AfterPut {
    fn name(&self) -> &'static str {
        "AfterPut"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let mut state = self.0.lock().unwrap();
        match std::mem::replace(&mut *state, Midway::Done) {
            Midway::Waiting(act) if target.ends_with(".PutItem") => *state = Midway::Put(act),
            Midway::Waiting(act) => *state = Midway::Waiting(act),
            Midway::Put(act) => act(),
            Midway::Done => {}
        }
        Ok(())
    }
}

/// The table, for one writer, with what happens once that has put its row.
fn midway<F: Future<Output = ()>>(
    groups: &ProtectionGroupsTable,
    act: impl FnOnce() -> F + Send + 'static,
) -> ProtectionGroupsTable {
    let act = move || {
        let act = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(act());
        };
        std::thread::spawn(act).join().unwrap();
    };
    let interceptor = AfterPut(Mutex::new(Midway::Waiting(Box::new(act))));
    let config = groups.client.config().to_builder().interceptor(interceptor).build();
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    let named = Environment::of([("PROTECTION_GROUPS_TABLE", groups.name.as_str())]);
    let store =
        Store { client, names: TableNames::from_environment(&named), indexes: Indexes::MayLag };
    get_protection_groups_table(&store).unwrap()
}

async fn change(
    groups: &ProtectionGroupsTable,
    inventory: &SourceServerInventoryTable,
    id: &str,
    changes: Value,
) -> Result<ProtectionGroup, ManageError> {
    let changes: Changes = serde_json::from_value(changes).unwrap();
    update_protection_group(groups, inventory, id, changes, LATER).await
}

/// Another group as a third writer has it for a moment.
async fn put(groups: &ProtectionGroupsTable, name: &str) {
    let row = json!({ "groupId": "pg-other", "groupName": name, "region": REGION,
        "sourceServerIds": [server_id(4)] });
    let put = groups.client.put_item().table_name(&groups.name);
    put.set_item(Some(serde_dynamo::to_item(row).unwrap())).send().await.unwrap();
}

#[tokio::test]
async fn a_version_that_is_refused_stays_nowhere_however_many_change_the_group() {
    let lab = lab().await;
    let id = create(&lab, named("a", &[1])).await.unwrap().group_id;
    put(&lab.groups(), "b").await;
    let (groups, inventory) = (lab.groups(), lab.inventory());
    // The second change starts from the name of the first, and both meet the name of a third.
    let (table, stock, group) = (groups.clone(), inventory.clone(), id.clone());
    let first = midway(&groups, move || async move {
        let other = table.clone();
        let second = midway(&table, move || async move { put(&other, "C").await });
        let described = change(&second, &stock, &group, json!({ "description": "d" })).await;
        assert!(described.is_err(), "{described:?}");
        put(&table, "C").await;
    });
    let renamed = change(&first, &inventory, &id, json!({ "groupName": "c" })).await;
    assert!(matches!(renamed, Err(ManageError::AlreadyExists { .. })), "{renamed:?}");
    let (now, _) = get_protection_group(&groups, &id).await.unwrap();
    assert_eq!((now.definition.group_name.as_str(), now.definition.description), ("a", None));
}

#[tokio::test]
async fn the_name_that_a_change_may_come_back_to_is_not_given_away() {
    let lab = lab().await;
    let id = create(&lab, named("a", &[1])).await.unwrap().group_id;
    let (groups, inventory) = (lab.groups(), lab.inventory());
    let (table, stock) = (groups.clone(), inventory.clone());
    let first = midway(&groups, move || async move {
        for taken in [named("A", &[2]), named("z", &[1])] {
            let created = create_protection_group(&table, &stock, taken, LATER).await;
            assert!(created.is_err(), "{created:?}");
        }
        put(&table, "C").await;
    });
    let changes = json!({ "groupName": "c", "sourceServerIds": [server_id(3)] });
    assert!(change(&first, &inventory, &id, changes).await.is_err());
    let names: Vec<Value> = rows(&lab).await.iter().map(|row| row["groupName"].clone()).collect();
    assert_eq!(names, ["a", "C"]);
}

#[tokio::test]
async fn what_a_writer_left_midway_can_be_changed_after_a_minute() {
    let lab = lab().await;
    let row = json!({ "groupId": "pg-1", "groupName": "b", "region": REGION, "version": 2,
        "sourceServerIds": [server_id(1)], "createdAt": NOW, "lastUpdated": NOW,
        "replaces": { "groupId": "pg-1", "groupName": "a", "region": REGION, "version": 1 } });
    lab.put(&lab.groups(), &row).await;
    assert!(rows(&lab).await[0].get("replaces").is_none());
    let (groups, inventory) = (lab.groups(), lab.inventory());
    let at = |time: &str| {
        let changes: Changes = serde_json::from_value(json!({ "description": "d" })).unwrap();
        let time = time.to_owned();
        let (groups, inventory) = (groups.clone(), inventory.clone());
        async move { update_protection_group(&groups, &inventory, "pg-1", changes, &time).await }
    };
    let soon = at("2026-11-01T10:00:59.000000+00:00").await;
    assert!(matches!(soon, Err(ManageError::Contended { .. })), "{soon:?}");
    let later = at("2026-11-01T10:01:00.000000+00:00").await.unwrap();
    assert_eq!((later.definition.group_name.as_str(), later.version), ("b", 3));
    let raw = groups.client.get_item().table_name(&groups.name);
    let key = aws_sdk_dynamodb::types::AttributeValue::S("pg-1".to_owned());
    let raw = raw.key("groupId", key).send().await.unwrap().item.unwrap();
    assert!(!raw.contains_key("replaces"), "{raw:?}");
}
