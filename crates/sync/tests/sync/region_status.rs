//! Which regions are asked, and what is written about them.

use std::time::Duration;

use embedded::Fault;
use jiff::Timestamp;
use model::{Failure, RegionStatus};
use proptest::prelude::*;
use serde_json::{Value, json};
use sync::pace::Deadline;
use sync::region_status::{
    KnownRegions, RegionOutcome, RegionRow, get_active_regions, invalidate_region_cache,
    update_region_status,
};

use testing::*;

const NOW: &str = "2026-11-01T12:00:00.000000+00:00";
const HOUR: Duration = Duration::from_secs(3600);

fn known(rows: &[Value]) -> KnownRegions {
    let items = rows.iter().map(|row| serde_dynamo::to_item(row).unwrap());
    KnownRegions::new(items.map(|item: Item| RegionRow::from_item(&item)))
}

fn active(known: &KnownRegions, all: &[&str]) -> Vec<String> {
    let all: Vec<String> = all.iter().map(|region| (*region).to_owned()).collect();
    let now: Timestamp = NOW.parse().unwrap();
    get_active_regions(known, MEMBER, &all, now, HOUR)
}

fn entry(status: &str, servers: u32, checked: &str) -> Value {
    json!({ "status": status, "serverCount": servers, "lastChecked": checked })
}

fn row(region: &str, account: &str, entry: &Value) -> Value {
    json!({ "region": region, "lastUpdated": "t", "accounts": { account: entry } })
}

#[test]
fn nothing_known_is_every_region() {
    assert_eq!(active(&KnownRegions::default(), &["a", "b"]), ["a", "b"]);
}

#[test]
fn a_region_is_asked_where_it_must_be() {
    let recent = "2026-11-01T11:30:00+00:00";
    let old = "2026-11-01T10:59:59+00:00";
    let rows = [
        row("servers", MEMBER, &entry("ACTIVE", 3, recent)),
        row("empty", MEMBER, &entry("ACTIVE", 0, recent)),
        row("empty-long-ago", MEMBER, &entry("ACTIVE", 0, old)),
        row("from-the-future", MEMBER, &entry("ACTIVE", 0, "2026-11-01T12:30:00Z")),
        row("denied", MEMBER, &entry("IAM_PERMISSION_DENIED", 0, recent)),
        row("unreachable", MEMBER, &entry("ENDPOINT_UNREACHABLE", 0, recent)),
        row("not-in-use", MEMBER, &entry("NOT_INITIALIZED", 0, recent)),
        row("not-in-use-any-more", MEMBER, &entry("SCP_DENIED", 2, recent)),
        row("of-another-account", OTHER, &entry("ACTIVE", 5, recent)),
        row("outside-the-list", MEMBER, &entry("ACTIVE", 1, old)),
        row("outside-and-empty", MEMBER, &entry("ACTIVE", 0, old)),
        json!({ "region": "legacy", "accountId": MEMBER, "status": "ACTIVE", "serverCount": 2,
                "lastUpdated": recent }),
    ];
    let all = [
        "servers",
        "empty",
        "empty-long-ago",
        "from-the-future",
        "denied",
        "unreachable",
        "not-in-use",
        "not-in-use-any-more",
        "of-another-account",
        "legacy",
        "never",
    ];
    assert_eq!(
        active(&known(&rows), &all),
        [
            "servers",
            "empty-long-ago",
            "from-the-future",
            "denied",
            "unreachable",
            "not-in-use-any-more",
            "of-another-account",
            "legacy",
            "never",
            "outside-the-list"
        ]
    );
}

fn failure(status: RegionStatus) -> Failure {
    Failure {
        status,
        code: "Code".to_owned(),
        message: format!("message of {status}"),
        retryable: false,
        advice: String::new(),
    }
}

fn outcome(account: &str, result: Result<u64, RegionStatus>) -> RegionOutcome {
    RegionOutcome {
        account_id: account.to_owned(),
        region: "us-east-1".to_owned(),
        result: result.map_err(failure),
        unreadable: Vec::new(),
        servers_known: false,
    }
}

/// As at the first sync, and where others wrote since the table was read.
fn nothing_known() -> KnownRegions {
    KnownRegions::default()
}

async fn written(lab: &Lab, outcomes: Vec<RegionOutcome>) -> Value {
    let failures = update_region_status(
        &lab.region_status(),
        &nothing_known(),
        outcomes,
        NOW,
        Deadline::none(),
    )
    .await;
    assert_eq!(failures, []);
    lab.regions().await.remove("us-east-1").unwrap()
}

async fn lab() -> Lab {
    Lab::of(json!({ "hubAccountId": HUB })).await
}

#[tokio::test]
async fn the_status_is_what_most_accounts_got_ties_in_order() {
    use RegionStatus::*;
    for (outcomes, expected) in [
        (vec![Err(Throttled), Err(Throttled), Err(IamPermissionDenied)], "THROTTLED"),
        (vec![Err(NotInitialized), Err(Error)], "ERROR"),
        (vec![Err(Error), Err(Throttled), Err(IamPermissionDenied)], "IAM_PERMISSION_DENIED"),
        (vec![Err(Error), Err(Error), Ok(0)], "ACTIVE"),
    ] {
        let lab = lab().await;
        let outcomes = outcomes.into_iter().enumerate();
        let outcomes = outcomes.map(|(n, result)| outcome(&format!("{n:012}"), result)).collect();
        let row = written(&lab, outcomes).await;
        assert_eq!(row["status"], expected);
        assert_eq!(row.get("errorMessage").is_some(), expected != "ACTIVE");
    }
}

#[tokio::test]
async fn the_leading_account_has_the_most_servers_ties_to_the_smallest_id() {
    let lab = lab().await;
    let row =
        written(&lab, vec![outcome(OTHER, Ok(4)), outcome(MEMBER, Ok(4)), outcome(HUB, Ok(1))])
            .await;
    assert_eq!((&row["accountId"], &row["serverCount"]), (&json!(MEMBER), &json!(9)));
    assert_eq!((&row["lastUpdated"], &row["lastChecked"]), (&json!(NOW), &json!(NOW)));
    assert_eq!(
        row["accounts"][HUB],
        json!({ "status": "ACTIVE", "serverCount": 1,
        "lastChecked": NOW, "lastSuccess": NOW })
    );
}

#[tokio::test]
async fn a_row_of_the_legacy_sync_keeps_its_servers() {
    let lab = lab().await;
    let legacy = json!({ "region": "us-east-1", "accountId": OTHER, "status": "ACTIVE",
        "serverCount": 7, "lastUpdated": "2026-10-31T00:00:00.000000+00:00" });
    lab.put(&lab.region_status(), &legacy).await;
    let row = written(&lab, vec![outcome(MEMBER, Ok(1))]).await;
    assert_eq!((&row["serverCount"], &row["accountId"]), (&json!(8), &json!(OTHER)));
    let row = written(&lab, vec![outcome(OTHER, Err(RegionStatus::Throttled))]).await;
    assert_eq!(row["accounts"][OTHER]["serverCount"], 7);
}

#[tokio::test]
async fn syncs_at_the_same_time_lose_nothing_of_each_other() {
    let lab = lab().await;
    let table = &lab.region_status();
    // As many as a state machine calls at once, and more.
    let updates = (0..60).map(|n| {
        let account = format!("{n:012}");
        async move {
            update_region_status(
                table,
                &nothing_known(),
                vec![outcome(&account, Ok(1))],
                NOW,
                Deadline::none(),
            )
            .await
        }
    });
    let failures = futures::future::join_all(updates).await;
    assert!(failures.iter().all(Vec::is_empty), "{failures:?}");
    let row = lab.regions().await.remove("us-east-1").unwrap();
    assert_eq!(row["serverCount"], 60);
}

#[tokio::test]
async fn a_row_that_cannot_be_written_is_reported() {
    let lab = lab().await;
    lab.store.inject(Fault::Error {
        operation: "PutItem",
        count: 10,
        status: 400,
        code: "AccessDeniedException",
    });
    let failures = update_region_status(
        &lab.region_status(),
        &nothing_known(),
        vec![outcome(MEMBER, Ok(1))],
        NOW,
        Deadline::none(),
    )
    .await;
    assert_eq!(failures[0].region, "us-east-1");
}

#[tokio::test]
async fn a_throttled_row_is_written_as_persistently_as_a_server() {
    let lab = lab().await;
    // Somebody else wrote the row, so that it is read anew, too.
    let legacy = json!({ "region": "us-east-1", "accountId": OTHER, "status": "ACTIVE",
        "serverCount": 7, "lastUpdated": "2026-10-31T00:00:00.000000+00:00" });
    lab.put(&lab.region_status(), &legacy).await;
    for operation in ["PutItem", "GetItem"] {
        let code = "ProvisionedThroughputExceededException";
        lab.store.inject(Fault::Error { operation, count: 12, status: 400, code });
    }
    tokio::time::pause();
    let row = written(&lab, vec![outcome(MEMBER, Ok(1))]).await;
    tokio::time::resume();
    assert_eq!(row["serverCount"], 8);
}

#[tokio::test]
async fn the_table_is_read_once_a_minute() {
    let lab = lab().await;
    let scans = || lab.store.calls().iter().filter(|call| call.operation == "Scan").count();
    let (cache, table) = (&lab.sync.regions, lab.region_status());
    futures::future::join_all((0..20).map(|_| cache.known_regions(&table))).await;
    assert_eq!(scans(), 1);
    advance(Duration::from_secs(59)).await;
    cache.known_regions(&table).await;
    assert_eq!(scans(), 1);
    advance(Duration::from_secs(2)).await;
    cache.known_regions(&table).await;
    assert_eq!(scans(), 2);
    invalidate_region_cache(cache);
    cache.known_regions(&table).await;
    assert_eq!(scans(), 3);
}

#[tokio::test]
async fn a_table_that_fails_means_every_region() {
    let lab = Lab::of(one_account(1)).await;
    lab.run().await;
    let rows = lab.regions().await;
    lab.sim.clear_calls();
    lab.store.inject(Fault::Error {
        operation: "Scan",
        count: 2,
        status: 400,
        code: "AccessDeniedException",
    });
    let known = lab.sync.regions.known_regions(&lab.region_status()).await;
    assert_eq!(active(&known, &["a", "b"]), ["a", "b"]);
    assert_eq!(rows.len(), 34);
}

#[tokio::test]
async fn a_sync_is_as_good_where_it_cannot_record_whom_it_tried_in_vain() {
    let mut world = one_account(1);
    world["accounts"][MEMBER]["roles"] = json!({});
    let lab = Lab::of(world).await;
    let (count, code) = (1000, "AccessDeniedException");
    lab.store.inject(Fault::Error { operation: "PutItem", count, status: 400, code });
    let body = lab.run().await;
    assert_eq!(body["totalErrors"], 1, "{body}");
    assert!(lab.store.calls().iter().any(|call| call.operation == "PutItem"));
    assert!(lab.regions().await.is_empty());
}

proptest! {
    #[test]
    fn a_region_in_which_servers_are_known_is_always_asked(
        servers in 1..100_u32,
        status in prop::sample::select(RegionStatus::ALL.to_vec()),
        listed in any::<bool>(),
        minutes in 0..600_i64,
    ) {
        let now: Timestamp = NOW.parse().unwrap();
        let checked = now - jiff::SignedDuration::from_mins(minutes);
        let rows = [row("here", MEMBER, &entry(status.name(), servers, &checked.to_string()))];
        let all: &[&str] = if listed { &["here"] } else { &[] };
        prop_assert_eq!(active(&known(&rows), all), ["here"]);
    }
}
