//! Drills that still run, and how long launches took: asked where the setting says so.

use std::time::Duration;

use serde_json::{Value, json};
use testing::*;

const REGION: &str = "us-east-1";
const ON: [(&str, &str); 1] = [("READ_DRILLS", "true")];

/// A time so many minutes ago, as DRS writes it.
fn ago(minutes: i64) -> String {
    sync::time::iso(jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes))
}

fn arn(number: u32) -> String {
    format!("arn:aws:drs:{REGION}:{MEMBER}:source-server/{}", server_id(number))
}

fn job(id: &str, by: &str, started: i64, ended: Option<i64>, servers: &[(u32, &str)]) -> Value {
    let servers = servers.iter().map(
        |(number, status)| json!({ "sourceServerID": server_id(*number), "launchStatus": status }),
    );
    let mut job = json!({ "jobID": id, "type": "LAUNCH", "initiatedBy": by, "status": "COMPLETED",
        "creationDateTime": ago(started), "participatingServers": servers.collect::<Vec<_>>() });
    if let Some(ended) = ended {
        job["endDateTime"] = json!(ago(ended));
    }
    job
}

fn launched(id: &str, number: u32, drill: bool, state: &str, job: &str) -> Value {
    json!({ "recoveryInstanceID": id, "ec2InstanceID": id, "ec2InstanceState": state,
            "sourceServerID": server_id(number), "isDrill": drill, "jobID": job,
            "pointInTimeSnapshotDateTime": ago(4000) })
}

/// Two servers, and what DRS tells beside them.
fn world(instances: &[Value], jobs: &[Value]) -> Value {
    let mut world = one_account(2);
    let drs = &mut world["accounts"][MEMBER]["drs"];
    drs[REGION]["recoveryInstances"] = json!(instances);
    drs[REGION]["jobs"] = json!(jobs);
    drs["eu-west-1"] = json!({ "sourceServers": [] });
    world
}

async fn entry(lab: &Lab) -> Value {
    let mut places = lab.places().await;
    places.remove(&format!("{MEMBER}/#drills/{REGION}")).unwrap_or_default()
}

async fn launches(lab: &Lab) -> Vec<Value> {
    let rows = rows(scan(&lab.changes()).await).into_iter();
    rows.filter(|row| row["kind"] == "launch").collect()
}

#[tokio::test]
async fn off_it_costs_nothing() {
    let lab = Lab::of(world(&[launched("i-9", 1, true, "RUNNING", "j-1")], &[])).await;
    lab.run().await;
    assert_eq!((lab.count("DescribeRecoveryInstances"), lab.count("DescribeJobs")), (0, 0));
    assert_eq!(entry(&lab).await, Value::Null);
}

#[tokio::test]
async fn what_still_runs_is_kept_with_its_age_and_what_is_gone_is_not() {
    let jobs = [job("j-1", "START_DRILL", 120, Some(90), &[(1, "LAUNCHED")])];
    let instances = [
        launched("i-8", 2, false, "RUNNING", "j-0"),
        launched("i-9", 1, true, "RUNNING", "j-1"),
        launched("i-7", 1, true, "TERMINATED", "j-1"),
    ];
    let lab = Lab::with(world(&instances, &jobs), &ON).await;
    let body = lab.run().await;
    assert_eq!(body["details"]["complete"], json!(true), "{body}");
    assert_eq!((lab.count("DescribeRecoveryInstances"), lab.count("DescribeJobs")), (1, 1));
    let entry = entry(&lab).await;
    assert_eq!((&entry["runningCount"], &entry["drillCount"]), (&json!(2), &json!(1)), "{entry}");
    let running = &entry["running"];
    assert_eq!(
        (&running[0]["recoveryInstanceID"], &running[0]["isDrill"]),
        (&json!("i-9"), &json!(true))
    );
    // Since its job ended; the other is as old as its point in time, as far as anybody knows.
    assert_eq!(running[0]["since"], jobs[0]["endDateTime"]);
    assert_eq!(entry["oldestDrillSince"], jobs[0]["endDateTime"]);
    assert_eq!(entry["oldestSince"], instances[0]["pointInTimeSnapshotDateTime"]);
    assert_eq!(entry["notAsked"], Value::Null);
}

#[tokio::test]
async fn a_launch_becomes_history_once_however_long_it_took() {
    let ended = job("j-1", "START_DRILL", 120, Some(90), &[(1, "LAUNCHED"), (2, "FAILED")]);
    let open = job("j-2", "START_RECOVERY", 5, None, &[(7, "PENDING")]);
    let other = json!({ "jobID": "j-3", "type": "TERMINATE", "creationDateTime": ago(60),
                        "endDateTime": ago(59) });
    let lab = Lab::with(world(&[], &[ended.clone(), open, other.clone()]), &ON).await;
    lab.run().await;
    let mut told = launches(&lab).await;
    told.sort_by_key(|row| row["subject"].to_string());
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((&told[0]["subject"], &told[1]["subject"]), (&json!(arn(1)), &json!(arn(2))));
    let after = &told[0]["after"];
    assert_eq!(
        (&after["jobId"], &after["type"], &after["status"], &after["seconds"]),
        (&json!("j-1"), &json!("DRILL"), &json!("LAUNCHED"), &json!(1800))
    );
    assert_eq!(
        (&after["startedAt"], &after["endedAt"]),
        (&ended["creationDateTime"], &ended["endDateTime"])
    );
    assert_eq!(told[1]["after"]["status"], "FAILED");

    // The one that had not ended is asked for although it was started before.
    advance(Duration::from_secs(3700)).await;
    let later = job("j-2", "START_RECOVERY", 5, Some(-30), &[(7, "LAUNCHED")]);
    lab.set_world(world(&[], &[ended, later, other]));
    lab.run().await;
    let told = launches(&lab).await;
    assert_eq!(told.len(), 3, "{told:?}");
    let recovery = told.iter().find(|row| row["after"]["type"] == "RECOVERY").unwrap();
    // No place lists it any more.
    assert_eq!(recovery["subject"], json!(arn(7)));
}

#[tokio::test]
async fn drs_is_asked_once_per_discovery_interval_and_only_where_there_are_servers() {
    let lab = Lab::with(world(&[], &[]), &ON).await;
    for _ in 0..3 {
        lab.run().await;
    }
    assert_eq!((lab.count("DescribeRecoveryInstances"), lab.count("DescribeJobs")), (1, 1));
    advance(Duration::from_secs(3601)).await;
    lab.run().await;
    assert_eq!((lab.count("DescribeRecoveryInstances"), lab.count("DescribeJobs")), (2, 2));
}

#[tokio::test]
async fn a_denial_is_no_failure_and_is_not_tried_again_for_a_day() {
    let jobs = [job("j-1", "START_DRILL", 120, Some(90), &[(1, "LAUNCHED")])];
    let mut denying = world(&[], &jobs);
    let mut fault = denied();
    fault["operation"] = json!("DescribeRecoveryInstances");
    denying["accounts"][MEMBER]["drs"][REGION]["fault"] = fault;
    let lab = Lab::with(denying, &ON).await;
    let body = lab.run().await;
    assert_eq!((&body["details"]["complete"], &body["totalErrors"]), (&json!(true), &json!(0)));
    let first = entry(&lab).await;
    assert_eq!(
        (&first["notAsked"], &first["asOf"]),
        (&json!("AccessDeniedException"), &Value::Null)
    );
    advance(Duration::from_secs(3 * 3600)).await;
    lab.run().await;
    assert_eq!((lab.count("DescribeRecoveryInstances"), lab.count("DescribeJobs")), (1, 0));

    lab.set_world(world(&[], &jobs));
    advance(Duration::from_secs(22 * 3600)).await;
    lab.run().await;
    let entry = entry(&lab).await;
    assert_eq!((&entry["notAsked"], launches(&lab).await.len()), (&Value::Null, 1), "{entry}");
}

#[tokio::test]
async fn where_only_jobs_are_denied_the_instances_are_known_and_no_launch_is_lost() {
    let jobs = [job("j-1", "START_DRILL", 120, Some(90), &[(1, "LAUNCHED")])];
    let instances = [launched("i-9", 1, true, "RUNNING", "j-1")];
    let mut denying = world(&instances, &jobs);
    let mut fault = denied();
    fault["operation"] = json!("DescribeJobs");
    denying["accounts"][MEMBER]["drs"][REGION]["fault"] = fault;
    let lab = Lab::with(denying, &ON).await;
    lab.run().await;
    let first = entry(&lab).await;
    assert_eq!(
        (&first["runningCount"], &first["notAsked"]),
        (&json!(1), &json!("AccessDeniedException"))
    );
    assert_eq!(first["running"][0]["since"], instances[0]["pointInTimeSnapshotDateTime"]);

    lab.set_world(world(&instances, &jobs));
    advance(Duration::from_secs(25 * 3600)).await;
    lab.run().await;
    assert_eq!(launches(&lab).await.len(), 1);
    assert_eq!(entry(&lab).await["running"][0]["since"], jobs[0]["endDateTime"]);
}

#[tokio::test]
async fn an_account_that_left_takes_its_drills_along() {
    let lab = Lab::with(
        {
            let mut world = world(&[launched("i-9", 1, true, "RUNNING", "j-1")], &[]);
            let other = target(OTHER);
            world["targetAccounts"].as_array_mut().unwrap().push(other);
            world["accounts"][OTHER] = json!({ "roles": roles() });
            world
        },
        &[("READ_DRILLS", "true"), ("REMOVE_AT_MOST_PERCENT", "100"), ("REMOVE_AFTER_HOURS", "1")],
    )
    .await;
    lab.run().await;
    assert_eq!(entry(&lab).await["runningCount"], 1);
    let table = lab.accounts();
    let key = store::string(MEMBER);
    table.client.delete_item().table_name(&table.name).key("accountId", key).send().await.unwrap();
    for _ in 0..3 {
        lab.run().await;
        advance(Duration::from_secs(2 * 3600)).await;
    }
    let left: Vec<String> =
        lab.places().await.into_keys().filter(|it| it.starts_with(MEMBER)).collect();
    assert_eq!(left, Vec::<String>::new());
}
