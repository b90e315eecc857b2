//! The legacy sync, its faults included: each fact of it over the wire.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

use embedded::Fault;
use serde_json::{Value, json};

use testing::*;

const FLAG: (&str, &str) = ("USE_REFACTORED_INVENTORY_SYNC", "false");

async fn legacy(world: Value) -> Lab {
    Lab::with(world, &[FLAG]).await
}

fn counts(body: &Value) -> (u64, u64) {
    (body["totalSynced"].as_u64().unwrap(), body["totalErrors"].as_u64().unwrap())
}

fn asked(lab: &Lab, operation: &str, account: &str) -> usize {
    let calls = lab.sim.calls();
    calls.iter().filter(|call| call.operation == operation && call.account == account).count()
}

#[tokio::test]
async fn rows_calls_and_response_of_one_account() {
    let lab = legacy(one_account(3)).await;
    let body = lab.run().await;
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["message", "totalSynced", "totalErrors", "timestamp"]);
    assert_eq!(counts(&body), (3, 0));
    assert_eq!(lab.count("DescribeSourceServers"), 28);
    assert_eq!(lab.count("AssumeRole"), 2);
    assert_eq!(lab.count("GetCallerIdentity"), 2);
    let row = lab.servers().await.remove(&server_id(2)).unwrap();
    let now = body["timestamp"].as_str().unwrap();
    assert_eq!(now.len(), "2026-11-01T00:00:00.000000+00:00".len());
    assert_eq!(
        row,
        json!({
            "sourceServerArn": format!("arn:aws:drs:us-east-1:{MEMBER}:source-server/{}", server_id(2)),
            "stagingAccountId": MEMBER, "sourceServerID": server_id(2), "sourceAccountId": MEMBER,
            "sourceRegion": "us-east-1", "hostname": "host-2", "fqdn": "",
            "instanceId": instance_id(2), "agentVersion": "", "replicationRegion": "us-east-1",
            "replicationState": "CONTINUOUS", "lagDuration": "PT0S", "lastSnapshot": "",
            "lastSeen": "2026-11-01T10:00:00Z", "lastUpdated": now, "cpuModel": "", "cpuCores": 0,
            "ramBytes": 0, "totalStorageBytes": 0, "osName": "", "primaryIp": "",
            "macAddress": "", "disks": [],
            "networkConfig": { "vpcId": "vpc-1", "subnetId": "subnet-1", "privateIp": "10.0.0.1",
                "securityGroups": ["sg-1"],
                "instanceProfile": "arn:aws:iam::222222222222:instance-profile/app" },
            "sourceTags": { "Name": "host-2" },
        })
    );
    let regions = lab.regions().await;
    assert_eq!(regions.len(), 28);
    assert_eq!(
        regions["us-east-1"],
        json!({ "region": "us-east-1", "accountId": MEMBER, "status": "ACTIVE", "serverCount": 3,
                "lastUpdated": now })
    );
    assert_eq!(regions["sa-east-1"]["status"], "NOT_INITIALIZED");
}

#[tokio::test]
async fn each_status_and_no_message() {
    let error = |status: u16, code: &str, message: &str| json!({ "fault": { "status": status, "code": code, "message": message } });
    let scp = "explicit deny in a service control policy";
    let cases = [
        ("us-east-1", error(403, "AccessDeniedException", scp), "IAM_PERMISSION_DENIED"),
        ("us-east-2", error(403, "AccessDenied", scp), "SCP_DENIED"),
        ("us-west-1", error(429, "ThrottlingException", "Rate exceeded"), "THROTTLED"),
        ("us-west-2", error(401, "OptInRequired", "no"), "REGION_NOT_OPTED_IN"),
        ("eu-west-1", error(403, "UnrecognizedClientException", "no"), "ERROR"),
        ("eu-west-2", json!({ "fault": { "connection": "reset" } }), "ERROR"),
    ];
    let drs = cases.iter().map(|(region, drs, _)| ((*region).to_owned(), drs.clone())).collect();
    let lab = legacy(world_of(Value::Object(drs), json!({}))).await;
    assert_eq!(counts(&lab.run().await), (0, 0));
    let rows = lab.regions().await;
    for (region, _, expected) in cases {
        assert_eq!(rows[region]["status"], expected, "{region}");
        assert!(rows[region].get("errorMessage").is_none());
    }
    let throttled = lab.sim.calls().into_iter().filter(|call| call.region == "us-west-1").count();
    assert!(throttled >= 2, "one retry");
}

#[tokio::test]
async fn an_account_without_a_role_is_read_with_the_hubs_credentials() {
    let drs = json!({ "us-east-1": { "sourceServers": [
        { "arn": "arn:hub", "sourceServerID": "s-hub" }] } });
    let lab = legacy(json!({ "hubAccountId": HUB, "targetAccounts": [{ "accountId": MEMBER }],
        "accounts": { HUB: { "drs": drs } } }))
    .await;
    lab.run().await;
    assert_eq!(lab.servers().await["s-hub"]["sourceAccountId"], MEMBER);
    assert_eq!(asked(&lab, "DescribeSourceServers", HUB), 28);
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_leaves_no_trace() {
    let mut world = one_account(1);
    world["targetAccounts"][0]["externalId"] = json!("wrong");
    let lab = legacy(world).await;
    assert_eq!(counts(&lab.run().await), (0, 0));
    assert!(lab.servers().await.is_empty() && lab.regions().await.is_empty());
}

#[tokio::test]
async fn the_last_account_wins_a_regions_row_and_an_account_listed_twice_is_done_twice() {
    let mut world = one_account(2);
    world["targetAccounts"][0]["stagingAccounts"] =
        json!([target(OTHER), target(MEMBER), target(OTHER)]);
    world["accounts"][OTHER] = json!({ "roles": roles() });
    let lab = legacy(world).await;
    assert_eq!(counts(&lab.run().await), (4, 0));
    let row = &lab.regions().await["us-east-1"];
    assert_eq!((&row["accountId"], &row["serverCount"]), (&json!(OTHER), &json!(0)));
    assert_eq!(lab.servers().await.len(), 2);
}

#[tokio::test]
async fn null_staging_accounts_fail_the_function_before_anything_is_asked() {
    let mut world = one_account(1);
    world["targetAccounts"][0]["stagingAccounts"] = Value::Null;
    let lab = legacy(world).await;
    let error = lab.error().await.to_string();
    assert_eq!(error, "Operation failed: 'NoneType' object is not iterable");
    assert!(lab.sim.calls().is_empty());
}

#[tokio::test]
async fn accounts_that_cannot_be_read_fail_the_function_before_anything_is_asked() {
    for (staging, cause) in [
        (json!("none"), "stagingAccounts is no list"),
        (json!([MEMBER]), "a staging account is no map"),
    ] {
        let mut world = one_account(1);
        world["targetAccounts"][0]["stagingAccounts"] = staging;
        let lab = legacy(world).await;
        let error = lab.error().await.to_string();
        assert_eq!(error, format!("Operation failed: {cause}"));
        assert!(lab.sim.calls().is_empty());
    }
    let lab = legacy(one_account(1)).await;
    let (operation, code) = ("Scan", "AccessDeniedException");
    lab.store.inject(Fault::Error { operation, count: 1, status: 400, code });
    let error = lab.error().await.to_string();
    assert_eq!(
        error,
        "Operation failed: An error occurred (AccessDeniedException) when calling the Scan operation: injected by a test"
    );
}

#[tokio::test]
async fn a_batch_with_the_same_key_twice_is_lost_whole_and_at_the_end_leaves_the_function() {
    let mut servers: Vec<Value> = (1..=30).map(|n| server(MEMBER, "us-east-1", n)).collect();
    servers[1] = servers[0].clone();
    let drs = |servers: &[Value]| json!({ "us-east-1": { "sourceServers": servers } });
    let lab = legacy(world_of(drs(&servers), json!({}))).await;
    // The 25th row makes the refused batch full: it is the one that is not counted.
    assert_eq!(counts(&lab.run().await), (29, 1));
    assert_eq!(lab.servers().await.len(), 5);

    let lab = legacy(world_of(drs(&servers[..3]), json!({}))).await;
    let error = lab.error().await.to_string();
    assert!(error.starts_with("Operation failed: An error occurred (ValidationException) when calling the BatchWriteItem operation: "), "{error}");
    assert!(lab.servers().await.is_empty());
}

#[tokio::test]
async fn an_interface_with_no_addresses_fails_its_row_and_the_first_interface_counts() {
    let with = |number, interfaces: Value| {
        let mut server = server(MEMBER, "us-east-1", number);
        server["sourceProperties"]["networkInterfaces"] = interfaces;
        server
    };
    let servers = json!([
        with(1, json!([{ "ips": [] }])),
        with(2, json!([{ "macAddress": "aa" }])),
        with(
            3,
            json!([{ "macAddress": "aa", "ips": ["1.1.1.1"] },
                       { "macAddress": "bb", "ips": ["2.2.2.2"], "isPrimary": true }])
        ),
    ]);
    let lab =
        legacy(world_of(json!({ "us-east-1": { "sourceServers": servers } }), json!({}))).await;
    assert_eq!(counts(&lab.run().await), (2, 1));
    let rows = lab.servers().await;
    assert!(!rows.contains_key(&server_id(1)));
    assert_eq!(
        (&rows[&server_id(2)]["primaryIp"], &rows[&server_id(2)]["macAddress"]),
        (&json!(""), &json!("aa"))
    );
    assert_eq!(rows[&server_id(3)]["primaryIp"], "1.1.1.1");
}

#[tokio::test]
async fn ec2_is_asked_by_id_and_one_by_one_where_an_id_is_unknown() {
    let mut world = one_account(3);
    world["accounts"][MEMBER]["ec2"]["us-east-1"] =
        json!({ "instances": [instance(1), instance(3)] });
    let lab = legacy(world).await;
    lab.run().await;
    assert_eq!(lab.count("DescribeInstances"), 4);
    let rows = lab.servers().await;
    assert!(rows[&server_id(1)].get("networkConfig").is_some());
    assert!(rows[&server_id(2)].get("networkConfig").is_none());
}

#[tokio::test]
async fn ec2_is_tried_twice_and_a_connection_that_fails_ends_the_group() {
    for (resets, enriched) in [(1, true), (2, false)] {
        let mut world = one_account(101);
        world["accounts"][MEMBER]["ec2"]["us-east-1"]["fault"] =
            json!({ "connection": "reset", "count": resets });
        let lab = legacy(world).await;
        lab.run().await;
        let rows = lab.servers().await;
        let has_network = |number| rows[&server_id(number)].get("networkConfig").is_some();
        assert_eq!([has_network(1), has_network(101)], [enriched; 2], "{resets} resets");
        assert_eq!(lab.count("DescribeInstances"), if enriched { 3 } else { 2 });
    }
}

#[tokio::test]
async fn the_role_of_an_ec2_group_is_that_of_a_target_or_a_default_and_a_null_is_no_argument() {
    let far = |number: u32, origin: &str| {
        let mut server = server(MEMBER, "us-east-1", number);
        server["sourceCloudProperties"]["originAccountID"] = json!(origin);
        server
    };
    let default_role =
        json!({ "DRSOrchestrationRole": { "externalId": "drs-orchestration-cross-account" } });
    let ec2 = |number| json!({ "us-east-1": { "instances": [instance(number)] } });
    let (unknown, nulled) = ("444444444444", "555555555555");
    let servers = [far(1, unknown), far(2, nulled), far(3, OTHER)];
    let mut world = world_of(json!({ "us-east-1": { "sourceServers": servers } }), json!({}));
    // Its own role lets nobody in but with its own external id, which the legacy sync does not
    // look at: OTHER is a staging account.
    world["targetAccounts"][0]["stagingAccounts"] = json!([target(OTHER)]);
    world["targetAccounts"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "accountId": nulled, "roleArn": role_arn(nulled), "externalId": null }));
    world["accounts"][unknown] = json!({ "roles": default_role, "ec2": ec2(1) });
    world["accounts"][nulled] = json!({ "roles": { "DRSOrchestrationRole": {} }, "ec2": ec2(2) });
    world["accounts"][OTHER] = json!({ "roles": roles(), "ec2": ec2(3) });
    let lab = legacy(world).await;
    lab.run().await;
    let rows = lab.servers().await;
    assert!(rows[&server_id(1)].get("networkConfig").is_some());
    assert!(rows[&server_id(2)].get("networkConfig").is_none());
    assert!(rows[&server_id(3)].get("networkConfig").is_none());
}

#[tokio::test]
async fn a_failed_ec2_query_takes_away_what_an_earlier_run_knew() {
    let lab = legacy(one_account(1)).await;
    lab.run().await;
    let mut world = one_account(1);
    world["accounts"][MEMBER]["ec2"]["us-east-1"] =
        json!({ "fault": { "status": 403, "code": "UnauthorizedOperation", "message": "" } });
    lab.set_world(world);
    lab.run().await;
    assert!(lab.servers().await[&server_id(1)].get("networkConfig").is_none());
}

#[tokio::test]
async fn unprocessed_items_go_back_into_the_buffer() {
    let lab = legacy(one_account(30)).await;
    lab.store.inject(Fault::Unprocessed { count: 2, keep: 10 });
    assert_eq!(counts(&lab.run().await), (30, 0));
    assert_eq!(lab.servers().await.len(), 30);
}

#[tokio::test]
async fn no_inventory_table_is_a_500_and_no_status_table_is_no_rows() {
    let lab = Lab::with(one_account(1), &[FLAG, ("SOURCE_SERVER_INVENTORY_TABLE", "")]).await;
    let response = lab.response().await;
    assert_eq!(response.status_code, 500);
    assert_eq!(response.body, json!({ "error": "SOURCE_SERVER_INVENTORY_TABLE not configured" }));
    assert!(lab.sim.calls().is_empty());
    let lab = Lab::with(one_account(1), &[FLAG, ("DRS_REGION_STATUS_TABLE", "")]).await;
    assert_eq!(counts(&lab.run().await), (1, 0));
}

#[tokio::test]
async fn an_empty_origin_is_kept_and_used() {
    let mut odd = server(MEMBER, "us-east-1", 1);
    odd["sourceCloudProperties"] = json!({ "originAccountID": null, "originRegion": "" });
    let lab = legacy(world_of(json!({ "us-east-1": { "sourceServers": [odd] } }), json!({}))).await;
    lab.run().await;
    let row = &lab.servers().await[&server_id(1)];
    assert_eq!((&row["sourceAccountId"], &row["sourceRegion"]), (&json!(MEMBER), &json!("")));
}

#[tokio::test]
async fn answers_are_taken_as_they_come() {
    let mut world = one_account(5);
    world["accounts"][MEMBER]["drs"]["us-east-1"]["pageSize"] = json!(2);
    let marks = &["us-east-1/drs", "nextToken"];
    let tamper = Tamper { marks, count: 1000, with: |_| "{}".to_owned() };
    let it = Tampered::with(world, &[FLAG], tamper).await;
    it.lab.store.inject(Fault::Body { operation: "BatchWriteItem", count: 1, body: "" });
    assert_eq!(counts(&it.lab.run().await), (2, 0));
    assert_eq!(it.lab.servers().await.len(), 0);
    let region = &it.lab.regions().await["us-east-1"];
    assert_eq!((&region["status"], &region["serverCount"]), (&json!("ACTIVE"), &json!(2)));
}
