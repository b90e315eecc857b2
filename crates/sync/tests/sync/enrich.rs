//! Step 4: what EC2 knows of the servers.

use embedded::Fault;
use model::{Ec2Knowledge, Machine, RegionStatus, SourceServer};
use proptest::prelude::*;
use serde_json::{Value, json};
use sync::credentials::Hub;
use sync::ec2::query_ec2_instances;
use sync::enrich::{Enrichment, enrich_with_ec2_metadata};

use testing::scripted::ec2_page;
use testing::*;

/// The role that the origin account of the tests below has.
fn default_role() -> Value {
    json!({ "DRSOrchestrationRole": { "externalId": "drs-orchestration-cross-account" } })
}

/// Server 1 of the member, whose machine runs in the other account.
fn extended(other: Value, listed: Value) -> Value {
    let mut far = server(MEMBER, "us-east-1", 1);
    far["sourceCloudProperties"] = json!({ "originAccountID": OTHER, "originRegion": "eu-west-1" });
    let mut world = world_of(json!({ "us-east-1": { "sourceServers": [far] } }), json!({}));
    world["accounts"][OTHER] = other;
    world["targetAccounts"][0]["stagingAccounts"] = listed;
    world
}

fn failed_ec2(body: &Value) -> Vec<(String, String)> {
    let failed = body["details"]["failed"].as_array().unwrap();
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let ec2 = failed.iter().filter(|entry| entry["kind"] == "ec2");
    ec2.map(|entry| (text(entry, "account"), text(entry, "region"))).collect()
}

async fn ec2_client(lab: &Lab) -> aws_sdk_ec2::Client {
    let session = aws::AccountSession {
        account_id: HUB.to_owned(),
        partition: "aws".to_owned(),
        credentials: lab.sync.aws.hub_credentials().unwrap(),
    };
    lab.sync.aws.ec2(&session, "us-east-1")
}

#[tokio::test]
async fn instances_are_asked_for_in_batches_of_200_and_a_missing_one_costs_nothing() {
    let instances: Vec<Value> = (0..450).filter(|n| n % 7 != 0).map(instance).collect();
    let world = json!({ "hubAccountId": HUB,
        "accounts": { HUB: { "ec2": { "us-east-1": { "instances": instances } } } } });
    let lab = Lab::of(world).await;
    let ids: Vec<String> = (0..450).map(instance_id).collect();
    let answer = query_ec2_instances(&ec2_client(&lab).await, &ids).await;
    assert_eq!(answer.instances.len(), instances.len());
    assert!(answer.failure.is_none() && answer.not_asked.is_empty());
    let mut asked: Vec<usize> = lab.sim.calls().iter().map(|call| call.ids).collect();
    asked.sort_unstable();
    assert_eq!(asked, [50, 200, 200]);
}

#[tokio::test]
async fn no_ids_are_no_call() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    let answer = query_ec2_instances(&ec2_client(&lab).await, &[]).await;
    assert!(answer.instances.is_empty() && lab.sim.calls().is_empty());
}

#[tokio::test]
async fn a_batch_that_fails_harms_no_other() {
    let instances: Vec<Value> = (0..400).map(instance).collect();
    let fault =
        json!({ "status": 403, "code": "UnauthorizedOperation", "message": "no", "count": 1 });
    let world = json!({ "hubAccountId": HUB,
        "accounts": { HUB: { "ec2": { "us-east-1": { "instances": instances, "fault": fault } } } } });
    let lab = Lab::of(world).await;
    let ids: Vec<String> = (0..400).map(instance_id).collect();
    let answer = query_ec2_instances(&ec2_client(&lab).await, &ids).await;
    assert_eq!((answer.instances.len(), answer.not_asked.len()), (200, 200));
    assert_eq!(answer.failure.unwrap().code, "UnauthorizedOperation");
}

/// EC2 of the hub with `count` instances, which answers so.
async fn ec2_lab(count: u32, fault: Value, latency: u64) -> (Lab, Vec<String>) {
    let instances: Vec<Value> = (0..count).map(instance).collect();
    let mut region = json!({ "instances": instances });
    if !fault.is_null() {
        region["fault"] = fault;
    }
    let world = json!({ "hubAccountId": HUB, "latencyMs": { "ec2": latency },
        "accounts": { HUB: { "ec2": { "us-east-1": region } } } });
    (Lab::of(world).await, (0..count).map(instance_id).collect())
}

#[tokio::test]
async fn batches_of_a_group_overlap_and_at_most_four_at_once() {
    let (lab, ids) = ec2_lab(2000, Value::Null, 100).await;
    let answer = query_ec2_instances(&ec2_client(&lab).await, &ids).await;
    assert_eq!(answer.instances.len(), 2000);
    let calls = lab.sim.calls();
    let under_way = |at: tokio::time::Instant| {
        calls.iter().filter(|c| c.started <= at && c.started + c.took.unwrap() > at).count()
    };
    let most = calls.iter().map(|call| under_way(call.started)).max();
    assert_eq!((calls.len(), most), (10, Some(4)));
}

#[tokio::test]
async fn ec2_that_hangs_is_waited_for_once_however_many_batches_there_are() {
    let (lab, ids) = ec2_lab(1200, json!({ "connection": "hang" }), 0).await;
    let started = std::time::Instant::now();
    let answer = query_ec2_instances(&ec2_client(&lab).await, &ids).await;
    // The time of one call with its retries is four seconds at most.
    assert!(started.elapsed() < std::time::Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!((answer.instances.len(), answer.not_asked.len()), (0, 1200));
    assert_eq!(answer.failure.unwrap().status, RegionStatus::EndpointUnreachable);
    let first_attempts = 4;
    assert!(lab.count("DescribeInstances") <= first_attempts * 3);
}

#[tokio::test]
async fn what_ec2_told_before_the_connection_failed_stays() {
    let service = Scripted::start(|number, request| {
        let (_, first) = request.split_once("Filter.1.Value.1=")?;
        let id = first.split('&').next()?;
        (number == 1).then(|| ec2_page(id, None))
    })
    .await;
    let client = service.aws.ec2(&service.session(), "us-east-1");
    let ids: Vec<String> = (0..1200).map(instance_id).collect();
    let answer = query_ec2_instances(&client, &ids).await;
    assert_eq!((answer.instances.len(), answer.not_asked.len()), (1, 1000));
    assert_eq!(answer.failure.unwrap().status, RegionStatus::EndpointUnreachable);
}

#[tokio::test]
async fn an_origin_account_that_is_listed_is_asked_through_its_own_role() {
    let ec2 = json!({ "eu-west-1": { "instances": [instance(1)] } });
    let world = extended(json!({ "roles": roles(), "ec2": ec2 }), json!([target(OTHER)]));
    let lab = Lab::of(world).await;
    let body = lab.run().await;
    assert_eq!(body["totalErrors"], 0, "{body}");
    let row = &lab.servers().await[&server_id(1)];
    assert_eq!(row["networkConfig"]["vpcId"], "vpc-1");
    assert_eq!(
        (&row["sourceAccountId"], &row["sourceRegion"]),
        (&json!(OTHER), &json!("eu-west-1"))
    );
    let calls = lab.sim.calls();
    let asked = calls.iter().find(|call| call.operation == "DescribeInstances").unwrap();
    assert_eq!((asked.account.as_str(), asked.region.as_str()), (OTHER, "eu-west-1"));
    assert_eq!(lab.count("AssumeRole"), 2);
}

#[tokio::test]
async fn the_role_of_accounts_that_are_not_listed_is_a_setting() {
    let default_id = "drs-orchestration-cross-account";
    for (trust, external_id, status) in [
        (json!({ "externalId": "their-id" }), "their-id", "current"),
        (json!({}), "", "current"),
        // Empty, none is sent: not even the default.
        (json!({ "externalId": default_id }), "", "unreachable"),
    ] {
        let ec2 = json!({ "eu-west-1": { "instances": [instance(1)] } });
        let other = json!({ "roles": { "Reader": trust }, "ec2": ec2 });
        let variables = [("MEMBER_ROLE_NAME", "Reader"), ("DEFAULT_EXTERNAL_ID", external_id)];
        let lab = Lab::with(extended(other, Value::Null), &variables).await;
        lab.run().await;
        assert_eq!(lab.servers().await[&server_id(1)]["ec2Status"], status, "{external_id:?}");
    }
}

#[tokio::test]
async fn an_origin_account_that_is_not_listed_is_asked_through_the_default_role() {
    let ec2 = json!({ "eu-west-1": { "instances": [instance(1)] } });
    let other = json!({ "roles": default_role(), "ec2": ec2 });
    let lab = Lab::of(extended(other, Value::Null)).await;
    let body = lab.run().await;
    assert_eq!(body["totalErrors"], 0, "{body}");
    assert_eq!(lab.servers().await[&server_id(1)]["ec2Status"], "current");
}

#[tokio::test]
async fn an_origin_account_that_cannot_be_entered_leaves_the_server_and_is_named() {
    let lab = Lab::of(extended(json!({}), Value::Null)).await;
    let body = lab.run().await;
    assert_eq!(body["totalSynced"], 1);
    assert_eq!(failed_ec2(&body), [(OTHER.to_owned(), "eu-west-1".to_owned())]);
    let row = &lab.servers().await[&server_id(1)];
    assert_eq!(row["ec2Status"], "unreachable");
    assert!(row.get("networkConfig").is_none() && row.get("ec2AsOf").is_none());
}

#[tokio::test]
async fn an_origin_region_that_is_no_region_is_never_part_of_a_host_name() {
    let mut far = server(MEMBER, "us-east-1", 1);
    far["sourceCloudProperties"]["originRegion"] = json!("evil.example.com/#");
    let world = world_of(json!({ "us-east-1": { "sourceServers": [far] } }), json!({}));
    let lab = Lab::of(world).await;
    let body = lab.run().await;
    assert_eq!(body["details"]["failed"][0]["code"], "InvalidRegion");
    assert_eq!(lab.count("DescribeInstances"), 0);
    assert_eq!(body["totalSynced"], 1);
}

#[tokio::test]
async fn what_an_earlier_sync_knew_stays_where_ec2_is_silent() {
    let lab = Lab::of(one_account(2)).await;
    let first = lab.run().await;
    let known = lab.servers().await;
    let gone = json!({ "instances": [instance(2)] });
    let refused =
        json!({ "fault": { "status": 403, "code": "UnauthorizedOperation", "message": "" } });
    let mut terminated = instance(1);
    terminated["State"] = json!({ "Name": "terminated" });
    terminated.as_object_mut().unwrap().remove("VpcId");
    let terminated = json!({ "instances": [terminated, instance(2)] });
    for (ec2, status) in [(gone, "not-found"), (refused, "unreachable"), (terminated, "not-found")]
    {
        let mut world = one_account(2);
        world["accounts"][MEMBER]["ec2"]["us-east-1"] = ec2;
        lab.set_world(world);
        lab.run().await;
        let row = &lab.servers().await[&server_id(1)];
        assert_eq!(row["ec2Status"], status);
        assert_eq!(row["networkConfig"], known[&server_id(1)]["networkConfig"], "{status}");
        assert_eq!(row["sourceTags"], known[&server_id(1)]["sourceTags"]);
        assert_eq!(row["ec2AsOf"], first["timestamp"]);
        assert_ne!(row["lastUpdated"], first["timestamp"]);
    }
}

/// The instance without what `gone` names, in this state.
fn in_state(state: &str, gone: &[&str]) -> Value {
    let mut instance = instance(1);
    instance["State"] = json!({ "Name": state });
    for key in gone {
        instance.as_object_mut().unwrap().remove(*key);
    }
    json!({ "us-east-1": { "instances": [instance] } })
}

#[tokio::test]
async fn an_instance_that_ends_keeps_the_network_and_the_tags_that_ec2_no_longer_tells() {
    let network = ["VpcId", "SubnetId", "PrivateIpAddress", "SecurityGroups"];
    let all = ["VpcId", "SubnetId", "PrivateIpAddress", "SecurityGroups", "Tags"];
    for (state, gone) in [
        ("shutting-down", &all[..]),
        ("shutting-down", &network),
        ("shutting-down", &["Tags"]),
        ("terminated", &all),
        ("terminated", &["Tags"]),
    ] {
        let lab = Lab::of(one_account(1)).await;
        let first = lab.run().await;
        let known = lab.servers().await.remove(&server_id(1)).unwrap();
        let mut world = one_account(1);
        world["accounts"][MEMBER]["ec2"] = in_state(state, gone);
        lab.set_world(world);
        lab.run().await;
        let row = &lab.servers().await[&server_id(1)];
        for attribute in ["networkConfig", "sourceTags"] {
            assert_eq!(row[attribute], known[attribute], "{state} without {gone:?}");
        }
        assert_eq!((&row["ec2State"], &row["ec2AsOf"]), (&json!(state), &first["timestamp"]));
        assert_eq!(row["ec2Status"], "not-found");
    }
}

#[tokio::test]
async fn the_state_is_what_ec2_tells_in_this_sync() {
    let state = async |ec2: Value| {
        let lab = Lab::of(one_account(1)).await;
        lab.run().await;
        let mut world = one_account(1);
        world["accounts"][MEMBER]["ec2"] = ec2;
        lab.set_world(world);
        lab.run().await;
        let row = lab.servers().await.remove(&server_id(1)).unwrap();
        (row.get("ec2State").cloned(), row["ec2Status"].clone())
    };
    assert_eq!(state(in_state("running", &[])).await, (Some(json!("running")), json!("current")));
    // A network that is still told is current.
    let ending = in_state("shutting-down", &[]);
    assert_eq!(state(ending).await, (Some(json!("shutting-down")), json!("current")));
    // Tags of a running machine that are taken away are no longer there.
    let untagged = in_state("running", &["Tags"]);
    assert_eq!(state(untagged).await, (Some(json!("running")), json!("current")));
    assert_eq!(state(json!({})).await, (None, json!("not-found")));
}

#[tokio::test]
async fn a_row_of_the_legacy_sync_is_as_old_as_its_last_update() {
    let lab = Lab::of(one_account(1)).await;
    lab.run().await;
    let mut row = lab.servers().await.remove(&server_id(1)).unwrap();
    let legacy = row.as_object_mut().unwrap();
    legacy.remove("ec2AsOf");
    legacy.remove("ec2Status");
    legacy.insert("lastUpdated".to_owned(), json!("2026-10-01T00:00:00.000000+00:00"));
    lab.put(&lab.inventory(), &row).await;
    let mut world = one_account(1);
    world["accounts"][MEMBER]["ec2"] = json!({});
    lab.set_world(world);
    lab.run().await;
    let row = &lab.servers().await[&server_id(1)];
    assert_eq!(row["ec2AsOf"], "2026-10-01T00:00:00.000000+00:00");
    assert_eq!(row["networkConfig"]["vpcId"], "vpc-1");
}

#[tokio::test]
async fn a_row_that_would_lose_what_could_not_be_read_is_left_as_it_is() {
    let lab = Lab::of(one_account(1)).await;
    lab.run().await;
    let before = lab.servers().await;
    let mut world = one_account(1);
    world["accounts"][MEMBER]["ec2"] = json!({});
    lab.set_world(world);
    // The first reads when accounts were last looked at.
    lab.store.inject(Fault::Error {
        operation: "BatchGetItem",
        count: 2,
        status: 400,
        code: "AccessDeniedException",
    });
    let body = lab.run().await;
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(0), &json!(1)));
    assert_eq!(body["details"]["failed"][0]["kind"], "row");
    assert_eq!(lab.servers().await, before);
}

/// Three rows of an earlier sync, of instances that EC2 has forgotten since.
async fn forgotten() -> Lab {
    let lab = Lab::of(one_account(3)).await;
    lab.run().await;
    let mut world = one_account(3);
    world["accounts"][MEMBER]["ec2"] = json!({});
    lab.set_world(world);
    lab
}

#[tokio::test]
async fn earlier_rows_that_the_table_leaves_unread_are_read_again() {
    let lab = forgotten().await;
    lab.store.inject(Fault::Unread { count: 2, keep: 1 });
    let body = lab.run().await;
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(3), &json!(0)));
    for row in lab.servers().await.values() {
        assert_eq!(row["ec2Status"], "not-found");
        assert_eq!(row["networkConfig"]["vpcId"], "vpc-1");
    }
}

#[tokio::test]
async fn earlier_rows_that_are_never_read_are_left_as_they_are() {
    let lab = forgotten().await;
    let before = lab.servers().await;
    let reads = || {
        let calls = lab.store.calls();
        calls.iter().filter(|call| call.operation == "BatchGetItem").count()
    };
    // One more reads when accounts were last looked at.
    let before_rows = reads() + 1;
    lab.store.inject(Fault::Unread { count: 100, keep: 0 });
    // Only a wait between two reads is skipped: on a slow machine the claim of the account would end.
    let waits_are_skipped = async {
        let mut seen = before_rows;
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            if reads() > seen {
                seen = reads();
                advance(std::time::Duration::from_secs(10)).await;
            }
        }
    };
    let body = tokio::select! {
        body = lab.run() => body,
        () = waits_are_skipped => unreachable!("it has no end"),
    };
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(0), &json!(3)), "{body}");
    assert_eq!(lab.servers().await, before);
}

#[tokio::test]
async fn every_field_of_a_document_survives_and_a_sparse_one_has_its_row() {
    let full = json!({
        "sourceServerID": "s-full", "arn": "arn:full", "agentVersion": "6.1",
        "stagingArea": { "stagingAccountID": "" },
        "sourceCloudProperties": { "originAccountID": "", "originRegion": null },
        "sourceProperties": {
            "cpus": [{ "modelName": "Xeon", "cores": 4 }, { "cores": null }, {}],
            "ramBytes": 9_007_199_254_740_993_i64,
            "disks": [{ "deviceName": "/dev/sda", "bytes": i64::MAX }, { "bytes": i64::MAX }],
            "networkInterfaces": [
                { "macAddress": "aa", "ips": [] },
                { "macAddress": "bb", "ips": ["10.0.0.2"] },
                { "macAddress": "cc", "ips": ["10.0.0.3", "10.0.0.4"], "isPrimary": true } ],
            "os": { "fullString": "Linux é 日本" },
        },
    });
    let sparse = json!({ "arn": "arn:sparse", "sourceServerID": "s-sparse", "lifeCycle": null });
    let drs = json!({ "us-east-1": { "sourceServers": [full, sparse] } });
    let lab = Lab::of(world_of(drs, json!({}))).await;
    let body = lab.run().await;
    assert_eq!(body["totalErrors"], 0);
    let rows = scan(&lab.inventory()).await;
    let row = rows.iter().find(|row| row["sourceServerID"].as_s().unwrap() == "s-full").unwrap();
    let number = |name: &str| row[name].as_n().unwrap().as_str();
    assert_eq!(number("cpuCores"), "4");
    assert_eq!(number("ramBytes"), "9007199254740993");
    assert_eq!(number("totalStorageBytes"), "18446744073709551614");
    let text = |name: &str| row[name].as_s().unwrap().as_str();
    assert_eq!((text("primaryIp"), text("macAddress")), ("10.0.0.3", "cc"));
    assert_eq!((text("stagingAccountId"), text("sourceAccountId")), (MEMBER, MEMBER));
    assert_eq!(text("osName"), "Linux é 日本");
    let sparse = &lab.servers().await["s-sparse"];
    assert_eq!((&sparse["disks"], &sparse["cpuCores"]), (&json!([]), &json!(0)));
    assert_eq!((&sparse["lastSnapshot"], &sparse["primaryIp"]), (&json!(""), &json!("")));
    assert!(sparse.get("ec2Status").is_none());
}

/// A server of the hub with this instance, or none, in this region.
fn source_server(instance: Option<u32>, region: &str) -> SourceServer {
    let machine = Machine {
        instance_id: instance.map(instance_id).unwrap_or_default(),
        hostname: format!("host of {instance:?}"),
        ram_bytes: i64::MAX,
        ..Machine::default()
    };
    SourceServer {
        account_id: HUB.to_owned(),
        region: "us-east-1".to_owned(),
        arn: format!("arn:{instance:?}:{region}"),
        origin_region: region.to_owned(),
        machine,
        ..SourceServer::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn the_same_servers_in_the_same_order_with_every_field_of_drs(
        given in prop::collection::vec((prop::option::of(0..20_u32), 0..3_usize), 0..40),
        known in 0..20_u32,
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let regions = ["us-east-1", "eu-west-1", "eu-west-2"];
            let instances: Vec<Value> = (0..known).map(instance).collect();
            let mut ec2 = json!({ "us-east-1": { "instances": instances } });
            ec2["eu-west-1"] = json!({ "instances": instances, "fault": denied() });
            let lab = Lab::of(json!({ "hubAccountId": HUB, "accounts": { HUB: { "ec2": ec2 } } })).await;
            let hub = Hub { account_id: HUB.to_owned(), partition: "aws".to_owned(), arn: String::new(), clock_off_by: None };
            let enrichment = Enrichment {
                aws: &lab.sync.aws,
                credentials: &lab.sync.credentials,
                hub: &hub,
                accounts: &std::collections::HashMap::new(),
                member_role: &lab.sync.settings.member_role,
                inventory: &lab.inventory(),
                listings: None,
                pace: sync::pace::Pace::of(10),
                writes_end: sync::pace::Deadline::none(),
            };
            let servers: Vec<SourceServer> =
                given.iter().map(|(id, region)| source_server(*id, regions[*region])).collect();
            let (enriched, failures) = enrich_with_ec2_metadata(&enrichment, servers.clone()).await;
            assert_eq!(enriched.len(), servers.len());
            for (after, before) in enriched.iter().zip(&servers) {
                assert_eq!(SourceServer { ec2: before.ec2.clone(), ..after.clone() }, *before);
            }
            for (server, (id, region)) in enriched.iter().zip(&given) {
                let expected = match (id, region) {
                    (None, _) => Ec2Knowledge::NoInstance,
                    (Some(_), 1) => Ec2Knowledge::Unreachable(None),
                    (Some(id), 0) if *id < known => server.ec2.clone(),
                    _ => Ec2Knowledge::NotFound(None),
                };
                assert_eq!(server.ec2, expected);
                let current = matches!(server.ec2, Ec2Knowledge::Current(_));
                assert_eq!(current, *region == 0 && id.is_some_and(|id| id < known));
            }
            let asked = given.iter().any(|(id, region)| id.is_some() && *region == 1);
            assert_eq!(failures.len(), usize::from(asked));
        });
    }
}
