//! Recovery instances and jobs as an AWS SDK sees them.

use crate::common::{config, hub};
use aws_sdk_drs::error::ProvideErrorMetadata;
use aws_sdk_drs::types::{DescribeJobsRequestFilters, DescribeRecoveryInstancesRequestFilters};
use serde_json::{Value, json};
use sim::{Simulator, World};

const HUB: &str = "111111111111";

async fn start(region: Value) -> (Simulator, aws_sdk_drs::Client) {
    let world = json!({ "hubAccountId": HUB,
                        "accounts": { HUB: { "drs": { "eu-west-1": region } } } });
    let sim = Simulator::start(World::from_json(&world.to_string()).unwrap()).await.unwrap();
    let drs = aws_sdk_drs::Client::new(&config(&sim, hub()));
    (sim, drs)
}

fn job(n: u32, created: &str) -> Value {
    json!({ "jobID": format!("drsjob-{n}"), "type": "LAUNCH", "initiatedBy": "START_DRILL",
            "creationDateTime": created, "status": "COMPLETED" })
}

#[tokio::test]
async fn recovery_instances_come_by_page_and_by_server() {
    let instance = |n: u32| {
        json!({ "recoveryInstanceID": format!("i-{n}"), "sourceServerID": format!("s-{n}"),
                "isDrill": true, "ec2InstanceState": "RUNNING" })
    };
    let all: Vec<Value> = (0..5).map(instance).collect();
    let (sim, drs) = start(json!({ "pageSize": 2, "recoveryInstances": all })).await;
    let pages = drs.describe_recovery_instances().into_paginator().items().send();
    let all: Vec<_> = pages.try_collect().await.unwrap();
    assert_eq!((all.len(), sim.calls().len()), (5, 3));
    assert_eq!(sim.calls()[0].operation, "DescribeRecoveryInstances");
    assert_eq!((all[4].source_server_id(), all[4].is_drill()), (Some("s-4"), Some(true)));
    let filter = DescribeRecoveryInstancesRequestFilters::builder().source_server_ids("s-3");
    let some = drs.describe_recovery_instances().filters(filter.build()).send().await.unwrap();
    assert_eq!(some.items()[0].recovery_instance_id(), Some("i-3"));
    assert_eq!(some.items().len(), 1);
}

#[tokio::test]
async fn jobs_are_of_a_time() {
    let jobs = [job(1, "2026-11-01T10:00:00+00:00"), job(2, "2026-11-02T10:00:00+00:00")];
    let (_sim, drs) = start(json!({ "jobs": jobs })).await;
    let all = drs.describe_jobs().send().await.unwrap();
    assert_eq!(all.items().len(), 2);
    let filter = DescribeJobsRequestFilters::builder().from_date("2026-11-02T00:00:00Z").build();
    let some = drs.describe_jobs().filters(filter).send().await.unwrap();
    assert_eq!((some.items().len(), some.items()[0].job_id()), (1, "drsjob-2"));
}

#[tokio::test]
async fn a_fault_hits_the_operation_that_it_names_and_no_other() {
    let denied = json!({ "status": 403, "code": "AccessDeniedException", "message": "no" });
    let mut of_jobs = denied.clone();
    of_jobs["operation"] = json!("DescribeJobs");
    let (_sim, drs) = start(json!({ "fault": of_jobs })).await;
    let error = drs.describe_jobs().send().await.unwrap_err();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    assert!(drs.describe_source_servers().send().await.is_ok());
    assert!(drs.describe_recovery_instances().send().await.is_ok());

    let (_sim, drs) = start(json!({ "fault": denied })).await;
    assert!(drs.describe_source_servers().send().await.is_err());
    assert!(drs.describe_jobs().send().await.is_ok());
    assert!(drs.describe_recovery_instances().send().await.is_ok());
}

#[tokio::test]
async fn where_drs_is_not_initialised_nothing_is_told() {
    let (sim, _) = start(json!({})).await;
    let elsewhere = config(&sim, hub()).into_builder();
    let elsewhere = elsewhere.region(aws_config::Region::from_static("eu-west-2")).build();
    let drs = aws_sdk_drs::Client::new(&elsewhere);
    let error = drs.describe_jobs().send().await.unwrap_err();
    assert_eq!(error.code(), Some("UninitializedAccountException"));
}
