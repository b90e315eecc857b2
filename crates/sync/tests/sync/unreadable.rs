//! Answers of status 200 that cannot be read, as a whole or a server of them.

use model::{Failure, RegionStatus};
use serde_json::{Value, json};
use sync::drs::query_drs_single_region;
use sync::ec2::query_ec2_instances;
use sync::pace::Pace;

use testing::*;

const JSON: &str = "application/json";

/// What DRS says where its every answer is this.
async fn listed(content_type: &'static str, body: &str) -> Result<(usize, Vec<Failure>), Failure> {
    let body = body.to_owned();
    let service = Scripted::start(move |_, _| Some((content_type, body.clone()))).await;
    let (session, pace) = (service.session(), Pace::of(1));
    let listing = query_drs_single_region(&service.aws, &session, "us-east-1", &pace).await?;
    Ok((listing.servers.len(), listing.unreadable))
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_says_so_and_can_be_tried_again() {
    let page = |page: Value| page.to_string();
    let good = server(HUB, "us-east-1", 1);
    let unreadable = format!("the answer of status 200 ({JSON}) cannot be read: ");
    for (content_type, body, expected) in [
        (
            "text/html",
            "<html><body>Please sign in</body></html>".to_owned(),
            "is not in the format of the service (text/html)",
        ),
        (JSON, "{\"items\": [".to_owned(), "ends in the middle"),
        (JSON, page(json!({ "items": "none" })), "has no items"),
        (JSON, page(json!({ "items": [good], "nextToken": 7 })), &unreadable),
        (JSON, page(json!({ "items": [null], "nextToken": 7 })), &unreadable),
        (JSON, page(json!([good])), "is not in the format of the service"),
    ] {
        let failure = listed(content_type, &body).await.unwrap_err();
        assert_eq!(
            (failure.status, failure.code.as_str()),
            (RegionStatus::Error, "InvalidResponse")
        );
        assert!(failure.retryable && failure.advice.contains("proxy"), "{failure:?}");
        let message = &failure.message;
        assert!(message.contains(expected) && !message.contains("unhandled"), "{message}");
        assert!(!message.ends_with(": "), "the cause is told: {message}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_read_is_named_and_costs_no_other() {
    let with = |pointer: &str, value: Value| {
        let mut bad = server(HUB, "us-east-1", 2);
        bad["sourceProperties"]["ramBytes"] = json!(1);
        bad["sourceProperties"]["disks"] = json!([{ "bytes": 1 }, { "bytes": 2 }]);
        bad["tags"] = json!({ "a/b~c": "d" });
        *bad.pointer_mut(pointer).unwrap() = value;
        bad
    };
    let id = server_id(2);
    for (bad, expected) in [
        (
            with("/sourceProperties/ramBytes", json!("17")),
            format!("{id} cannot be read: sourceProperties.ramBytes: "),
        ),
        (
            with("/sourceProperties/disks/1/bytes", json!("2")),
            format!("{id} cannot be read: sourceProperties.disks.1.bytes: "),
        ),
        (with("/tags/a~1b~0c", json!(["d"])), format!("{id} cannot be read: tags.a/b~c: ")),
        (with("/lifeCycle", json!(true)), format!("{id} cannot be read: lifeCycle: ")),
        (
            with("/sourceServerID", json!(2)),
            format!("source-server/{id} cannot be read: sourceServerID: "),
        ),
        (with("", Value::Null), "2 of its page cannot be read: ".to_owned()),
        (with("", json!("a server")), "2 of its page cannot be read: ".to_owned()),
    ] {
        let others = [server(HUB, "us-east-1", 1), bad, server(HUB, "us-east-1", 3)];
        let (servers, unreadable) =
            listed(JSON, &json!({ "items": others }).to_string()).await.unwrap();
        assert_eq!((servers, unreadable.len()), (2, 1), "{expected}");
        let failure = &unreadable[0];
        assert!(failure.message.contains(&expected), "{}", failure.message);
        assert!(failure.message.starts_with("source server ") && failure.retryable);
        let noise = ["unhandled", "offset"].iter().any(|word| failure.message.contains(word));
        assert!(!noise, "{}", failure.message);
        assert_eq!(
            (failure.status, failure.code.as_str()),
            (RegionStatus::Error, "InvalidResponse")
        );
    }
}

#[tokio::test]
async fn pages_after_one_with_an_unreadable_server_are_read() {
    let service = Scripted::start(|_, request| {
        let last = request.contains("two");
        let number = if last { 2 } else { 1 };
        let mut page = json!({ "items": [server(HUB, "us-east-1", number), null] });
        if !last {
            page["nextToken"] = json!("two");
        }
        Some((JSON, page.to_string()))
    })
    .await;
    let (session, pace) = (service.session(), Pace::of(1));
    let listing =
        query_drs_single_region(&service.aws, &session, "us-east-1", &pace).await.unwrap();
    assert_eq!((listing.servers.len(), listing.unreadable.len()), (2, 2));
    assert!(!listing.is_complete());
}

#[tokio::test]
async fn a_sync_reports_the_server_and_stores_the_others() {
    let mut world = one_account(3);
    let lab = Lab::of(world.clone()).await;
    lab.run().await;
    world["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"][1]["sourceProperties"]["ramBytes"] =
        json!("17");
    lab.set_world(world);
    let body = lab.run().await;
    let details = &body["details"];
    assert_eq!((&details["serversFound"], &details["serversUnchanged"]), (&json!(3), &json!(2)));
    assert_eq!((&details["serversFailed"], &details["complete"]), (&json!(1), &json!(false)));
    assert_eq!(body["totalErrors"], 1);
    let failed = &details["failed"][0];
    assert_eq!((&failed["kind"], &failed["region"]), (&json!("server"), &json!("us-east-1")));
    assert!(failed["message"].as_str().unwrap().contains(&server_id(2)), "{failed}");
    assert_eq!(lab.servers().await.len(), 3, "what was known of it stays");
    let region = &lab.regions().await["us-east-1"];
    assert_eq!((&region["status"], &region["serverCount"]), (&json!("ACTIVE"), &json!(3)));
}

#[tokio::test]
async fn an_answer_of_ec2_that_cannot_be_read_says_so() {
    let service = Scripted::start(|_, _| Some(("text/html", "Please sign in".to_owned()))).await;
    let client = service.aws.ec2(&service.session(), "us-east-1");
    let failure = query_ec2_instances(&client, &[instance_id(1)]).await.failure.unwrap();
    assert!(
        failure.retryable
            && failure.message.contains("DescribeInstances")
            && failure.message.ends_with("(text/html)"),
        "{failure:?}"
    );
}
