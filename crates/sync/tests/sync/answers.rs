//! Answers of status 200 that are empty or cut off: never a success.

use aws::service_error;
use embedded::Fault;
use inventory::outcome::OutcomeError;
use serde_json::{Value, json};
use sync::SyncError;

use testing::http::ok;
use testing::tampered::{empty, half};
use testing::*;

const PAGE_TWO: &[&str] = &["us-east-1/drs", "nextToken"];
const FOR_EVER: usize = 1000;

/// Five servers, on three pages.
fn three_pages() -> Value {
    let mut world = one_account(5);
    world["accounts"][MEMBER]["drs"]["us-east-1"]["pageSize"] = json!(2);
    world
}

fn no_members(_: &str) -> String {
    "{}".to_owned()
}

fn failed<'a>(body: &'a Value, kind: &str) -> Vec<&'a Value> {
    let failed = body["details"]["failed"].as_array().unwrap();
    failed.iter().filter(|entry| entry["kind"] == kind).collect()
}

#[tokio::test]
async fn a_page_without_members_is_asked_for_again() {
    for with in [empty, no_members, half] {
        let tamper = Tamper { marks: PAGE_TWO, count: 1, with };
        let it = Tampered::with(three_pages(), &[], tamper).await;
        let body = it.lab.run().await;
        assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(5), &json!(0)), "{body}");
    }
}

#[tokio::test]
async fn a_page_that_stays_without_members_fails_the_region_by_name() {
    for with in [empty, no_members, half] {
        let tamper = Tamper { marks: PAGE_TWO, count: FOR_EVER, with };
        let it = Tampered::with(three_pages(), &[], tamper).await;
        let body = it.lab.run().await;
        let failed = failed(&body, "region");
        assert_eq!((failed.len(), &body["totalSynced"]), (1, &json!(0)), "{body}");
        assert_eq!(
            (&failed[0]["status"], &failed[0]["code"]),
            (&json!("ERROR"), &json!("InvalidResponse"))
        );
        assert_eq!(failed[0]["retryable"], true);
        let message = failed[0]["message"].as_str().unwrap();
        assert!(message.starts_with("the answer to DescribeSourceServers "), "{message}");
        assert_ne!(it.lab.regions().await["us-east-1"]["status"], "ACTIVE");
    }
}

#[tokio::test]
async fn instances_that_are_cut_off_are_asked_for_again() {
    let tamper = Tamper { marks: &["Action=DescribeInstances"], count: 1, with: half };
    let it = Tampered::with(one_account(3), &[], tamper).await;
    let body = it.lab.run().await;
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(3), &json!(0)), "{body}");
    for row in it.lab.servers().await.values() {
        assert_eq!(row["networkConfig"]["vpcId"], "vpc-1");
    }
}

#[tokio::test]
async fn instances_that_stay_cut_off_are_a_failure_of_ec2_and_never_half_an_instance() {
    for with in [empty, half] {
        let marks = &["Action=DescribeInstances"];
        let it = Tampered::with(one_account(3), &[], Tamper { marks, count: FOR_EVER, with }).await;
        let body = it.lab.run().await;
        let failed = failed(&body, "ec2");
        assert_eq!(failed.len(), 1, "{body}");
        assert_eq!(failed[0]["code"], "InvalidResponse");
        for row in it.lab.servers().await.values() {
            assert_eq!(
                (&row["ec2Status"], row.get("networkConfig")),
                (&json!("unreachable"), None)
            );
        }
    }
}

#[tokio::test]
async fn a_role_whose_answer_is_cut_off_is_not_entered() {
    let tamper = Tamper { marks: &["Action=AssumeRole"], count: FOR_EVER, with: half };
    let it = Tampered::with(one_account(1), &[], tamper).await;
    let body = it.lab.run().await;
    let failed = failed(&body, "account");
    assert_eq!(failed[0]["message"], "the answer to AssumeRole ends in the middle", "{body}");
    assert_eq!(
        (&failed[0]["code"], &failed[0]["retryable"]),
        (&json!("InvalidResponse"), &json!(true))
    );
}

fn no_account(body: &str) -> String {
    body.replace(&format!("<Account>{HUB}</Account>"), "")
}

fn empty_account(body: &str) -> String {
    body.replace(HUB, "")
}

#[tokio::test]
async fn a_hub_that_sts_does_not_name_is_no_stranger() {
    for with in [empty, half, no_account, empty_account] {
        let marks = &["Action=GetCallerIdentity"];
        let it = Tampered::with(one_account(1), &[], Tamper { marks, count: FOR_EVER, with }).await;
        let error = it.lab.error().await;
        assert!(matches!(error, OutcomeError::Refactored(SyncError::Identity { .. })), "{error}");
        assert!(error.to_string().contains("the answer to GetCallerIdentity "), "{error}");
        assert_eq!(it.lab.count("DescribeSourceServers"), 0);
    }
    let marks = &["Action=GetCallerIdentity"];
    let it =
        Tampered::with(one_account(1), &[], Tamper { marks, count: 1, with: no_account }).await;
    assert_eq!(it.lab.run().await["totalErrors"], 0);
}

#[tokio::test]
async fn a_batch_whose_answer_is_empty_is_sent_again() {
    for body in ["", "{}", r#"{"UnprocessedItems":"#] {
        let lab = Lab::of(one_account(16)).await;
        lab.store.inject(Fault::Body { operation: "BatchWriteItem", count: 1, body });
        let body = lab.run().await;
        assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(16), &json!(0)), "{body}");
        assert_eq!(lab.servers().await.len(), 16);
    }
}

#[tokio::test]
async fn rows_whose_answers_stay_empty_are_not_counted_and_named() {
    let lab = Lab::of(one_account(16)).await;
    lab.store.inject(Fault::Body { operation: "BatchWriteItem", count: FOR_EVER, body: "" });
    let body = lab.run().await;
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(0), &json!(16)), "{body}");
    let failed = failed(&body, "row");
    assert_eq!(failed.len(), 16);
    assert_eq!(failed[0]["message"], "the answer to BatchWriteItem is empty");
}

#[tokio::test]
async fn a_clock_that_is_off_ends_the_sync_before_anything_is_asked() {
    let identity = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111111111111\
                    </Account><Arn>arn:aws:iam::111111111111:user/x</Arn><UserId>x</UserId>\
                    </GetCallerIdentityResult></GetCallerIdentityResponse>";
    let date = |seconds: i64| {
        let time = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
        time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    };
    for (seconds, refused) in [(-60, true), (-20, false), (20, false), (60, true)] {
        let date = date(seconds);
        let service = Scripted::answering(move |_, _| {
            Some(ok(&[format!("date: {date}"), "content-type: text/xml".to_owned()], identity))
        })
        .await;
        let lab = Lab::of(one_account(1)).await;
        let mut sync = lab.sync.clone();
        sync.aws = service.aws.clone();
        let result = sync::handle_sync_source_server_inventory_refactored(
            &sync,
            &sync::SyncRequest::default(),
        )
        .await;
        let is_refused = matches!(result, Err(SyncError::Clock { .. }));
        assert_eq!(is_refused, refused, "{seconds} s: {result:?}");
        assert_eq!(lab.places().await.is_empty(), refused);
    }
}

#[tokio::test]
async fn accounts_that_cannot_be_read_are_not_no_accounts() {
    for body in ["", "{}", r#"{"Items":[]}"#, r#"{"Count":0,"Items":["#] {
        let lab = Lab::of(one_account(1)).await;
        lab.store.inject(Fault::Body { operation: "Scan", count: FOR_EVER, body });
        let error = lab.error().await;
        assert!(matches!(error, OutcomeError::Refactored(SyncError::Accounts(_))), "{error}");
        assert!(error.to_string().contains("the answer to Scan "), "{error}");
    }
}

#[tokio::test]
async fn earlier_rows_that_cannot_be_read_are_not_blanked() {
    let lab = Lab::of(one_account(2)).await;
    lab.run().await;
    let before = lab.servers().await;
    let mut world = one_account(2);
    world["accounts"][MEMBER]["ec2"] = json!({});
    lab.set_world(world);
    for body in ["", r#"{"UnprocessedKeys":{}}"#] {
        lab.store.inject(Fault::Body { operation: "BatchGetItem", count: 6, body });
        let body = lab.run().await;
        assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(0), &json!(2)), "{body}");
        assert_eq!(lab.servers().await, before);
    }
}

#[tokio::test]
async fn a_put_whose_answer_is_empty_is_not_written() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    lab.store.inject(Fault::Body { operation: "PutItem", count: 3, body: "" });
    let table = lab.accounts();
    let item: Item = serde_dynamo::to_item(target(MEMBER)).unwrap();
    let put = || table.client.put_item().table_name(&table.name).set_item(Some(item.clone()));
    let error = service_error(&put().send().await.unwrap_err());
    assert_eq!(error.code(), "InvalidResponse");
    assert_eq!(error.to_string(), "the answer to PutItem is empty");
    lab.store.inject(Fault::Body { operation: "PutItem", count: 1, body: "" });
    put().send().await.unwrap();
    assert_eq!(scan(&table).await.len(), 1);
}

#[tokio::test]
async fn answers_of_dynamodb_are_checked_over_the_wire_their_checksum_too() {
    let crc = |sum: u32| vec![format!("x-amz-crc32: {sum}")];
    for (headers, body, unreadable) in [
        (crc(2_745_614_147), "{}", None),
        (vec![], "{}", None),
        (crc(1), "{}", Some("the answer to DeleteItem differs from its checksum")),
        (vec![], "", Some("the answer to DeleteItem is empty")),
        (
            vec![],
            "<html>",
            Some("the answer to DeleteItem is not in the format of the service (no content type)"),
        ),
    ] {
        let answer = ok(&headers, body);
        let service = Scripted::answering(move |_, _| Some(answer.clone())).await;
        let client = service.aws.dynamodb();
        let key = aws_sdk_dynamodb::types::AttributeValue::S(MEMBER.to_owned());
        let delete = client.delete_item().table_name("target-accounts").key("accountId", key);
        let error = delete.send().await.err().map(|error| service_error(&error).to_string());
        assert_eq!(error.as_deref(), unreadable, "{headers:?} {body}");
    }
}
