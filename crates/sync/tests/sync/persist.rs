//! Step 5: the rows, into the table.

use std::time::Duration;

use embedded::Fault;
use jiff::Timestamp;
use model::SourceServer;
use model::readiness::{Context, Policy};
use proptest::prelude::*;
use serde_json::json;
use sync::listed_row::ListedRow;
use sync::pace::{Deadline, Pace};
use sync::persist::write_inventory_to_dynamodb;

use testing::*;

fn row(number: u32) -> ListedRow {
    listed_row(format!("arn-{number}"), server_id(number))
}

fn listed_row(arn: String, source_server_id: String) -> ListedRow {
    let (account_id, region) = (MEMBER.to_owned(), "us-east-1".to_owned());
    let server = SourceServer { account_id, region, arn, source_server_id, ..Default::default() };
    let policy = Policy::default();
    let context = Context { policy: &policy, now: Timestamp::UNIX_EPOCH, replicating: 1 };
    ListedRow::new(server, "now", &context)
}

fn rows(count: u32) -> Vec<ListedRow> {
    (0..count).map(row).collect()
}

/// A row that DynamoDB refuses: it is too large.
fn bad_row() -> ListedRow {
    let mut huge = row(99);
    huge.row.source_tags = Some([("key".to_owned(), "x".repeat(410_000))].into());
    huge
}

fn row_without_arn(id: &str) -> ListedRow {
    listed_row(String::new(), id.to_owned())
}

async fn lab() -> Lab {
    Lab::of(json!({ "hubAccountId": HUB })).await
}

#[tokio::test]
async fn nothing_given_is_nothing_written() {
    let lab = lab().await;
    let outcome = write_inventory_to_dynamodb(&lab.inventory(), Vec::new(), &Pace::of(4)).await;
    assert_eq!((outcome.written, outcome.failed.len(), outcome.merged), (0, 0, 0));
    assert!(!lab.store.calls().iter().any(|call| call.operation == "BatchWriteItem"));
}

#[tokio::test]
async fn batches_hold_25_at_most() {
    let lab = lab().await;
    let outcome = write_inventory_to_dynamodb(&lab.inventory(), rows(60), &Pace::of(4)).await;
    assert_eq!(outcome.written, 60);
    let calls = lab.store.calls();
    let mut sizes: Vec<usize> =
        calls.iter().filter(|c| c.operation == "BatchWriteItem").map(|c| c.items).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [10, 25, 25]);
    assert_eq!(scan(&lab.inventory()).await.len(), 60);
}

#[tokio::test]
async fn unprocessed_items_are_sent_again() {
    let lab = lab().await;
    lab.store.inject(Fault::Unprocessed { count: 3, keep: 4 });
    let outcome = write_inventory_to_dynamodb(&lab.inventory(), rows(25), &Pace::of(1)).await;
    assert_eq!((outcome.written, outcome.failed.len()), (25, 0));
    let calls = lab.store.calls();
    let sizes: Vec<usize> =
        calls.iter().filter(|c| c.operation == "BatchWriteItem").map(|c| c.items).collect();
    assert_eq!(sizes, [25, 21, 17, 13]);
    assert_eq!(scan(&lab.inventory()).await.len(), 25);
}

#[tokio::test]
async fn what_stays_unprocessed_is_counted_and_named() {
    let lab = lab().await;
    lab.store.inject(Fault::Unprocessed { count: 1, keep: 5 });
    lab.store.inject(Fault::Unprocessed { count: 1000, keep: 0 });
    // No socket is in the way of a paused clock: the store is in this process.
    tokio::time::pause();
    let outcome = write_inventory_to_dynamodb(&lab.inventory(), rows(10), &Pace::of(1)).await;
    tokio::time::resume();
    assert_eq!((outcome.written, outcome.failed.len()), (5, 5));
    let named: Vec<_> = outcome.failed.iter().map(|row| &row.key.source_server_arn).collect();
    assert_eq!(named, ["arn-5", "arn-6", "arn-7", "arn-8", "arn-9"]);
    assert!(outcome.failed[0].failure.retryable);
}

#[tokio::test]
async fn a_throttled_batch_is_sent_again() {
    let lab = lab().await;
    lab.store.inject(Fault::Error {
        operation: "BatchWriteItem",
        count: 5,
        status: 400,
        code: "ProvisionedThroughputExceededException",
    });
    tokio::time::pause();
    let outcome = write_inventory_to_dynamodb(&lab.inventory(), rows(10), &Pace::of(1)).await;
    tokio::time::resume();
    assert_eq!((outcome.written, outcome.failed.len()), (10, 0));
}

#[tokio::test]
async fn writing_ends_in_time_and_what_is_not_stored_by_then_is_named() {
    for count in [2, 100_000] {
        let lab = lab().await;
        lab.store.inject(Fault::Error {
            operation: "BatchWriteItem",
            count,
            status: 400,
            code: "ProvisionedThroughputExceededException",
        });
        tokio::time::pause();
        let started = tokio::time::Instant::now();
        let deadline = Deadline::after(Duration::from_secs(3));
        let pace = Pace { deadline, ..Pace::of(1) };
        let outcome = write_inventory_to_dynamodb(&lab.inventory(), rows(60), &pace).await;
        let took = started.elapsed();
        tokio::time::resume();
        // Timers tick once a millisecond.
        assert!(took <= Duration::from_millis(3010), "{took:?}");
        assert_eq!(outcome.written + outcome.failed.len(), 60);
        assert!(outcome.failed.iter().all(|row| row.failure.retryable));
        assert_eq!(outcome.failed.is_empty(), count == 2, "{:?}", outcome.failed);
        assert_eq!(scan(&lab.inventory()).await.len(), outcome.written);
    }
}

#[tokio::test]
async fn a_denied_table_fails_every_row_by_name() {
    let lab = lab().await;
    lab.store.inject(Fault::Error {
        operation: "BatchWriteItem",
        count: 100,
        status: 400,
        code: "AccessDeniedException",
    });
    let outcome = write_inventory_to_dynamodb(&lab.inventory(), rows(30), &Pace::of(4)).await;
    assert_eq!((outcome.written, outcome.failed.len()), (0, 30));
    assert_eq!(outcome.failed[0].failure.code, "AccessDeniedException");
}

#[tokio::test]
async fn a_bad_row_costs_itself_and_no_other() {
    let lab = lab().await;
    let mut given = rows(30);
    given.insert(7, bad_row());
    given.push(row_without_arn("s-1"));
    given.push(row_without_arn("s-2"));
    let outcome = write_inventory_to_dynamodb(&lab.inventory(), given, &Pace::of(4)).await;
    assert_eq!((outcome.written, outcome.failed.len()), (30, 3));
    let mut named: Vec<String> = outcome.failed.iter().map(|row| row.name()).collect();
    named.sort_unstable();
    assert_eq!(named, [format!("arn-99 {MEMBER}"), "s-1".to_owned(), "s-2".to_owned()]);
    assert_eq!(scan(&lab.inventory()).await.len(), 30);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn written_and_failed_and_merged_are_what_was_given(
        numbers in prop::collection::vec(0..40_u32, 0..80), bad in any::<bool>(), keep in 0..25_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let lab = lab().await;
            lab.store.inject(Fault::Unprocessed { count: 2, keep });
            let mut given: Vec<ListedRow> = numbers.iter().copied().map(row).collect();
            given.extend(bad.then(bad_row));
            let total = given.len();
            tokio::time::pause();
            let outcome = write_inventory_to_dynamodb(&lab.inventory(), given, &Pace::of(3)).await;
            tokio::time::resume();
            assert_eq!(outcome.written + outcome.failed.len() + outcome.merged, total);
            assert_eq!(outcome.failed.len(), usize::from(bad));
            assert_eq!(scan(&lab.inventory()).await.len(), outcome.written);
            let calls = lab.store.calls();
            assert!(calls.iter().filter(|c| c.operation == "BatchWriteItem").all(|c| c.items <= 25));
        });
    }
}
