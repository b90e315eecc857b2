//! Lists whose page tokens lead nowhere: an error, and never a shorter list or no end.

use std::time::Duration;

use model::{Failure, RegionStatus};
use serde_json::json;
use store::tables::{query_every_item, scan_every_item};
use sync::drs::query_drs_single_region;
use sync::ec2::query_ec2_instances;
use sync::pace::Pace;
use tokio::time::timeout;

use testing::scripted::{drs_page, ec2_page};
use testing::*;

/// What comes of a listing whose page of this number carries this token, and how many calls it
/// took.
async fn listed(
    token: impl Fn(usize) -> Option<String> + Send + Sync + 'static,
) -> (Result<usize, Failure>, usize) {
    let service =
        Scripted::start(move |number, _| Some(drs_page(number, token(number).as_deref()))).await;
    let (session, pace) = (service.session(), Pace::of(1));
    let listing = query_drs_single_region(&service.aws, &session, "us-east-1", &pace);
    let listing = timeout(Duration::from_secs(60), listing).await.unwrap();
    (listing.map(|listing| listing.servers.len()), service.answered())
}

#[tokio::test]
async fn a_page_token_that_comes_again_is_an_error_of_the_region() {
    for tokens in [["a", "a", "a"], ["a", "b", "a"]] {
        let (result, calls) = listed(move |page| Some(tokens[page - 1].to_owned())).await;
        let failure = result.unwrap_err();
        assert_eq!(failure.status, RegionStatus::Error);
        assert_eq!(failure.code, "RepeatedPageToken");
        assert!(failure.message.contains(&format!("page {calls}")), "{}", failure.message);
        assert!(failure.retryable && calls == if tokens[1] == "a" { 2 } else { 3 });
    }
}

#[tokio::test]
async fn a_listing_has_at_most_1000_pages() {
    let last = |last: usize| move |page: usize| (page < last).then(|| format!("token-{page}"));
    assert_eq!(listed(last(1000)).await, (Ok(1000), 1000));
    let (result, calls) = listed(last(1001)).await;
    assert_eq!((result.unwrap_err().code.as_str(), calls), ("TooManyPages", 1000));
}

#[tokio::test]
async fn an_empty_page_token_is_the_end() {
    assert_eq!(listed(|_| Some(String::new())).await, (Ok(1), 1));
}

#[tokio::test]
async fn a_page_token_of_ec2_that_comes_again_leaves_the_batch_unknown() {
    let service = Scripted::start(|_, _| Some(ec2_page(&instance_id(1), Some("again")))).await;
    let client = service.aws.ec2(&service.session(), "us-east-1");
    let ids = [instance_id(1), instance_id(2)];
    let answer = query_ec2_instances(&client, &ids).await;
    assert_eq!(answer.failure.unwrap().code, "RepeatedPageToken");
    assert!(answer.instances.is_empty() && answer.not_asked.len() == 2);
    assert_eq!(service.answered(), 2);
}

#[tokio::test]
async fn a_key_of_a_table_that_comes_again_is_an_error() {
    let service = Scripted::start(|number, _| {
        let key = json!({ "accountId": { "S": if number % 2 == 0 { "a" } else { "b" } } });
        let page = json!({ "Items": [], "Count": 0, "LastEvaluatedKey": key });
        Some(("application/x-amz-json-1.0", page.to_string()))
    })
    .await;
    let client = service.aws.dynamodb();
    let scan = scan_every_item(client.scan().table_name("any"));
    let error = timeout(Duration::from_secs(60), scan).await.unwrap().unwrap_err();
    assert_eq!((error.code(), service.answered()), ("RepeatedPageToken", 3));
    let query = client.query().table_name("any").key_condition_expression("a = b");
    let error = timeout(Duration::from_secs(60), query_every_item(query)).await.unwrap();
    assert_eq!(error.unwrap_err().code(), "RepeatedPageToken");
}
