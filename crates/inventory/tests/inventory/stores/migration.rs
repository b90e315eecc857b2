//! An installation of five tables becomes one of seven.

use std::sync::Mutex;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use embedded::Fault;
use inventory::picture::{Freshness, PictureTables, picture_of_servers};
use model::environment::Environment;
use store::scan;
use store::tables::{
    ATTENTION_INDEX, Building, Created, LISTING_INDEX, TableKind, create_tables,
    create_tables_and_tell, get_source_server_inventory_table, index_is_active,
};

use super::{clients, put, row, s, tables, with};

const BEING_BUILT: &str = r#"{"Table": {"TableStatus": "UPDATING", "GlobalSecondaryIndexes": [
    {"IndexName": "SourceAccountIndex", "IndexStatus": "ACTIVE"},
    {"IndexName": "StagingAccountIndex", "IndexStatus": "ACTIVE"},
    {"IndexName": "ReplicationRegionIndex", "IndexStatus": "ACTIVE"},
    {"IndexName": "ListingIndex", "IndexStatus": "CREATING", "Backfilling": true}]}}"#;

async fn create(client: &Client, name: &str, key: &[&str], indexes: &[(&str, &str)]) {
    let attributes = key.iter().chain(indexes.iter().map(|(_, attribute)| attribute));
    let mut attributes: Vec<_> = attributes.collect();
    attributes.sort_unstable();
    attributes.dedup();
    let element = |attribute: &str, key_type| {
        let element = KeySchemaElement::builder().attribute_name(attribute);
        element.key_type(key_type).build().unwrap()
    };
    let mut request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(element(key[0], KeyType::Hash));
    if let Some(sort_key) = key.get(1) {
        request = request.key_schema(element(sort_key, KeyType::Range));
    }
    for attribute in attributes {
        let definition = AttributeDefinition::builder().attribute_name(*attribute);
        let definition = definition.attribute_type(ScalarAttributeType::S).build().unwrap();
        request = request.attribute_definitions(definition);
    }
    for (index, attribute) in indexes {
        let everything = Projection::builder().projection_type(ProjectionType::All).build();
        let index = GlobalSecondaryIndex::builder()
            .index_name(*index)
            .key_schema(element(attribute, KeyType::Hash))
            .key_schema(element("sourceServerArn", KeyType::Range))
            .projection(everything);
        request = request.global_secondary_indexes(index.build().unwrap());
    }
    request.send().await.unwrap();
}

/// The tables as the versions before the ledger made them.
async fn five_tables(store: &store::Store) {
    let create = async |kind: TableKind, key: &[&str], indexes: &[(&str, &str)]| {
        create(&store.client, store.names.get(kind).unwrap(), key, indexes).await;
    };
    create(TableKind::TargetAccounts, &["accountId"], &[]).await;
    let indexes = [
        ("SourceAccountIndex", "sourceAccountId"),
        ("StagingAccountIndex", "stagingAccountId"),
        ("ReplicationRegionIndex", "replicationRegion"),
    ];
    let key = ["sourceServerArn", "stagingAccountId"];
    create(TableKind::SourceServerInventory, &key, &indexes).await;
    create(TableKind::DrsRegionStatus, &["region"], &[]).await;
    create(TableKind::ProtectionGroups, &["groupId"], &[]).await;
    create(TableKind::RecoveryPlans, &["planId"], &[]).await;
}

fn new(created: &[Created], store: &store::Store) -> Vec<(TableKind, bool, Vec<&'static str>)> {
    let of = |name: &str| {
        TableKind::ALL.into_iter().find(|kind| store.names.get(*kind).unwrap() == name).unwrap()
    };
    let changed = created.iter().filter(|table| table.new || !table.new_indexes.is_empty());
    changed.map(|table| (of(&table.name), table.new, table.new_indexes.clone())).collect()
}

#[tokio::test]
async fn an_installation_of_five_tables_gets_the_rest_and_keeps_its_rows() {
    for (name, client) in clients() {
        let store = tables(&client);
        five_tables(&store).await;
        let inventory = get_source_server_inventory_table(&store).unwrap();
        let listed = with(row("arn:1", "111111111111"), "listedIn", s("111111111111/us-east-1"));
        for row in [listed, row("arn:2", "111111111111")] {
            assert_eq!(put(&inventory, row).await, "stored", "{name}");
        }
        assert!(!index_is_active(&inventory, LISTING_INDEX).await.unwrap(), "{name}");
        let before = scan(&inventory).await.unwrap();
        // It can be read as it is: then nothing is known as of when.
        let pictured = PictureTables::of(&store).unwrap();
        let freshness = Freshness::from_environment(&Environment::of([])).unwrap();
        let mut rows = before.clone();
        let picture = picture_of_servers(&pictured, &mut rows, &freshness).await.unwrap();
        assert!(!picture.is_complete(), "{name}");
        assert!(rows.iter().all(|row| row["known"].as_bool() == Ok(&false)), "{name}");

        let created = create_tables(&store).await.unwrap();
        let expected = [
            (TableKind::SourceServerInventory, false, vec![LISTING_INDEX, ATTENTION_INDEX]),
            (TableKind::AccountRegionStatus, true, vec![]),
            (TableKind::InventoryChanges, true, vec![]),
        ];
        assert_eq!(new(&created, &store), expected, "{name}");
        assert_eq!(created.len(), TableKind::ALL.len());
        assert_eq!(scan(&inventory).await.unwrap(), before, "{name}");
        assert!(index_is_active(&inventory, LISTING_INDEX).await.unwrap(), "{name}");
        let query = client.query().table_name(&inventory.name).index_name(LISTING_INDEX);
        let query = query.key_condition_expression("listedIn = :place");
        let query = query.expression_attribute_values(":place", s("111111111111/us-east-1"));
        assert_eq!(query.send().await.unwrap().items().len(), 1, "{name}");

        let again = create_tables(&store).await.unwrap();
        assert_eq!(new(&again, &store), [], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_index_that_somebody_else_builds_is_waited_for() {
    let watched = embedded::Store::in_memory().unwrap().watched();
    let store = tables(&watched.client());
    create_tables(&store).await.unwrap();
    watched.inject(Fault::Body { operation: "DescribeTable", count: 9, body: BEING_BUILT });
    let heard = Mutex::new(Vec::new());
    let tell = |Building { index, .. }: Building<'_>| heard.lock().unwrap().push(index);
    let created = create_tables_and_tell(&store, &tell).await.unwrap();
    assert_eq!(new(&created, &store), []);
    assert_eq!(heard.into_inner().unwrap(), [LISTING_INDEX]);
    let inventory = get_source_server_inventory_table(&store).unwrap();
    watched.inject(Fault::Body { operation: "DescribeTable", count: 1, body: BEING_BUILT });
    assert!(!index_is_active(&inventory, LISTING_INDEX).await.unwrap());
    assert!(index_is_active(&inventory, LISTING_INDEX).await.unwrap());
}

/// An emulator tells no status of the indexes that CloudFormation made.
#[tokio::test]
async fn an_index_without_a_status_is_there() {
    let watched = embedded::Store::in_memory().unwrap().watched();
    let store = tables(&watched.client());
    create_tables(&store).await.unwrap();
    let body = r#"{"Table": {"GlobalSecondaryIndexes": [{"IndexName": "ListingIndex"}]}}"#;
    watched.inject(Fault::Body { operation: "DescribeTable", count: 2, body });
    let inventory = get_source_server_inventory_table(&store).unwrap();
    assert!(index_is_active(&inventory, LISTING_INDEX).await.unwrap());
    assert!(!index_is_active(&inventory, "OtherIndex").await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn an_index_that_is_never_ready_ends_the_wait_and_is_named() {
    let watched = embedded::Store::in_memory().unwrap().watched();
    let store = tables(&watched.client());
    create_tables(&store).await.unwrap();
    watched.inject(Fault::Body { operation: "DescribeTable", count: 9_999, body: BEING_BUILT });
    let said = create_tables(&store).await.unwrap_err().to_string();
    assert!(said.starts_with("the index ListingIndex of the table "), "{said}");
    assert!(said.contains("is not ready after 60 min"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_table_that_somebody_else_changes_is_asked_again() {
    let watched = embedded::Store::in_memory().unwrap().watched();
    let store = tables(&watched.client());
    five_tables(&store).await;
    watched.inject(Fault::Error {
        operation: "UpdateTable",
        count: 1,
        status: 400,
        code: "ResourceInUseException",
    });
    let created = create_tables(&store).await.unwrap();
    let inventory = created.iter().find(|table| !table.new_indexes.is_empty()).unwrap();
    assert_eq!(inventory.new_indexes, [LISTING_INDEX, ATTENTION_INDEX]);
}

#[tokio::test]
async fn what_is_refused_is_named() {
    let denied = |operation| Fault::Error {
        operation,
        count: 9,
        status: 400,
        code: "AccessDeniedException",
    };
    for (operation, expected) in [
        ("UpdateTable", "cannot add the index ListingIndex to the table "),
        ("DescribeTable", "cannot describe the table "),
    ] {
        let watched = embedded::Store::in_memory().unwrap().watched();
        let store = tables(&watched.client());
        five_tables(&store).await;
        watched.inject(denied(operation));
        let said = create_tables(&store).await.unwrap_err().to_string();
        assert!(said.starts_with(expected), "{said}");
        assert!(said.contains("-source-server-inventory: "), "{said}");
        assert!(said.contains("AccessDeniedException"), "{said}");
    }
}
