//! A listing is read in parts, and has the rows that the engine has, which reads all of them for each
//! page.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, Select, WriteRequest};
use embedded::Store;

use crate::batches::table_in;

type Item = HashMap<String, AttributeValue>;

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Rows with notes of `bytes` bytes.
async fn fill(client: &Client, rows: usize, bytes: usize) {
    let numbers: Vec<usize> = (0..rows).collect();
    for numbers in numbers.chunks(25) {
        let put = |number: &usize| {
            let group = if number.is_multiple_of(3) { "third" } else { "other" };
            let put = PutRequest::builder()
                .item("k", s(&format!("{number:05}")))
                .item("r", s("r"))
                .item("group", s(group))
                .item("a", s(if number.is_multiple_of(50) { "rare" } else { "usual" }))
                .item("note", s(&"x".repeat(bytes)));
            WriteRequest::builder().put_request(put.build().unwrap()).build()
        };
        let requests = numbers.iter().map(put).collect();
        client.batch_write_item().request_items("rows", requests).send().await.unwrap();
    }
}

/// A store that reads in parts, and one that lets the engine do it: it is watched, and units are counted
/// by the page.
async fn stores(rows: usize, bytes: usize) -> [Client; 2] {
    let mut clients = Vec::new();
    for store in [Store::in_memory().unwrap(), Store::in_memory().unwrap().watched()] {
        let client = table_in(&store).await;
        fill(&client, rows, bytes).await;
        clients.push(client);
    }
    clients.try_into().unwrap()
}

#[derive(Debug, Clone, Copy)]
enum Listing {
    Table,
    Filtered,
    Counted,
    Index,
    IndexBackwards,
}

const ALL: [Listing; 5] =
    [Listing::Table, Listing::Filtered, Listing::Counted, Listing::Index, Listing::IndexBackwards];

struct Read {
    rows: Vec<Item>,
    count: i32,
    scanned: i32,
    next: Option<Item>,
}

async fn page(client: &Client, listing: Listing, start: Option<Item>) -> Read {
    let scan = client.scan().table_name("rows").set_exclusive_start_key(start.clone());
    let scan = match listing {
        Listing::Table => scan,
        Listing::Filtered => {
            scan.filter_expression("a = :rare").expression_attribute_values(":rare", s("rare"))
        }
        Listing::Counted => scan.select(Select::Count),
        Listing::Index | Listing::IndexBackwards => {
            let query = client.query().table_name("rows").index_name("whole");
            let query = query
                .key_condition_expression("#group = :other")
                .expression_attribute_names("#group", "group")
                .expression_attribute_values(":other", s("other"))
                .scan_index_forward(matches!(listing, Listing::Index))
                .set_exclusive_start_key(start);
            let page = query.send().await.unwrap();
            let (count, scanned) = (page.count, page.scanned_count);
            let next = page.last_evaluated_key;
            return Read { rows: page.items.unwrap_or_default(), count, scanned, next };
        }
    };
    let page = scan.send().await.unwrap();
    let (count, scanned, next) = (page.count, page.scanned_count, page.last_evaluated_key);
    Read { rows: page.items.unwrap_or_default(), count, scanned, next }
}

/// Everything, and how many pages it took.
async fn whole(client: &Client, listing: Listing) -> (Read, usize) {
    let (mut all, mut pages) = (page(client, listing, None).await, 1);
    while let Some(start) = all.next.take() {
        let more = page(client, listing, Some(start)).await;
        all.rows.extend(more.rows);
        all.count += more.count;
        all.scanned += more.scanned;
        all.next = more.next;
        pages += 1;
    }
    (all, pages)
}

#[tokio::test]
async fn what_fits_on_a_page_is_on_one() {
    let [in_parts, by_engine] = stores(1_210, 300).await;
    for listing in ALL {
        let (read, expected) = (whole(&in_parts, listing).await, whole(&by_engine, listing).await);
        assert_eq!((read.1, expected.1), (1, 1), "{listing:?}");
        assert_eq!(read.0.rows, expected.0.rows, "{listing:?}");
        let counts = (read.0.count, read.0.scanned);
        assert_eq!(counts, (expected.0.count, expected.0.scanned), "{listing:?}");
    }
}

#[tokio::test]
async fn every_row_of_a_long_listing_is_there_once() {
    let [in_parts, by_engine] = stores(1_000, 5_000).await;
    for listing in ALL {
        let (read, expected) = (whole(&in_parts, listing).await, whole(&by_engine, listing).await);
        assert!(expected.1 > 1, "{listing:?} is on one page");
        assert_eq!(read.0.rows, expected.0.rows, "{listing:?}");
        assert_eq!(read.0.count, expected.0.count, "{listing:?}");
    }
}

#[tokio::test]
async fn a_page_with_a_limit_has_as_many_rows() {
    let client = table_in(&Store::in_memory().unwrap()).await;
    fill(&client, 300, 10).await;
    let page = client.scan().table_name("rows").limit(250).send().await.unwrap();
    assert_eq!((page.count, page.last_evaluated_key.is_some()), (250, true));
}
