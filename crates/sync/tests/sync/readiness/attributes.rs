//! Each attribute that a row has of DRS and EC2, from a document that has all and from one that has
//! none.

use serde_json::Map;

use super::*;

/// A document with every field of the DRS API that a row takes.
fn full() -> Value {
    let mut server = ready(1);
    server["tags"] = json!({ "team": "payments" });
    server["lastLaunchResult"] = json!("SUCCEEDED");
    server["recoveryInstanceId"] = json!("i-0aaaaaaaaaaaaaaaa");
    server["reversedDirectionSourceServerArn"] =
        json!("arn:aws:drs:us-west-2:222222222222:source-server/s-0bbbbbbbbbbbbbbbb");
    server["stagingArea"] = json!({
        "status": "EXTENSION_ERROR", "stagingAccountID": MEMBER, "errorMessage": "no trust",
        "stagingSourceServerArn": "arn:aws:drs:us-east-1:333333333333:source-server/s-1",
    });
    server["sourceCloudProperties"]["originAvailabilityZone"] = json!("us-east-1a");
    server["sourceProperties"]["recommendedInstanceType"] = json!("m5.large");
    server["sourceProperties"]["architecture"] = json!("x86_64");
    server["lifeCycle"] = json!({
        "lastSeenByServiceDateTime": minutes_ago(1),
        "addedToServiceDateTime": "2026-01-01T00:00:00Z",
        "firstByteDateTime": "2026-01-01T01:00:00Z",
        "lastLaunch": { "status": "LAUNCHED", "initiated": {
            "type": "DRILL", "jobID": "drsjob-1", "apiCallDateTime": "2026-11-01T00:00:00Z" } },
    });
    server["dataReplicationInfo"] = json!({
        "dataReplicationState": "STALLED", "lagDuration": "PT20M",
        "etaDateTime": "2026-12-01T00:00:00Z",
        "dataReplicationError": { "error": "NOT_CONVERGING", "rawError": "too slow" },
        "dataReplicationInitiation": { "steps": [
            { "name": "WAIT", "status": "SUCCEEDED" },
            { "name": "CREATE_SECURITY_GROUP", "status": "IN_PROGRESS" },
            { "name": "LAUNCH_REPLICATION_SERVER", "status": "NOT_STARTED" }] },
        "replicatedDisks": [
            { "deviceName": "sda", "totalStorageBytes": 100, "replicatedStorageBytes": 60,
              "backloggedStorageBytes": 5 },
            { "deviceName": "sdb", "totalStorageBytes": 50, "replicatedStorageBytes": 15,
              "backloggedStorageBytes": 0 }],
    });
    server
}

/// What a row has of [`full`].
fn of_drs() -> Value {
    json!({
        "tags": { "team": "payments" },
        "lastLaunch": { "type": "DRILL", "at": "2026-11-01T00:00:00Z", "jobId": "drsjob-1",
                        "status": "LAUNCHED" },
        "lastLaunchResult": "SUCCEEDED",
        "replicationError": { "code": "NOT_CONVERGING", "raw": "too slow" },
        "initiation": { "step": "CREATE_SECURITY_GROUP", "status": "IN_PROGRESS" },
        "totalBytes": 150, "replicatedBytes": 75, "backlogBytes": 5,
        "eta": "2026-12-01T00:00:00Z",
        "recoveryInstanceId": "i-0aaaaaaaaaaaaaaaa",
        "replicationDirection": "FAILOVER",
        "reversedDirectionSourceServerArn":
            "arn:aws:drs:us-west-2:222222222222:source-server/s-0bbbbbbbbbbbbbbbb",
        "stagingStatus": "EXTENSION_ERROR",
        "stagingSourceServerArn": "arn:aws:drs:us-east-1:333333333333:source-server/s-1",
        "stagingError": "no trust",
        "architecture": "x86_64", "recommendedInstanceType": "m5.large",
        "addedAt": "2026-01-01T00:00:00Z", "firstByteAt": "2026-01-01T01:00:00Z",
        "sourceAvailabilityZone": "us-east-1a",
    })
}

fn names() -> Vec<String> {
    of_drs().as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn a_full_document_gives_every_attribute() {
    let lab = synced(&[full()]).await;
    let row = row(&lab, 1).await;
    let told: Map<String, Value> = names()
        .into_iter()
        .filter_map(|name| Some((name.clone(), row.get(name)?.clone())))
        .collect();
    assert_eq!(Value::Object(told), of_drs());
    assert_eq!((&row["ec2State"], &row["ec2Status"]), (&json!("running"), &json!("current")));
    assert_eq!(row["readiness"], "NOT_READY");
    let other_side = full()["reversedDirectionSourceServerArn"].as_str().unwrap().to_owned();
    let expected = [
        "STALLED(NOT_CONVERGING)".to_owned(),
        "EXTENSION_ERROR".to_owned(),
        format!("FAILING_BACK({other_side})"),
        "LAG_ABOVE_RPO".to_owned(),
    ];
    assert_eq!(reasons(&row), expected);
    let of_stalled = json!({ "code": "STALLED", "level": "NOT_READY", "field": "NOT_CONVERGING" });
    assert_eq!(row["readinessReasons"][0], of_stalled);
    assert_eq!(row["readinessReasons"][3], json!({ "code": "LAG_ABOVE_RPO", "level": "AT_RISK" }));
    assert_eq!(row["drill"], "CURRENT");
    assert!(row["attention"].as_str().unwrap().starts_with("NOT_READY#"), "{row}");
}

#[tokio::test]
async fn a_sparse_document_gives_none_of_them() {
    let arn = format!("arn:aws:drs:{REGION}:{MEMBER}:source-server/{}", server_id(1));
    let lab = synced(&[json!({ "arn": arn, "sourceServerID": server_id(1) })]).await;
    let row = row(&lab, 1).await;
    for name in names().iter().map(String::as_str).chain(["ec2State", "ec2Status", "factsAtLaunch"])
    {
        assert_eq!(row.get(name), None, "{name} {row}");
    }
    assert_eq!((&row["readiness"], &row["drill"]), (&json!("NOT_READY"), &json!("NEVER")));
    assert_eq!(reasons(&row), ["STATE_NOT_KNOWN", "AGENT_NOT_SEEN"]);
    ledger_agrees_with_rows(&lab).await;
}

#[tokio::test]
async fn a_server_that_is_ready_has_no_reason_and_is_in_no_list_of_trouble() {
    let lab = synced(&[ready(1)]).await;
    let row = row(&lab, 1).await;
    assert_eq!((&row["readiness"], &row["readinessReasons"]), (&json!("READY"), &json!([])));
    assert_eq!(row.get("attention"), None);
    assert!(in_attention_index(&lab).await.is_empty());
}

#[tokio::test]
async fn judging_asks_aws_nothing_more() {
    let lab = Lab::of(world(&ready_servers(30))).await;
    lab.run().await;
    let calls = ["GetCallerIdentity", "AssumeRole", "DescribeInstances", "DescribeSourceServers"];
    assert_eq!(calls.map(|call| lab.count(call)), [1, 1, 1, 34]);
    assert_eq!(lab.sim.calls().len(), 37);
    lab.sim.clear_calls();
    next(&lab, &ready_servers(30)).await;
    assert_eq!(calls.map(|call| lab.count(call)), [1, 0, 1, 1]);
    assert_eq!(lab.sim.calls().len(), 3);
}
