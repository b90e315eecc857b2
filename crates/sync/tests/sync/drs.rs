//! Step 3: what DRS lists, and the eight ways it does not.

use std::time::{Duration, Instant};

use aws::AccountSession;
use futures::StreamExt;
use model::{Failure, RegionStatus, SourceServer};
use proptest::prelude::*;
use serde_json::{Value, json};
use sim::Outcome;
use sync::drs::{RegionAnswer, query_drs_all_regions, query_drs_single_region};
use sync::pace::Pace;

use testing::http::{answer, ok};
use testing::*;

fn session(lab: &Lab) -> AccountSession {
    hub_session(&lab.sync.aws)
}

async fn lab(drs: Value) -> Lab {
    Lab::of(json!({ "hubAccountId": HUB, "accounts": { HUB: { "drs": drs } } })).await
}

async fn query(lab: &Lab, region: &str) -> Result<Vec<SourceServer>, Failure> {
    let answer = query_drs_single_region(&lab.sync.aws, &session(lab), region, &Pace::of(1)).await;
    answer.map(|listing| listing.servers)
}

fn servers(count: u32) -> Vec<Value> {
    (0..count).map(|number| server(HUB, "us-east-1", number)).collect()
}

fn servers_of(answers: Vec<RegionAnswer>) -> usize {
    answers.into_iter().filter_map(|answer| answer.result.ok()).map(|it| it.servers.len()).sum()
}

#[tokio::test]
async fn every_page_is_read() {
    let lab = lab(json!({ "us-east-1": { "pageSize": 40, "sourceServers": servers(250) } })).await;
    let listed = query(&lab, "us-east-1").await.unwrap();
    let ids: Vec<_> = listed.iter().map(|s| s.source_server_id.clone()).collect();
    assert_eq!(ids, (0..250).map(server_id).collect::<Vec<_>>());
    assert_eq!(lab.count("DescribeSourceServers"), 7);
}

#[tokio::test]
async fn a_region_with_no_servers_answers() {
    let lab = lab(json!({ "us-east-1": { "sourceServers": [] } })).await;
    assert_eq!(query(&lab, "us-east-1").await.unwrap(), []);
}

#[tokio::test]
async fn a_fault_amid_the_pages_fails_the_region_as_a_whole() {
    let mut fault = denied();
    fault["afterPages"] = json!(2);
    let region = json!({ "pageSize": 10, "sourceServers": servers(50), "fault": fault });
    let lab = lab(json!({ "us-east-1": region })).await;
    let failure = query(&lab, "us-east-1").await.unwrap_err();
    assert_eq!(failure.status, RegionStatus::IamPermissionDenied);
    assert_eq!(lab.count("DescribeSourceServers"), 3);
}

#[tokio::test]
async fn each_status_over_the_wire() {
    use RegionStatus::*;
    let error = |status: u16, code: &str, message: &str| json!({ "fault": { "status": status, "code": code, "message": message } });
    let cases = [
        ("us-east-1", error(403, "AccessDeniedException", "not authorized"), IamPermissionDenied),
        ("us-east-2", error(429, "ThrottlingException", "Rate exceeded"), Throttled),
        ("us-west-1", error(429, "Unheard", "of"), Throttled),
        ("us-west-2", json!({ "fault": { "connection": "reset" } }), EndpointUnreachable),
        ("eu-west-1", json!({ "fault": { "connection": "hang" } }), EndpointUnreachable),
        ("eu-west-2", error(402, "ServiceQuotaExceededException", "quota"), Error),
        ("eu-west-3", error(500, "InternalServerException", "oops"), Error),
        (
            "eu-north-1",
            error(403, "AccessDeniedException", "explicit deny in a service control policy"),
            ScpDenied,
        ),
        (
            "eu-south-1",
            error(403, "UnrecognizedClientException", "token invalid"),
            RegionNotEnabled,
        ),
        ("ap-east-1", error(401, "OptInRequired", "not subscribed"), RegionNotOptedIn),
        ("ap-south-1", error(400, "ValidationException", "DRS not initialized"), NotInitialized),
    ];
    let drs = cases.iter().map(|(region, drs, _)| ((*region).to_owned(), drs.clone()));
    let lab = lab(Value::Object(drs.collect())).await;
    let asked = cases.iter().map(|(region, _, expected)| {
        let lab = &lab;
        async move { (*region, query(lab, region).await.unwrap_err(), *expected) }
    });
    for (region, failure, expected) in futures::future::join_all(asked).await {
        assert_eq!(failure.status, expected, "{region} {failure:?}");
        assert!(!failure.advice.is_empty());
    }
    assert_eq!(query(&lab, "sa-east-1").await.unwrap_err().status, NotInitialized);
}

#[tokio::test]
async fn a_region_that_throttles_once_succeeds() {
    let fault = json!({ "status": 400, "code": "ThrottlingException", "message": "", "count": 1 });
    let lab = lab(json!({ "us-east-1": { "sourceServers": servers(1), "fault": fault } })).await;
    assert_eq!(query(&lab, "us-east-1").await.unwrap().len(), 1);
    assert_eq!(lab.count("DescribeSourceServers"), 2);
}

#[tokio::test]
async fn a_region_that_throttles_for_ever_ends_within_seconds() {
    let fault = json!({ "status": 400, "code": "ThrottlingException", "message": "" });
    let lab = lab(json!({ "us-east-1": { "fault": fault } })).await;
    let started = Instant::now();
    assert_eq!(query(&lab, "us-east-1").await.unwrap_err().status, RegionStatus::Throttled);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(lab.count("DescribeSourceServers"), 3);
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_unreachable() {
    let lab = lab(json!({})).await;
    let (aws, session) = (lab.sync.aws.clone(), session(&lab));
    drop(lab);
    let failure =
        query_drs_single_region(&aws, &session, "us-east-1", &Pace::of(1)).await.unwrap_err();
    assert_eq!(failure.status, RegionStatus::EndpointUnreachable);
}

#[tokio::test]
async fn a_region_that_hangs_does_not_hold_up_the_others() {
    let mut drs = json!({ "us-east-1": { "fault": { "connection": "hang" } } });
    let regions: Vec<String> = ["us-east-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"]
        .map(str::to_owned)
        .to_vec();
    for region in &regions[1..] {
        drs[region] = json!({ "sourceServers": [server(HUB, region, 1)] });
    }
    let lab = lab(drs).await;
    let session = session(&lab);
    let pace = Pace::of(2);
    let asked = query_drs_all_regions(&lab.sync.aws, &session, &regions, (&pace, &lab.sync.clock));
    let answers: Vec<_> = asked.collect().await;
    assert_eq!(answers.last().unwrap().region, "us-east-1");
    assert_eq!(answers.len(), regions.len());
    assert_eq!(servers_of(answers), 4);
}

#[tokio::test]
async fn at_most_so_many_regions_are_asked_at_once() {
    let mut world = json!({ "hubAccountId": HUB, "latencyMs": { "drs": 60 } });
    world["accounts"] = json!({ HUB: {} });
    let lab = Lab::of(world).await;
    let regions: Vec<String> =
        model::region::REFACTORED_REGIONS[..12].iter().map(|region| (*region).to_owned()).collect();
    let session = session(&lab);
    let pace = Pace::of(3);
    let asked = query_drs_all_regions(&lab.sync.aws, &session, &regions, (&pace, &lab.sync.clock));
    asked.collect::<Vec<_>>().await;
    let calls = lab.sim.calls();
    let under_way = |at: tokio::time::Instant| {
        calls.iter().filter(|c| c.started <= at && c.started + c.took.unwrap() > at).count()
    };
    assert!(calls.iter().all(|call| under_way(call.started) <= 3));
    assert!(calls.iter().all(|call| matches!(call.outcome, Outcome::Failed { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn servers_found_are_the_sum_over_the_regions_that_answered(
        regions in prop::collection::vec((0..30_u32, 1..10_usize, any::<bool>()), 1..6),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let names = &model::region::REFACTORED_REGIONS[..regions.len()];
            let mut drs = json!({});
            for (name, (count, page, fails)) in names.iter().zip(&regions) {
                drs[*name] = json!({ "pageSize": page, "sourceServers": servers(*count) });
                if *fails {
                    drs[*name]["fault"] = denied();
                }
            }
            let lab = lab(drs).await;
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let (session, pace) = (session(&lab), Pace::of(10));
            let asked = query_drs_all_regions(&lab.sync.aws, &session, &names, (&pace, &lab.sync.clock));
            let answers: Vec<_> = asked.collect().await;
            let mut reported: Vec<_> = answers.iter().map(|answer| answer.region.clone()).collect();
            reported.sort_by_key(|region| names.iter().position(|name| name == region));
            assert_eq!(reported, names);
            let expected: u32 = regions.iter().filter(|(_, _, fails)| !fails).map(|r| r.0).sum();
            assert_eq!(servers_of(answers), expected as usize);
        });
    }
}

/// The first call is answered with 429 and `Retry-After`, the next with an empty page.
async fn retry_after(seconds: &'static str) -> (Duration, Result<Vec<SourceServer>, Failure>) {
    let service = Scripted::answering(move |number, _| {
        Some(match number {
            1 => answer("429 Slow", &[format!("retry-after: {seconds}")], "{}"),
            _ => ok(&[], "{\"items\":[]}"),
        })
    })
    .await;
    let (session, pace) = (service.session(), Pace::of(1));
    let started = Instant::now();
    let result = query_drs_single_region(&service.aws, &session, "us-east-1", &pace).await;
    (started.elapsed(), result.map(|listing| listing.servers))
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let (took, result) = retry_after("1").await;
    assert_eq!(result.unwrap(), []);
    assert!(took >= Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn a_retry_after_beyond_patience_ends_the_region_at_once() {
    let (took, result) = retry_after("3600").await;
    assert_eq!(result.unwrap_err().status, RegionStatus::Throttled);
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn a_region_is_called_no_oftener_than_the_pace_allows() {
    let lab = lab(json!({ "us-east-1": { "pageSize": 1, "sourceServers": servers(6) } })).await;
    let pace = Pace { calls_per_second: Some(20), ..Pace::of(1) };
    let started = std::time::Instant::now();
    let session = session(&lab);
    let listed = query_drs_single_region(&lab.sync.aws, &session, "us-east-1", &pace).await;
    assert_eq!(listed.unwrap().servers.len(), 6);
    assert!(started.elapsed() >= Duration::from_millis(250), "six calls, 50 ms apart");
}
