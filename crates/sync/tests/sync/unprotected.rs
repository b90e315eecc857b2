//! What nothing protects: where it is looked for, what it is compared with, and what it costs.

use std::time::Duration;

use serde_json::{Value, json};
use testing::*;

const REGION: &str = "us-east-1";

fn tagged(number: u32, tags: &[(&str, &str)]) -> Value {
    let mut it = instance(number);
    let tags = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
    it["Tags"] = tags.collect();
    it["InstanceType"] = json!("m6i.large");
    it["State"] = json!({ "Name": "running" });
    it["LaunchTime"] = json!("2026-01-02T03:04:05Z");
    it
}

/// Two protected servers, and instances that no server names.
fn world(more: Vec<Value>) -> Value {
    let mut world = one_account(2);
    let region = &mut world["accounts"][MEMBER]["ec2"][REGION];
    region["instances"].as_array_mut().unwrap().extend(more);
    world
}

async fn lab(world: Value) -> Lab {
    Lab::with(world, &[("FIND_UNPROTECTED", "true")]).await
}

async fn entry(lab: &Lab, account: &str, region: &str) -> Value {
    let mut places = lab.places().await;
    places.remove(&format!("{account}/#unprotected/{region}")).unwrap_or_default()
}

fn ids(entry: &Value) -> Vec<&str> {
    let instances = entry["instances"].as_array().unwrap().iter();
    instances.map(|it| it["instanceId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn off_it_costs_nothing() {
    let lab = Lab::of(world(vec![tagged(9, &[])])).await;
    lab.run().await;
    let ids: Vec<usize> = lab
        .sim
        .calls()
        .iter()
        .filter(|it| it.operation == "DescribeInstances")
        .map(|it| it.ids)
        .collect();
    assert_eq!(ids, [2]);
    assert_eq!(entry(&lab, MEMBER, REGION).await, Value::Null);
}

#[tokio::test]
async fn what_no_server_names_is_found_and_one_listing_serves_the_metadata_too() {
    let mut ended = tagged(8, &[]);
    ended["State"]["Name"] = json!("terminated");
    let more = vec![
        tagged(9, &[("Name", "reports"), ("owner", "finance")]),
        tagged(10, &[("AWSElasticDisasterRecoveryManaged", "drs.amazonaws.com")]),
        ended,
    ];
    let lab = lab(world(more)).await;
    let body = lab.run().await;
    assert_eq!(body["details"]["complete"], json!(true), "{body}");
    let calls = lab.sim.calls();
    let calls: Vec<_> = calls.iter().filter(|it| it.operation == "DescribeInstances").collect();
    assert_eq!((calls.len(), calls[0].ids), (1, 0));
    let servers = lab.servers().await;
    assert_eq!(servers[&server_id(1)]["networkConfig"]["vpcId"], "vpc-1");
    assert_eq!(servers[&server_id(1)]["ec2Status"], "current");

    let entry = entry(&lab, MEMBER, REGION).await;
    assert_eq!((&entry["count"], &entry["isCertain"]), (&json!(1), &json!(true)), "{entry}");
    assert_eq!(
        entry["instances"],
        json!([{ "instanceId": instance_id(9), "name": "reports", "owner": "finance",
                 "type": "m6i.large", "launchTime": "2026-01-02T03:04:05.000000+00:00",
                 "state": "running" }])
    );
}

#[tokio::test]
async fn a_thousand_instances_are_one_page() {
    let more = (10..1300).map(|number| tagged(number, &[])).collect();
    let lab = lab(world(more)).await;
    lab.run().await;
    assert_eq!(lab.count("DescribeInstances"), 2);
    let entry = entry(&lab, MEMBER, REGION).await;
    assert_eq!((&entry["count"], ids(&entry).len()), (&json!(1290), 500));
}

#[tokio::test]
async fn an_instance_that_another_account_s_server_names_is_protected() {
    let mut world = world(vec![tagged(9, &[])]);
    let mut listed = server(OTHER, "eu-west-1", 9);
    listed["sourceCloudProperties"] =
        json!({ "originAccountID": MEMBER, "originRegion": "ap-south-1" });
    world["targetAccounts"].as_array_mut().unwrap().insert(0, target(OTHER));
    world["accounts"][OTHER] =
        json!({ "roles": roles(), "drs": { "eu-west-1": { "sourceServers": [listed] } } });
    world["accounts"][MEMBER]["ec2"]["ap-south-1"] =
        json!({ "instances": [tagged(9, &[]), tagged(12, &[])] });
    let lab = lab(world).await;
    lab.run().await;
    lab.run().await;
    assert_eq!(entry(&lab, MEMBER, REGION).await["count"], 0);
    // Where only another account's server runs an instance of this one is looked, too.
    let there = entry(&lab, MEMBER, "ap-south-1").await;
    assert_eq!(ids(&there), [instance_id(12)]);
}

#[tokio::test]
async fn where_drs_is_not_known_nothing_is_said_for_certain() {
    let mut unread = world(vec![tagged(9, &[])]);
    unread["accounts"][MEMBER]["drs"]["eu-west-1"] = json!({ "fault": denied() });
    let lab = lab(unread).await;
    lab.run().await;
    let found = entry(&lab, MEMBER, REGION).await;
    assert_eq!((&found["isCertain"], &found["count"]), (&json!(false), &json!(1)));
    assert_eq!(found["because"], "DRS could not be read in eu-west-1");
    lab.set_world(world(vec![tagged(9, &[])]));
    lab.run().await;
    let found = entry(&lab, MEMBER, REGION).await;
    assert_eq!((&found["isCertain"], &found["because"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn where_ec2_cannot_be_asked_what_was_found_stays_and_is_not_certain() {
    let lab = lab(world(vec![tagged(9, &[])])).await;
    lab.run().await;
    let before = entry(&lab, MEMBER, REGION).await;
    let mut refusing = world(vec![]);
    refusing["accounts"][MEMBER]["ec2"][REGION]["fault"] =
        json!({ "status": 403, "code": "UnauthorizedOperation", "message": "no" });
    lab.set_world(refusing);
    let body = lab.run().await;
    assert_eq!(body["totalErrors"], 1, "{body}");
    let after = entry(&lab, MEMBER, REGION).await;
    assert_eq!((ids(&after), &after["asOf"]), (vec![instance_id(9).as_str()], &before["asOf"]));
    assert_eq!(after["because"], "EC2 could not be asked: UnauthorizedOperation");
}

#[tokio::test]
async fn what_is_excluded_is_counted_apart_as_long_as_it_is() {
    let more = vec![tagged(9, &[("Environment", "test")]), tagged(10, &[]), tagged(11, &[])];
    let lab = lab(world(more)).await;
    let exclude = |what: &str, until: &str| {
        json!({ "accountId": "#exclusions", "region": what, "owner": "me", "reason": "a test",
                "until": until })
    };
    for exclusion in [
        exclude("tag:Environment=test", "2999-01-01T00:00:00+00:00"),
        exclude(&format!("id:{}", instance_id(10)), "2999-01-01T00:00:00+00:00"),
        exclude(&format!("id:{}", instance_id(11)), "2020-01-01T00:00:00+00:00"),
    ] {
        lab.put(&lab.ledger(), &exclusion).await;
    }
    lab.run().await;
    let found = entry(&lab, MEMBER, REGION).await;
    assert_eq!((&found["count"], &found["excluded"]), (&json!(1), &json!(2)), "{found}");
    assert_eq!(ids(&found), [instance_id(11)]);
}

#[tokio::test]
async fn the_entry_is_written_where_it_changed_or_is_old() {
    let lab = lab(world(vec![tagged(9, &[])])).await;
    lab.run().await;
    let first = entry(&lab, MEMBER, REGION).await;
    lab.run().await;
    assert_eq!(entry(&lab, MEMBER, REGION).await, first);
    advance(Duration::from_secs(3700)).await;
    lab.run().await;
    let old = entry(&lab, MEMBER, REGION).await;
    assert!(old["asOf"].as_str() > first["asOf"].as_str());
    lab.set_world(world(vec![tagged(9, &[]), tagged(10, &[])]));
    lab.run().await;
    assert_eq!(entry(&lab, MEMBER, REGION).await["count"], 2);
}

#[tokio::test]
async fn all_is_every_region_that_the_account_uses() {
    let mut world = world(vec![]);
    world["accounts"][MEMBER]["drs"]["eu-west-1"] = json!({ "sourceServers": [] });
    world["accounts"][MEMBER]["drs"]["me-south-1"] = json!({ "fault": { "status": 403, "code": "UnrecognizedClientException", "message": "no" } });
    world["accounts"][MEMBER]["ec2"]["eu-west-1"] = json!({ "instances": [tagged(9, &[])] });
    let regions = "us-east-1,eu-west-1,eu-west-2,me-south-1";
    let lab = Lab::with(world, &[("FIND_UNPROTECTED", "all"), ("DRS_REGIONS", regions)]).await;
    lab.run().await;
    assert_eq!(lab.count("DescribeInstances"), 3);
    assert_eq!(ids(&entry(&lab, MEMBER, "eu-west-1").await), [instance_id(9)]);
    assert_eq!(entry(&lab, MEMBER, "eu-west-2").await["count"], 0);
    assert_eq!(entry(&lab, MEMBER, "me-south-1").await, Value::Null);
}
