//! An index that a table gets later, and the units that calls consume.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, CreateGlobalSecondaryIndexAction,
    GlobalSecondaryIndexUpdate, IndexStatus, KeySchemaElement, KeyType, Projection, ProjectionType,
    PutRequest, ReturnConsumedCapacity, ScalarAttributeType, WriteRequest,
};
use embedded::{Consumed, Store};

use crate::create_table;

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn string(attribute: &str) -> AttributeDefinition {
    let definition = AttributeDefinition::builder().attribute_name(attribute);
    definition.attribute_type(ScalarAttributeType::S).build().unwrap()
}

/// `by-colour`: the key and `size` of rows that have a colour.
async fn add_index(client: &Client) {
    let key = KeySchemaElement::builder().attribute_name("colour").key_type(KeyType::Hash);
    let projection = Projection::builder()
        .projection_type(ProjectionType::Include)
        .non_key_attributes("size")
        .build();
    let index = CreateGlobalSecondaryIndexAction::builder()
        .index_name("by-colour")
        .key_schema(key.build().unwrap())
        .projection(projection);
    client
        .update_table()
        .table_name("rows")
        .attribute_definitions(string("colour"))
        .global_secondary_index_updates(
            GlobalSecondaryIndexUpdate::builder().create(index.build().unwrap()).build(),
        )
        .send()
        .await
        .unwrap();
}

async fn put(client: &Client, size: &str, note: &str) {
    let put = client.put_item().table_name("rows").item("k", s("a")).item("colour", s("red"));
    put.item("size", s(size)).item("note", s(note)).send().await.unwrap();
}

/// (operation, index, read, write)
fn told(consumed: &[Consumed]) -> Vec<(&str, Option<&str>, f64, f64)> {
    assert!(consumed.iter().all(|it| it.table == "rows"));
    consumed
        .iter()
        .map(|it| (it.operation.as_str(), it.index.as_deref(), it.read, it.write))
        .collect()
}

#[tokio::test]
async fn an_index_that_comes_later_holds_the_rows_that_were_there() {
    let client = Store::in_memory().unwrap().client();
    create_table(&client).await;
    put(&client, "small", "not in the index").await;
    add_index(&client).await;
    let table = client.describe_table().table_name("rows").send().await.unwrap().table.unwrap();
    let index = &table.global_secondary_indexes()[0];
    assert_eq!(index.index_status(), Some(&IndexStatus::Active));
    let query = client.query().table_name("rows").index_name("by-colour");
    let query = query.key_condition_expression("colour = :colour");
    let rows = query.expression_attribute_values(":colour", s("red")).send().await.unwrap();
    let mut names: Vec<_> = rows.items()[0].keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["colour", "k", "size"]);
}

#[tokio::test]
async fn units_are_counted_by_operation_and_index() {
    let store = Store::in_memory().unwrap().watched();
    let client = store.client();
    create_table(&client).await;
    add_index(&client).await;
    put(&client, "small", "first").await;
    // What the index does not hold is no write to it.
    put(&client, "small", &"second ".repeat(300)).await;
    put(&client, "large", "third").await;
    let query = client.query().table_name("rows").index_name("by-colour");
    let query = query.key_condition_expression("colour = :colour");
    query.expression_attribute_values(":colour", s("red")).send().await.unwrap();
    let get = client.get_item().table_name("rows").key("k", s("a")).consistent_read(true);
    get.send().await.unwrap();
    client.scan().table_name("rows").send().await.unwrap();
    let batch = PutRequest::builder().item("k", s("b")).build().unwrap();
    let batch = vec![WriteRequest::builder().put_request(batch).build()];
    client.batch_write_item().request_items("rows", batch).send().await.unwrap();
    assert_eq!(
        told(&store.units()),
        [
            ("BatchWriteItem", None, 0.0, 1.0),
            ("GetItem", None, 1.0, 0.0),
            // 1, then 3 KB, then 3 KB again: the larger of what was and what is.
            ("PutItem", None, 0.0, 7.0),
            ("PutItem", Some("by-colour"), 0.0, 2.0),
            ("Query", Some("by-colour"), 0.5, 0.0),
            ("Scan", None, 0.5, 0.0),
        ]
    );
    store.clear_units();
    assert_eq!(store.units(), []);
}

#[tokio::test]
async fn a_write_whose_condition_does_not_hold_is_one_unit() {
    let store = Store::in_memory().unwrap().watched();
    let client = store.client();
    create_table(&client).await;
    let put = client.put_item().table_name("rows").item("k", s("a"));
    put.condition_expression("attribute_exists(k)").send().await.unwrap_err();
    assert_eq!(told(&store.units()), [("PutItem", None, 0.0, 1.0)]);
}

#[tokio::test]
async fn a_caller_is_told_what_it_asked_for() {
    let store = Store::in_memory().unwrap().watched();
    let client = store.client();
    create_table(&client).await;
    let get = client.get_item().table_name("rows").key("k", s("a"));
    assert_eq!(get.clone().send().await.unwrap().consumed_capacity, None);
    for (asked, with_table) in
        [(ReturnConsumedCapacity::Total, false), (ReturnConsumedCapacity::Indexes, true)]
    {
        let answer = get.clone().return_consumed_capacity(asked).send().await.unwrap();
        let told = answer.consumed_capacity.unwrap();
        assert_eq!(told.capacity_units, Some(0.5));
        assert_eq!(told.table.is_some(), with_table);
    }
    assert_eq!(told(&store.units()), [("GetItem", None, 1.5, 0.0)]);
}
