//! A batch of rows is written at once, and ends as if the engine had written each by itself.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, PutRequest, ScalarAttributeType, WriteRequest,
};
use embedded::Store;
use proptest::prelude::*;

type Item = HashMap<String, AttributeValue>;

const INDEXES: [&str; 2] = ["whole", "part"];

fn key(name: &str, key_type: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(key_type).build().unwrap()
}

fn index(name: &str, projection: Projection) -> GlobalSecondaryIndex {
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .key_schema(key("group", KeyType::Hash))
        .key_schema(key("k", KeyType::Range))
        .projection(projection)
        .build()
        .unwrap()
}

pub(crate) async fn table_in(store: &Store) -> Client {
    let client = store.client();
    let text = |name: &str| {
        let definition = AttributeDefinition::builder().attribute_name(name);
        definition.attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    let part = Projection::builder().projection_type(ProjectionType::Include);
    client
        .create_table()
        .table_name("rows")
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(["k", "r", "group"].map(text).to_vec()))
        .key_schema(key("k", KeyType::Hash))
        .key_schema(key("r", KeyType::Range))
        .global_secondary_indexes(index(
            INDEXES[0],
            Projection::builder().projection_type(ProjectionType::All).build(),
        ))
        .global_secondary_indexes(index(INDEXES[1], part.non_key_attributes("a").build()))
        .send()
        .await
        .unwrap();
    client
}

fn any_value() -> impl Strategy<Value = AttributeValue> {
    let leaf = prop_oneof![
        6 => "[a-c]{0,2}".prop_map(AttributeValue::S),
        2 => any::<i32>().prop_map(|number| AttributeValue::N(number.to_string())),
        1 => "[0-9]{38,39}|x|1\\.0".prop_map(AttributeValue::N),
        1 => any::<bool>().prop_map(AttributeValue::Bool),
        1 => Just(AttributeValue::Null(true)),
        1 => prop::collection::vec("[a-c]{0,1}", 0..3).prop_map(AttributeValue::Ss),
        1 => Just(AttributeValue::S("x".repeat(410_000))),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(AttributeValue::L),
            prop::collection::hash_map("[a-c]{0,1}", inner, 0..3).prop_map(AttributeValue::M),
        ]
    })
}

fn any_item() -> impl Strategy<Value = Item> {
    let texts = |pattern: &'static str| pattern.prop_map(AttributeValue::S);
    let key = |usual: &'static str| prop_oneof![30 => texts(usual).prop_map(Some), 1 => any_value().prop_map(Some), 1 => Just(None)];
    let named = |name: &'static str, value: Option<AttributeValue>| {
        value.map(|value| (name.to_owned(), value))
    };
    let others = prop::collection::hash_map("[a-b]{0,1}", any_value(), 0..3);
    (key("[a-h]"), key("[a-b]"), key("[a-b]"), others).prop_map(move |(k, r, group, mut item)| {
        item.extend(
            [("k", k), ("r", r), ("group", group)].into_iter().filter_map(|(n, v)| named(n, v)),
        );
        item
    })
}

async fn write(client: &Client, items: Vec<Item>) -> String {
    let put = |item| {
        let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let requests = items.into_iter().map(put).collect();
    match client.batch_write_item().request_items("rows", requests).send().await {
        Ok(answer) => format!("unprocessed: {:?}", answer.unprocessed_items.unwrap_or_default()),
        Err(error) => format!("{:?} {:?}", error.code(), error.message()),
    }
}

/// Every row of the table and of its indexes, by key.
async fn rows(client: &Client) -> [Vec<Item>; 3] {
    let mut all = [const { Vec::new() }; 3];
    for (rows, index) in all.iter_mut().zip([None, Some(INDEXES[0]), Some(INDEXES[1])]) {
        let scan = client.scan().table_name("rows").set_index_name(index.map(str::to_owned));
        *rows = scan.send().await.unwrap().items.unwrap_or_default();
        rows.sort_by_key(|item| format!("{:?} {:?}", item["k"], item["r"]));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_batch_ends_as_if_each_row_were_written_by_itself(
        batches in prop::collection::vec(prop::collection::vec(any_item(), 0..6), 1..6),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            // A store that is watched asks for units, which only the engine's own operation tells.
            let (at_once, one_by_one) =
                (Store::in_memory().unwrap(), Store::in_memory().unwrap().watched());
            let (at_once, one_by_one) = (table_in(&at_once).await, table_in(&one_by_one).await);
            for batch in batches {
                let expected = write(&one_by_one, batch.clone()).await;
                prop_assert_eq!(write(&at_once, batch).await, expected);
                prop_assert_eq!(rows(&at_once).await, rows(&one_by_one).await);
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_batch_with_a_row_that_is_refused_writes_none() {
    let store = Store::in_memory().unwrap();
    let client = table_in(&store).await;
    let item = |k: &str, group| {
        Item::from([
            ("k".to_owned(), AttributeValue::S(k.to_owned())),
            ("r".to_owned(), AttributeValue::S("r".to_owned())),
            ("group".to_owned(), group),
        ])
    };
    let good = item("a", AttributeValue::S("g".to_owned()));
    let told = write(&client, vec![good.clone(), item("b", AttributeValue::Bool(true))]).await;
    assert!(told.contains("ValidationException"), "{told}");
    assert_eq!(rows(&client).await.map(|rows| rows.len()), [0, 0, 0]);
    assert_eq!(write(&client, vec![good]).await, "unprocessed: {}");
    assert_eq!(rows(&client).await.map(|rows| rows.len()), [1, 1, 1]);
}
