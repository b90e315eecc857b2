use std::time::{Duration, SystemTime};

use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use inventory::picture::Why;
use inventory::servers::Terms;
use inventory::servers::page::PageError;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use store::tables::create_tables;

use super::*;

fn terms(values: &'static [&'static str]) -> impl Strategy<Value = Terms> {
    let some = prop::sample::subsequence(values, 0..=2);
    some.prop_map(|values| Terms::parse(values.iter().copied()))
}

/// Accounts and regions that list servers; an account with one of its own regions, too.
fn listed_in() -> impl Strategy<Value = Terms> {
    terms(&[
        MEMBER,
        "222222222222/us-east-1",
        "222222222222/eu-west-1",
        STAGING,
        "333333333333/us-east-1",
        "!222222222222/us-east-1",
        "999999999999",
    ])
}

fn filter() -> impl Strategy<Value = ServerFilter> {
    let places = (
        prop_oneof![3 => Just(Terms::default()), 1 => terms(&[MEMBER, OTHER, "!444444444444"])],
        prop_oneof![3 => Just(Terms::default()), 1 => terms(&[MEMBER, STAGING])],
        prop_oneof![
            2 => Just(Terms::default()),
            1 => terms(&["us-east-1", "eu-west-1", "!us-east-1", "xx-test-1", "us-west-2"])
        ],
        prop_oneof![4 => Just(Terms::default()), 1 => listed_in()],
    );
    let facts = (
        terms(&["READY", "unknown", "NOT_READY", "at_risk", "!UNKNOWN"]),
        prop_oneof![2 => Just(Terms::default()), 1 => terms(&["stalled", "PAUSED", "continuous"])],
        prop_oneof![3 => Just(Terms::default()), 1 => terms(&["LAG_ABOVE_RPO", "STALLED"])],
        prop_oneof![2 => Just(Terms::default()), 1 => terms(&["host-1", "host-4", "!host-12"])],
    );
    (places, facts).prop_map(
        |((account, staging_account, region, listed_in), (verdict, state, reason, hostname))| {
            ServerFilter {
                account,
                staging_account,
                region,
                listed_in,
                verdict,
                state,
                reason,
                hostname,
                ..ServerFilter::default()
            }
        },
    )
}

async fn pages_are_the_list(lab: &Lab) {
    let mut runner = TestRunner::deterministic();
    for _ in 0..60 {
        let made = (filter(), 1..9_usize, 1..4_usize).new_tree(&mut runner).unwrap();
        let (filter, limit, pages) = made.current();
        let expected = listed(lab, &filter).await;
        lab.store.clear_units();
        let small = Budget { pages, ..Budget::default() };
        for budget in [Budget::default(), small] {
            let mut keys = paged(lab, &filter, limit, &budget).await;
            keys.sort_unstable();
            assert_eq!(keys, expected, "{filter:?} by {limit}, {budget:?}");
        }
        assert_no_scan(lab);
    }
}

#[tokio::test]
async fn pages_hold_each_server_of_the_list_once() {
    pages_are_the_list(&filled().await).await;
}

#[tokio::test]
async fn pages_hold_each_server_once_where_some_are_not_known() {
    pages_are_the_list(&with_unknown().await).await;
}

#[tokio::test]
async fn pages_hold_each_server_once_that_the_legacy_sync_wrote() {
    let variables = [("DRS_REGIONS", "xx-test-1"), ("USE_REFACTORED_INVENTORY_SYNC", "false")];
    let lab = Lab::with(fleet(), &variables).await;
    lab.run().await;
    assert!(!listed(&lab, &ServerFilter::default()).await.is_empty());
    pages_are_the_list(&lab).await;
}

#[tokio::test]
async fn servers_that_are_not_known_are_listed_without_the_rows_of_others() {
    let lab = with_unknown().await;
    let unknown = ServerFilter { verdict: Terms::only("UNKNOWN"), ..ServerFilter::default() };
    lab.store.clear_units();
    let first = page(&lab, &unknown, (100, None)).await;
    assert_eq!((first.rows.len(), first.next), (25, None));
    assert!(first.rows.iter().all(|row| text(row, "readiness") == "UNKNOWN"));
    assert!(first.picture.not_known.iter().any(|it| it.why == Why::NotEntered));
    let read = lab.store.units();
    let regions = read.iter().filter(|it| it.index.as_deref() == Some("ReplicationRegionIndex"));
    assert_eq!(regions.count(), 0, "{read:?}");
    let region = Terms::only("eu-west-1");
    let in_region = ServerFilter { region, ..unknown };
    assert_eq!(page(&lab, &in_region, (100, None)).await.rows.len(), 11);
}

#[tokio::test]
async fn where_nothing_is_known_every_server_is_listed() {
    let lab = filled().await;
    let unknown = ServerFilter { verdict: Terms::only("UNKNOWN"), ..ServerFilter::default() };
    let (tables, budget) = (lab.server_tables(), Budget::default());
    let page =
        query_servers_page(&tables, &unknown, (100, None), (&budget, None), &freshness(31)).await;
    assert_eq!(page.unwrap().rows.len(), 36);
}

#[tokio::test]
async fn a_page_reads_about_as_much_as_it_holds() {
    let lab = filled().await;
    lab.store.clear_units();
    assert_eq!(page(&lab, &ServerFilter::default(), (2, None)).await.rows.len(), 2);
    let units = lab.store.units().into_iter();
    let read: f64 =
        units.filter(|it| it.table == "source-server-inventory").map(|it| it.read).sum();
    assert!(read <= 2.0, "{read}");
}

/// Each look at it is a second later.
#[derive(Debug)]
struct Ticking(std::sync::atomic::AtomicU64);

impl TimeSource for Ticking {
    fn now(&self) -> SystemTime {
        let seconds = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }
}

#[tokio::test]
async fn a_list_whose_budget_is_spent_says_where_it_stopped_and_goes_on() {
    let lab = filled().await;
    let rare = ServerFilter { hostname: Terms::only("host-64"), ..ServerFilter::default() };
    let tables = lab.server_tables();
    let clock = SharedTimeSource::new(Ticking(0.into()));
    let time = Budget { time: Duration::from_secs(2), clock, ..Budget::default() };
    let pages = Budget { pages: 2, ..Budget::default() };
    for budget in [time, pages] {
        let first =
            query_servers_page(&tables, &rare, (3, None), (&budget, None), &freshness(5)).await;
        let first = first.unwrap();
        assert!(first.rows.is_empty() && first.next.is_some());
        let looked_at = first.stopped.unwrap().looked_at;
        assert!(looked_at > 0 && looked_at < 36, "{looked_at}");
        assert_eq!(paged(&lab, &rare, 3, &budget).await.len(), 1);
    }
    let small = Budget { bytes: 1, ..Budget::default() };
    let all = ServerFilter::default();
    let one =
        query_servers_page(&tables, &all, (9, None), (&small, None), &freshness(5)).await.unwrap();
    assert_eq!((one.rows.len(), one.stopped), (1, None));
}

#[tokio::test]
async fn a_token_of_other_filters_is_refused() {
    let lab = filled().await;
    let all = ServerFilter::default();
    let some = |verdict: &str| ServerFilter { verdict: Terms::only(verdict), ..all.clone() };
    let of = |account: &str| ServerFilter { account: Terms::only(account), ..all.clone() };
    let filters = [all.clone(), some("NOT_READY"), some("AT_RISK"), of(MEMBER), of(OTHER)];
    let (tables, budget) = (lab.server_tables(), Budget::default());
    for filter in &filters {
        let token = page(&lab, filter, (1, None)).await.next.unwrap();
        for other in filters.iter().filter(|other| *other != filter) {
            let at = (1, Some(token.as_str()));
            let refused =
                query_servers_page(&tables, other, at, (&budget, None), &freshness(5)).await;
            assert!(matches!(refused, Err(PageError::Token)), "{other:?}");
        }
    }
    for token in ["", "not base64!", "bm8ganNvbg", "e30"] {
        let at = (1, Some(token));
        let refused = query_servers_page(&tables, &all, at, (&budget, None), &freshness(5)).await;
        assert!(matches!(refused, Err(PageError::Token)), "{token}");
    }
}

/// Tables of an earlier version have no index of verdicts.
#[tokio::test]
async fn without_the_index_of_verdicts_every_region_is_looked_through() {
    let lab = filled().await;
    let stalled = ServerFilter { state: Terms::only("STALLED"), ..ServerFilter::default() };
    let expected = listed(&lab, &stalled).await;
    let fault = embedded::Fault::Error {
        operation: "BatchGetItem",
        count: 1,
        status: 400,
        code: "ValidationException",
    };
    lab.store.inject(fault);
    let found = page(&lab, &stalled, (100, None)).await;
    let mut keys: Vec<String> = found.rows.iter().map(key).collect();
    keys.sort_unstable();
    assert_eq!(keys, expected);
}

/// A region that the region status does not have yet, and one of none of the lists.
#[tokio::test]
async fn servers_of_a_region_that_was_not_rolled_up_are_listed() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    create_tables(&lab.sync.store).await.unwrap();
    for (number, region) in [(1, "sa-east-1"), (2, "xx-other-1")] {
        let arn = format!("arn:aws:drs:{region}:{MEMBER}:source-server/s-{number}");
        let row = json!({ "sourceServerArn": arn, "stagingAccountId": MEMBER,
            "sourceAccountId": MEMBER, "replicationRegion": region });
        lab.put(&lab.inventory(), &row).await;
    }
    assert_eq!(page(&lab, &ServerFilter::default(), (10, None)).await.rows.len(), 1);
    let region = Terms::only("xx-other-1");
    let named = ServerFilter { region, ..ServerFilter::default() };
    assert_eq!(page(&lab, &named, (10, None)).await.rows.len(), 1);
}
