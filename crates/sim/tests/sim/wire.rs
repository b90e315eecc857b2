//! The simulator as an AWS SDK sees it.

use std::time::{Duration, Instant};

use crate::common::{config, hub};
use aws_credential_types::Credentials;
use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_sdk_ec2::types::Filter;
use serde_json::{Value, json};
use sim::{Service, Simulator, World, read_record};

const HUB: &str = "111111111111";
const MEMBER: &str = "222222222222";
const ROLE: &str = "arn:aws:iam::222222222222:role/Reader";

async fn start(world: &Value) -> Simulator {
    Simulator::start(World::from_json(&world.to_string()).unwrap()).await.unwrap()
}

fn ec2_world() -> Value {
    let instances: Vec<Value> = (0..12)
        .map(|n| {
            json!({ "InstanceId": format!("i-{n:017x}"), "VpcId": "vpc-1",
                         "Tags": [{ "Key": "name <&>", "Value": "日本 é \"quoted\"" }] })
        })
        .collect();
    json!({ "hubAccountId": HUB,
            "accounts": { HUB: { "ec2": { "eu-west-1": { "instances": instances } } },
                          MEMBER: { "roles": { "Reader": { "externalId": "shared" } },
                                    "drs": { "eu-west-1": { "sourceServers": [{ "arn": "a" }] } } } } })
}

async fn assume(sim: &Simulator) -> Credentials {
    let sts = aws_sdk_sts::Client::new(&config(sim, hub()));
    let assume = sts.assume_role().role_arn(ROLE).role_session_name("test").external_id("shared");
    let answer = assume.duration_seconds(900).send().await.unwrap();
    let parts = answer.credentials().unwrap();
    let token = Some(parts.session_token().to_owned());
    Credentials::new(parts.access_key_id(), parts.secret_access_key(), token, None, "test")
}

#[tokio::test]
async fn an_unknown_id_fails_a_call_and_not_a_filter() {
    let sim = start(&ec2_world()).await;
    let ec2 = aws_sdk_ec2::Client::new(&config(&sim, hub()));
    let known = format!("i-{:017x}", 3);
    let call = ec2.describe_instances().instance_ids(&known).instance_ids("i-0bad");
    let error = call.send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidInstanceID.NotFound"));
    assert_eq!(error.message(), Some("The instance ID 'i-0bad' does not exist"));
    let both = ec2.describe_instances().instance_ids("i-1").instance_ids("i-2").send().await;
    let both = both.unwrap_err();
    assert_eq!(both.message(), Some("The instance IDs 'i-1, i-2' do not exist"));
    let filter = Filter::builder().name("instance-id").values(&known).values("i-0bad").build();
    let answer = ec2.describe_instances().filters(filter).send().await.unwrap();
    let instance = &answer.reservations()[0].instances()[0];
    assert_eq!(instance.instance_id(), Some(known.as_str()));
    assert_eq!(instance.tags()[0].key(), Some("name <&>"));
    assert_eq!(instance.tags()[0].value(), Some("日本 é \"quoted\""));
    assert_eq!(sim.calls()[2].ids, 2);
}

#[tokio::test]
async fn pages_of_instances() {
    let sim = start(&ec2_world()).await;
    let ec2 = aws_sdk_ec2::Client::new(&config(&sim, hub()));
    let pages = ec2.describe_instances().max_results(5).into_paginator().items().send();
    let all: Vec<_> = pages.try_collect().await.unwrap();
    assert_eq!((all.len(), sim.calls().len()), (12, 3));
}

#[tokio::test]
async fn the_limits_of_describe_instances() {
    let sim = start(&ec2_world()).await;
    let ec2 = aws_sdk_ec2::Client::new(&config(&sim, hub()));
    let id = format!("i-{:017x}", 3);
    let both = ec2.describe_instances().instance_ids(&id).max_results(5).send().await.unwrap_err();
    assert_eq!(both.code(), Some("InvalidParameterCombination"));
    for size in [4, 1001] {
        let error = ec2.describe_instances().max_results(size).send().await.unwrap_err();
        assert_eq!(error.code(), Some("InvalidParameterValue"));
    }
    let values = (0..201).map(|n| format!("i-{n:017x}")).collect();
    let filter = Filter::builder().name("instance-id").set_values(Some(values)).build();
    let error = ec2.describe_instances().filters(filter).send().await.unwrap_err();
    assert_eq!(error.code(), Some("FilterLimitExceeded"));
}

#[tokio::test]
async fn a_key_belongs_to_the_account_of_its_role_and_needs_its_own_token() {
    let sim = start(&ec2_world()).await;
    let member = assume(&sim).await;
    let sts = aws_sdk_sts::Client::new(&config(&sim, member.clone()));
    let identity = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some(MEMBER));
    let drs = aws_sdk_drs::Client::new(&config(&sim, member.clone()));
    let answer = drs.describe_source_servers().send().await.unwrap();
    assert_eq!(answer.items().len(), 1);

    let other = Some("another token".to_owned());
    let wrong = Credentials::new(member.access_key_id(), "x", other, None, "test");
    let drs = aws_sdk_drs::Client::new(&config(&sim, wrong.clone()));
    let error = drs.describe_source_servers().send().await.unwrap_err();
    assert_eq!(error.code(), Some("UnrecognizedClientException"));
    let ec2 = aws_sdk_ec2::Client::new(&config(&sim, wrong));
    let error = ec2.describe_instances().send().await.unwrap_err();
    assert_eq!(error.code(), Some("AuthFailure"));
}

#[tokio::test]
async fn a_key_fails_once_expired() {
    let sim = start(&ec2_world()).await;
    let member = assume(&sim).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(901)).await;
    tokio::time::resume();
    let drs = aws_sdk_drs::Client::new(&config(&sim, member));
    let error = drs.describe_source_servers().send().await.unwrap_err();
    assert_eq!(error.code(), Some("ExpiredTokenException"));
}

#[tokio::test]
async fn a_role_refuses_what_sts_refuses() {
    let sim = start(&ec2_world()).await;
    let sts = aws_sdk_sts::Client::new(&config(&sim, hub()));
    let assume = |arn: &str, name: &str, seconds: i32| {
        let call = sts.assume_role().role_arn(arn).role_session_name(name);
        call.external_id("shared").duration_seconds(seconds).send()
    };
    for (arn, name, seconds, code) in [
        (ROLE, "test", 899, "ValidationError"),
        (ROLE, "a b", 900, "ValidationError"),
        ("not an arn", "test", 900, "ValidationError"),
        ("arn:aws:iam::222222222222:role/Other", "test", 900, "AccessDenied"),
        ("arn:aws:iam::999999999999:role/Reader", "test", 900, "AccessDenied"),
    ] {
        let error = assume(arn, name, seconds).await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{arn} {name} {seconds}");
    }
}

#[tokio::test]
async fn max_results_wins_where_it_is_smaller_and_latency_comes_before_each_answer() {
    let servers: Vec<Value> = (0..10).map(|n| json!({ "arn": n.to_string() })).collect();
    let sim = start(&json!({ "hubAccountId": HUB, "latencyMs": { "drs": 60 }, "accounts": { HUB: {
        "drs": { "eu-west-1": { "pageSize": 4, "sourceServers": servers } } } } }))
    .await;
    let drs = aws_sdk_drs::Client::new(&config(&sim, hub()));
    let started = Instant::now();
    for (asked, served) in [(3, 3), (9, 4)] {
        let answer = drs.describe_source_servers().max_results(asked).send().await.unwrap();
        assert_eq!(answer.items().len(), served);
    }
    assert!(started.elapsed() >= Duration::from_millis(120));
    let call = &sim.calls()[0];
    assert_eq!((call.service, call.account.as_str()), (Service::Drs, HUB));
    assert_eq!(call.region, "eu-west-1");
    assert!(call.took.unwrap() >= Duration::from_millis(60));
    let token = drs.describe_source_servers().next_token("made up").send().await.unwrap_err();
    assert_eq!(token.code(), Some("ValidationException"));
}

#[tokio::test]
async fn the_record_has_every_call_with_its_time_and_outcome() {
    let sim = start(&ec2_world()).await;
    let drs = aws_sdk_drs::Client::new(&config(&sim, assume(&sim).await));
    drs.describe_source_servers().send().await.unwrap();
    let nowhere = aws_sdk_drs::Client::new(&config(&sim, hub()));
    nowhere.describe_source_servers().send().await.unwrap_err();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("record.jsonl");
    sim.write_record(&file).unwrap();
    let record = read_record(&file).unwrap();
    let lines: Vec<_> = record
        .iter()
        .map(|c| [&c.service, &c.operation, &c.account, &c.region, &c.outcome].map(String::as_str))
        .collect();
    assert_eq!(
        lines,
        [
            ["sts", "AssumeRole", MEMBER, "eu-west-1", "answered"],
            ["drs", "DescribeSourceServers", MEMBER, "eu-west-1", "answered"],
            ["drs", "DescribeSourceServers", HUB, "eu-west-1", "UninitializedAccountException"],
        ]
    );
    assert!(record.is_sorted_by_key(|call| call.start_us));
    assert!(record.iter().all(|call| call.took_us.is_some()));
}

#[tokio::test]
async fn a_simulator_that_is_dropped_listens_no_more() {
    let sim = start(&ec2_world()).await;
    let drs = aws_sdk_drs::Client::new(&config(&sim, hub()));
    drop(sim);
    let error = drs.describe_source_servers().send().await.unwrap_err();
    assert!(error.as_service_error().is_none(), "{error:?}");
}
