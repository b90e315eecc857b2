//! Where a simulator may fail its users quietly: connections, pages, limits, the record.

use std::time::Duration;

use crate::common::{config, hub};
use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_sdk_ec2::types::Filter;
use serde_json::{Value, json};
use sim::{Outcome, Simulator, World};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HUB: &str = "111111111111";

async fn start(service: &str, region: Value, latency: u64) -> Simulator {
    let account = json!({ service: { "eu-west-1": region } });
    let world = json!({ "hubAccountId": HUB, "latencyMs": { "drs": latency },
                        "accounts": { HUB: account } });
    Simulator::start(World::from_json(&world.to_string()).unwrap()).await.unwrap()
}

/// A connection without a client that would replace it in silence.
async fn connect(sim: &Simulator) -> TcpStream {
    TcpStream::connect(sim.endpoint().trim_start_matches("http://")).await.unwrap()
}

async fn send(stream: &mut TcpStream, body: &str) {
    let credential = "Credential=AKIAHUB/20260101/eu-west-1/drs/aws4_request";
    let request = format!(
        "POST /DescribeSourceServers HTTP/1.1\r\nHost: sim\r\nAuthorization: AWS4-HMAC-SHA256 \
         {credential}, SignedHeaders=host, Signature=0\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
}

async fn status(stream: &mut TcpStream, body: &str) -> String {
    send(stream, body).await;
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).split(' ').nth(1).unwrap_or("closed").to_owned()
}

#[tokio::test]
async fn an_idle_connection_is_kept() {
    let sim = start("drs", json!({}), 0).await;
    let mut stream = connect(&sim).await;
    assert_eq!(status(&mut stream, "{}").await, "200");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3600)).await;
    tokio::time::resume();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(status(&mut stream, "{}").await, "200");
}

#[tokio::test]
async fn a_token_that_was_made_up_is_refused_and_a_far_one_finds_nothing() {
    let sim = start("drs", json!({ "sourceServers": [{ "arn": "a" }] }), 0).await;
    let mut stream = connect(&sim).await;
    for (token, expected) in [
        ("sim-from-18446744073709551615", "400"),
        ("sim-page-2-from-", "400"),
        ("sim-page-18446744073709551615-from-18446744073709551615", "200"),
    ] {
        let body = json!({ "nextToken": token }).to_string();
        assert_eq!(status(&mut stream, &body).await, expected, "{token}");
    }
}

#[tokio::test]
async fn a_fault_after_pages_counts_pages_of_any_size() {
    let servers: Vec<Value> = (0..10).map(|n| json!({ "arn": n.to_string() })).collect();
    let fault = json!({ "status": 500, "code": "Broken", "message": "oops", "afterPages": 2 });
    let region = json!({ "pageSize": 5, "sourceServers": servers, "fault": fault });
    let sim = start("drs", region, 0).await;
    let drs = aws_sdk_drs::Client::new(&config(&sim, hub()));
    let one = drs.describe_source_servers().max_results(1).send().await.unwrap();
    let two = drs.describe_source_servers().next_token(one.next_token().unwrap());
    let two = two.send().await.unwrap();
    assert_eq!(two.items().len(), 5);
    let three = drs.describe_source_servers().next_token(two.next_token().unwrap());
    assert_eq!(three.send().await.unwrap_err().code(), Some("Broken"));
}

#[tokio::test]
async fn a_filter_that_is_not_simulated_is_refused() {
    let sim = start("drs", json!({ "sourceServers": [{ "arn": "a" }] }), 0).await;
    let mut stream = connect(&sim).await;
    assert_eq!(status(&mut stream, r#"{"filters":{"hardwareId":"i-1"}}"#).await, "400");
}

#[tokio::test]
async fn the_limits_of_a_call_to_ec2_are_those_of_the_whole_call() {
    let sim = start("ec2", json!({ "instances": [{ "InstanceId": "i-1" }] }), 0).await;
    let ec2 = aws_sdk_ec2::Client::new(&config(&sim, hub()));
    let both = ec2.describe_instances().instance_ids("i-1").max_results(3).send().await;
    assert_eq!(both.unwrap_err().code(), Some("InvalidParameterCombination"));
    let filter = |count: usize| {
        let values = (0..count).map(|n| format!("i-{n}")).collect();
        Filter::builder().name("instance-id").set_values(Some(values)).build()
    };
    for (second, refused) in [(50, None), (51, Some("FilterLimitExceeded"))] {
        let call = ec2.describe_instances().filters(filter(150)).filters(filter(second));
        let error = call.send().await.err();
        assert_eq!(error.as_ref().and_then(|error| error.code()), refused);
    }
}

#[tokio::test]
async fn a_call_that_is_given_up_ends_in_the_record() {
    let hang = json!({ "fault": { "connection": "hang" } });
    for (region, latency) in [(hang, 0), (json!({}), 60_000)] {
        let sim = start("drs", region, latency).await;
        let mut stream = connect(&sim).await;
        send(&mut stream, "{}").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(sim.calls()[0].took, None);
        drop(stream);
        tokio::time::sleep(Duration::from_millis(100)).await;
        let call = &sim.calls()[0];
        assert_eq!(call.outcome, Outcome::Hung);
        assert!(call.took.unwrap() >= Duration::from_millis(50), "{call:?}");
    }
}
