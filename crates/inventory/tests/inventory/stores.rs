//! What the tables accept and refuse, in every store that there is: the embedded one, and DynamoDB
//! at `DRS_INVENTORY_TEST_DYNAMODB` (an emulator's endpoint) where that is set.

mod migration;

use std::collections::HashMap;

use aws::Aws;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, PutRequest, WriteRequest};
use embedded::Store;
use inventory::picture::Freshness;
use inventory::servers::page::{Budget, query_servers_page};
use inventory::servers::{ServerFilter, ServerTables, Terms, query_servers};
use model::environment::Environment;
use store::scan;
use store::tables::{
    SourceServerInventoryTable, Table, TableKind, TableNames, create_tables,
    get_source_server_inventory_table,
};

type Item = HashMap<String, AttributeValue>;

/// Each store, without tables.
fn clients() -> Vec<(&'static str, Client)> {
    let mut stores = vec![("embedded", Store::in_memory().unwrap().client())];
    if let Ok(endpoint) = std::env::var("DRS_INVENTORY_TEST_DYNAMODB") {
        stores.push(("emulator", Aws::emulated(&endpoint, "111111111111").dynamodb()));
    }
    stores
}

/// All tables, new, in each store.
async fn stores() -> Vec<(&'static str, store::Store)> {
    let mut stores = Vec::new();
    for (name, client) in clients() {
        let store = tables(&client);
        create_tables(&store).await.unwrap();
        stores.push((name, store));
    }
    stores
}

/// The inventory table, new, in each store.
async fn inventories() -> Vec<(&'static str, SourceServerInventoryTable)> {
    let stores = stores().await.into_iter();
    stores.map(|(name, store)| (name, get_source_server_inventory_table(&store).unwrap())).collect()
}

/// Tables that no other test uses.
fn tables(client: &Client) -> store::Store {
    let prefix: String = std::iter::repeat_with(random_letter).take(12).collect();
    let names = TableKind::ALL.map(|kind| {
        let schema = kind.schema();
        (schema.variable, format!("{prefix}-{}", schema.default_name))
    });
    let environment = Environment::of(names.iter().map(|(name, value)| (*name, value.as_str())));
    let names = TableNames::from_environment(&environment);
    store::Store { client: client.clone(), names, indexes: store::Indexes::MayLag }
}

fn random_letter() -> char {
    let mut byte = [0];
    getrandom::fill(&mut byte).unwrap();
    char::from(b'a' + byte[0] % 26)
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn row(arn: &str, staging: &str) -> Item {
    Item::from([
        ("sourceServerArn".to_owned(), s(arn)),
        ("stagingAccountId".to_owned(), s(staging)),
        ("sourceAccountId".to_owned(), s("222222222222")),
        ("replicationRegion".to_owned(), s("us-east-1")),
        ("hostname".to_owned(), s(arn)),
    ])
}

fn with(mut row: Item, name: &str, value: AttributeValue) -> Item {
    row.insert(name.to_owned(), value);
    row
}

/// The code of an error, or `stored`.
fn outcome<T, E: ProvideErrorMetadata, R>(result: Result<T, SdkError<E, R>>) -> String {
    match result {
        Ok(_) => "stored".to_owned(),
        Err(error) => error.code().unwrap_or("no code").to_owned(),
    }
}

async fn put(table: &Table, item: Item) -> String {
    outcome(table.client.put_item().table_name(&table.name).set_item(Some(item)).send().await)
}

async fn write_batch(table: &Table, rows: Vec<Item>) -> String {
    let request = |row| {
        let put = PutRequest::builder().set_item(Some(row)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let requests = rows.into_iter().map(request).collect();
    outcome(table.client.batch_write_item().request_items(&table.name, requests).send().await)
}

#[tokio::test]
async fn rows_are_accepted_and_refused_alike() {
    const REFUSED: &str = "ValidationException";
    for (store, table) in inventories().await {
        let digits = AttributeValue::N("1".repeat(38));
        let nested = AttributeValue::M(Item::from([("empty".to_owned(), s(""))]));
        for (case, item, expected) in [
            ("plain", row("arn:a", "1"), "stored"),
            ("empty partition key", row("", "1"), REFUSED),
            ("empty sort key", row("arn:a", ""), REFUSED),
            ("empty index key", with(row("arn:b", "1"), "sourceAccountId", s("")), REFUSED),
            (
                "index key of another type",
                with(row("arn:b", "1"), "replicationRegion", AttributeValue::Bool(true)),
                REFUSED,
            ),
            ("empty text elsewhere", with(row("arn:c", "1"), "fqdn", s("")), "stored"),
            ("empty text in a map", with(row("arn:c", "1"), "tags", nested), "stored"),
            ("38 digits", with(row("arn:d", "1"), "bytes", digits), "stored"),
            (
                "39 digits",
                with(row("arn:e", "1"), "bytes", AttributeValue::N("1".repeat(39))),
                REFUSED,
            ),
            ("no number", with(row("arn:e", "1"), "n", AttributeValue::N("x".to_owned())), REFUSED),
            ("400 KB", with(row("arn:f", "1"), "notes", s(&"x".repeat(409_600))), REFUSED),
            ("390 KB", with(row("arn:g", "1"), "notes", s(&"x".repeat(390_000))), "stored"),
        ] {
            assert_eq!(put(&table, item).await, expected, "{store}: {case}");
        }
        let long = row(&"a".repeat(2049), "1");
        assert_eq!(put(&table, long).await, REFUSED, "{store}: a long partition key");
        let keyless = Item::from([("sourceServerArn".to_owned(), s("arn:h"))]);
        assert_eq!(put(&table, keyless).await, REFUSED, "{store}: no sort key");
    }
}

#[tokio::test]
async fn batches_are_accepted_and_refused_alike() {
    for (store, table) in inventories().await {
        let rows = |count: usize| (0..count).map(|n| row(&format!("arn:{n}"), "1")).collect();
        assert_eq!(write_batch(&table, rows(25)).await, "stored", "{store}");
        assert_eq!(write_batch(&table, rows(26)).await, "ValidationException", "{store}: 26 rows");
        let twice = vec![row("arn:x", "1"), row("arn:x", "1")];
        assert_eq!(write_batch(&table, twice).await, "ValidationException", "{store}: twice");
        let one_bad = vec![row("arn:y", "1"), row("", "1")];
        assert_eq!(write_batch(&table, one_bad).await, "ValidationException", "{store}: one bad");
        let arns: Vec<String> = arns(&scan(&table).await.unwrap());
        assert_eq!(arns.len(), 25, "{store}: a refused batch is lost whole");

        let key = |n: usize| {
            let row = row(&format!("arn:{n}"), "1");
            row.into_iter()
                .filter(|(name, _)| name.starts_with("source") || name.starts_with("staging"))
                .filter(|(name, _)| name != "sourceAccountId")
                .collect::<Item>()
        };
        let read = |count: usize| {
            let keys = (0..count).map(key).collect();
            let request = KeysAndAttributes::builder().set_keys(Some(keys)).build().unwrap();
            table.client.batch_get_item().request_items(&table.name, request).send()
        };
        let answer = read(100).await.unwrap();
        let found = answer.responses.unwrap().remove(&table.name).unwrap();
        assert_eq!(found.len(), 25, "{store}: a missing key is simply absent");
        assert_eq!(outcome(read(101).await), "ValidationException", "{store}: 101 keys");
    }
}

#[tokio::test]
async fn conditions_hold_alike() {
    for (store, table) in inventories().await {
        let put = |condition: &str, item: Item| {
            let put = table.client.put_item().table_name(&table.name).set_item(Some(item));
            put.condition_expression(condition).send()
        };
        let new = "attribute_not_exists(sourceServerArn)";
        assert_eq!(outcome(put(new, row("arn:a", "1")).await), "stored", "{store}");
        let again = outcome(put(new, row("arn:a", "1")).await);
        assert_eq!(again, "ConditionalCheckFailedException", "{store}");
        let other = outcome(put("attribute_exists(hostname)", row("arn:a", "2")).await);
        assert_eq!(other, "ConditionalCheckFailedException", "{store}: the row is not there");
        let missing = Table { client: table.client.clone(), name: "no-such-table".to_owned() };
        assert_eq!(
            self::put(&missing, row("a", "1")).await,
            "ResourceNotFoundException",
            "{store}"
        );
    }
}

fn arns(rows: &[Item]) -> Vec<String> {
    rows.iter().map(|row| row["sourceServerArn"].as_s().unwrap().clone()).collect()
}

/// 3 MB in rows of 100 KB: three pages of a scan, and of an index.
#[tokio::test]
async fn every_page_is_read_of_the_table_and_of_its_indexes() {
    for (name, store) in stores().await {
        let table = get_source_server_inventory_table(&store).unwrap();
        for n in 0..30 {
            let staging = if n % 2 == 0 { "111111111111" } else { "222222222222" };
            let row = with(row(&format!("arn:{n:02}"), staging), "notes", s(&"x".repeat(100_000)));
            // A row without an index's key is not in that index.
            let row = if n < 3 { without(row, "replicationRegion") } else { row };
            assert_eq!(put(&table, row).await, "stored", "{name}");
        }
        let all = ServerFilter::default();
        let of =
            |staging: &str| ServerFilter { staging_account: Terms::only(staging), ..all.clone() };
        let region = ServerFilter { region: Terms::only("us-east-1"), ..all.clone() };
        // By page the list of all servers is one of each region.
        for (filter, expected, by_page) in [
            (&all, 30, 27),
            (&of("111111111111"), 15, 15),
            (&of("333333333333"), 0, 0),
            (&region, 27, 27),
        ] {
            let rows = query_servers(&table, filter).await.unwrap();
            assert_eq!(rows.len(), expected, "{name}: {filter:?}");
            assert_eq!(paged(&store, filter).await, by_page, "{name}: {filter:?} by page");
        }
    }
}

fn without(mut row: Item, name: &str) -> Item {
    row.remove(name);
    row
}

async fn paged(store: &store::Store, filter: &ServerFilter) -> usize {
    let environment = Environment::of([]);
    let tables = ServerTables::of(store, &environment).unwrap();
    let freshness = Freshness::from_environment(&environment).unwrap();
    let (mut seen, mut token) = (Vec::new(), None::<String>);
    loop {
        let (page, budget) = ((4, token.as_deref()), Budget::default());
        let page =
            query_servers_page(&tables, filter, page, (&budget, None), &freshness).await.unwrap();
        seen.extend(arns(&page.rows));
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count, "no row comes twice");
    count
}
