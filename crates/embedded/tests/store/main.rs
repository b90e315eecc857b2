//! The store behind the ordinary DynamoDB client.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

mod batches;
mod files;
mod pages;
mod units;

use std::process::Command;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, PutRequest,
    ScalarAttributeType, WriteRequest,
};
use embedded::{Fault, Store, StoreCall};

async fn create_table(client: &Client) {
    client
        .create_table()
        .table_name("rows")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name("k")
                .attribute_type(ScalarAttributeType::S)
                .build()
                .unwrap(),
        )
        .key_schema(
            KeySchemaElement::builder()
                .attribute_name("k")
                .key_type(KeyType::Hash)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
}

fn write(key: &str) -> WriteRequest {
    let put = PutRequest::builder().item("k", AttributeValue::S(key.to_owned())).build().unwrap();
    WriteRequest::builder().put_request(put).build()
}

async fn put(client: &Client, key: &str) {
    let key = AttributeValue::S(key.to_owned());
    client.put_item().table_name("rows").item("k", key).send().await.unwrap();
}

async fn count(client: &Client) -> i32 {
    client.scan().table_name("rows").send().await.unwrap().count()
}

#[tokio::test]
async fn writes_and_reads_through_the_sdk() {
    let client = Store::in_memory().unwrap().client();
    create_table(&client).await;
    let number = AttributeValue::N("9223372036854775807".to_owned());
    client
        .put_item()
        .table_name("rows")
        .item("k", AttributeValue::S("a".to_owned()))
        .item("n", number.clone())
        .send()
        .await
        .unwrap();
    let read = client
        .get_item()
        .table_name("rows")
        .key("k", AttributeValue::S("a".to_owned()))
        .send()
        .await
        .unwrap();
    assert_eq!(read.item().unwrap()["n"], number);
}

#[tokio::test]
async fn refuses_what_dynamodb_refuses() {
    let client = Store::in_memory().unwrap().client();
    create_table(&client).await;
    let twice = client
        .batch_write_item()
        .request_items("rows", vec![write("a"), write("a")])
        .send()
        .await
        .unwrap_err();
    assert_eq!(twice.code(), Some("ValidationException"));
    let empty_key = client
        .put_item()
        .table_name("rows")
        .item("k", AttributeValue::S(String::new()))
        .send()
        .await
        .unwrap_err();
    assert_eq!(empty_key.code(), Some("ValidationException"));
    let no_table = client.scan().table_name("other").send().await.unwrap_err();
    assert_eq!(no_table.code(), Some("ResourceNotFoundException"));
}

#[tokio::test]
async fn unprocessed_items_come_back() {
    let store = Store::in_memory().unwrap().watched();
    let client = store.client();
    create_table(&client).await;
    store.inject(Fault::Unprocessed { count: 1, keep: 1 });
    let answer = client
        .batch_write_item()
        .request_items("rows", vec![write("a"), write("b"), write("c")])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.unprocessed_items().unwrap()["rows"].len(), 2);
    assert_eq!(count(&client).await, 1);
    assert_eq!(store.calls()[1], StoreCall { operation: "BatchWriteItem".to_owned(), items: 3 });
}

#[tokio::test]
async fn an_injected_error_is_the_services_own() {
    let store = Store::in_memory().unwrap().watched();
    let client = store.client();
    create_table(&client).await;
    let denied =
        Fault::Error { operation: "Scan", count: 1, status: 400, code: "AccessDeniedException" };
    store.inject(denied);
    let error = client.scan().table_name("rows").send().await.unwrap_err();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    assert_eq!(count(&client).await, 0);
}

/// Runs itself as a child, which writes until it is killed and prints each acknowledged key.
#[tokio::test]
async fn acknowledged_writes_survive_a_kill() {
    if let Ok(path) = std::env::var("EMBEDDED_TEST_CHILD") {
        write_until_killed(&path).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "acknowledged_writes_survive_a_kill", "--nocapture"])
        .env("EMBEDDED_TEST_CHILD", &path)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let acknowledged = read_until(child.stdout.take().unwrap(), 200);
    child.kill().unwrap();
    child.wait().unwrap();
    let client = Store::open(&path).unwrap().client();
    assert!(count(&client).await >= acknowledged);
}

async fn write_until_killed(path: &str) -> ! {
    use std::io::Write;
    let client = Store::open(path.as_ref()).unwrap().client();
    create_table(&client).await;
    let mut output = std::io::stdout();
    for n in 0.. {
        let put = client.put_item().table_name("rows").item("k", AttributeValue::S(n.to_string()));
        put.send().await.unwrap();
        writeln!(output, "acknowledged {n}").unwrap();
    }
    unreachable!()
}

fn read_until(output: impl std::io::Read, wanted: usize) -> i32 {
    use std::io::BufRead;
    let lines = std::io::BufReader::new(output).lines().map_while(Result::ok);
    let seen = lines.filter(|line| line.contains("acknowledged ")).take(wanted).count();
    assert_eq!(seen, wanted);
    i32::try_from(seen).unwrap()
}
