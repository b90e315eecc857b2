//! The whole sync, from the accounts table to the inventory table.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws::{Aws, CallPolicy};
use embedded::Fault;
use serde_json::{Value, json};
use sync::SyncRequest;
use sync::credentials::CredentialsCache;
use sync::progress::{Event, Progress};

use testing::*;

fn failed(body: &Value) -> Vec<(String, String, String)> {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let entries = body["details"]["failed"].as_array().unwrap();
    entries.iter().map(|e| (text(e, "account"), text(e, "region"), text(e, "status"))).collect()
}

#[tokio::test]
async fn no_accounts_is_a_complete_picture_without_a_call() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    let body = lab.run().await;
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(0), &json!(0)));
    assert_eq!(body["details"]["complete"], json!(true));
    assert!(lab.sim.calls().is_empty());
}

#[tokio::test]
async fn every_server_of_an_account_gets_its_row() {
    let lab = Lab::of(one_account(30)).await;
    let body = lab.run().await;
    assert_eq!(body["message"], "Source server inventory sync complete");
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(30), &json!(0)));
    let details = &body["details"];
    assert_eq!(details["serversFound"], 30);
    assert_eq!(details["serversEnriched"], 30);
    assert_eq!(details["notInUse"], json!({ "NOT_INITIALIZED": 33 }));
    let rows = lab.servers().await;
    assert_eq!(rows.len(), 30);
    let row = &rows[&server_id(7)];
    assert_eq!(row["hostname"], "host-7");
    assert_eq!(row["networkConfig"]["vpcId"], "vpc-1");
    assert_eq!(row["sourceTags"], json!({ "Name": "host-7" }));
    assert_eq!((&row["ec2Status"], &row["ec2AsOf"]), (&json!("current"), &body["timestamp"]));
    assert_eq!(row["lastUpdated"], body["timestamp"]);
    assert_eq!(lab.count("AssumeRole"), 1);
    assert_eq!(lab.count("GetCallerIdentity"), 1);
    assert_eq!(lab.count("DescribeInstances"), 1);
}

#[tokio::test]
async fn the_hub_needs_no_role_and_another_account_without_one_is_skipped() {
    let servers = json!({ "us-east-1": { "sourceServers": [server(HUB, "us-east-1", 1)] } });
    let lab = Lab::of(json!({
        "hubAccountId": HUB,
        "targetAccounts": [{ "accountId": HUB }, { "accountId": MEMBER }],
        "accounts": { HUB: { "drs": servers } },
    }))
    .await;
    let body = lab.run().await;
    assert_eq!(lab.count("AssumeRole"), 0);
    let accounts: BTreeSet<_> = lab.sim.calls().into_iter().map(|call| call.account).collect();
    assert_eq!(accounts, BTreeSet::from([HUB.to_owned()]));
    assert_eq!(lab.servers().await.len(), 1);
    assert_eq!(failed(&body), [(MEMBER.into(), String::new(), "ERROR".into())]);
    assert_eq!(body["details"]["failed"][0]["code"], "NoRole");
    assert_eq!(body["details"]["accountsSkipped"][0]["account"], MEMBER);
}

#[tokio::test]
async fn a_role_of_another_account_is_not_used() {
    let mut world = one_account(1);
    world["targetAccounts"] = json!([{ "accountId": OTHER, "roleArn": role_arn(MEMBER) }]);
    let lab = Lab::of(world).await;
    let body = lab.run().await;
    assert_eq!(body["details"]["failed"][0]["code"], "RoleOfOtherAccount");
    assert_eq!(lab.count("AssumeRole"), 0);
}

#[tokio::test]
async fn one_region_that_fails_is_named_and_harms_no_other() {
    let mut world = one_account(2);
    world["accounts"][MEMBER]["drs"]["eu-west-1"] = json!({ "fault": denied() });
    let lab = Lab::of(world).await;
    let body = lab.run().await;
    assert_eq!(body["totalSynced"], 2);
    assert_eq!(body["totalErrors"], 1);
    assert_eq!(
        failed(&body),
        [(MEMBER.into(), "eu-west-1".into(), "IAM_PERMISSION_DENIED".into())]
    );
    let entry = &body["details"]["failed"][0];
    assert_eq!(entry["message"], "User is not authorized");
    assert_eq!(entry["retryable"], json!(false));
    assert!(entry["whatToDo"].as_str().unwrap().contains("role"));
    let row = &lab.regions().await["eu-west-1"];
    assert_eq!((&row["status"], &row["serverCount"]), (&json!("IAM_PERMISSION_DENIED"), &json!(0)));
    assert_eq!(row["errorMessage"], "User is not authorized");
    let place = &lab.places().await[&format!("{MEMBER}/eu-west-1")];
    assert_eq!(place["errorCode"], "AccessDeniedException");
    assert_eq!(place["trouble"], "NEVER_READ");
}

#[tokio::test]
async fn an_account_that_cannot_be_entered_harms_no_other() {
    let mut world = one_account(1);
    world["targetAccounts"].as_array_mut().unwrap().push(target(OTHER));
    let lab = Lab::of(world).await;
    let body = lab.run().await;
    assert_eq!(body["totalSynced"], 1);
    assert_eq!(failed(&body), [(OTHER.into(), String::new(), "IAM_PERMISSION_DENIED".into())]);
}

#[tokio::test]
async fn an_account_listed_twice_is_asked_once_through_the_listing_that_works() {
    let mut world = one_account(1);
    let member = target(MEMBER);
    world["targetAccounts"] = json!([
        { "accountId": HUB, "stagingAccounts": [
            { "accountId": MEMBER, "roleArn": role_arn(MEMBER), "externalId": "wrong-external-id" }] },
        member,
    ]);
    let lab = Lab::of(world).await;
    let body = lab.run().await;
    assert_eq!(body["totalSynced"], 1);
    assert_eq!(body["totalErrors"], 0);
    assert_eq!(body["details"]["accountsAsked"], 2);
    let asked = lab.sim.calls();
    let regions: Vec<_> = asked
        .iter()
        .filter(|call| call.operation == "DescribeSourceServers" && call.account == MEMBER)
        .map(|call| call.region.clone())
        .collect();
    assert_eq!(regions.len(), regions.iter().collect::<BTreeSet<_>>().len());
}

#[tokio::test]
async fn the_next_sync_asks_active_regions_and_after_the_interval_all() {
    let lab = Lab::of(one_account(1)).await;
    lab.run().await;
    lab.sim.clear_calls();
    let body = lab.run().await;
    assert_eq!(lab.count("DescribeSourceServers"), 1);
    assert_eq!(lab.count("AssumeRole"), 0);
    assert_eq!(body["details"]["regionsAsked"], 1);
    advance(Duration::from_secs(61 * 60)).await;
    lab.sim.clear_calls();
    lab.run().await;
    assert_eq!(lab.count("DescribeSourceServers"), 34);
}

#[tokio::test]
async fn servers_of_a_region_that_fails_stay_and_are_asked_for_again() {
    let lab = Lab::of(one_account(3)).await;
    lab.run().await;
    let before = lab.servers().await;
    for fault in [
        denied(),
        json!({ "status": 400, "code": "UninitializedAccountException", "message": "gone" }),
        json!({ "status": 403, "code": "AccessDeniedException",
                "message": "explicit deny in a service control policy" }),
        json!({ "connection": "reset" }),
        json!({ "connection": "hang" }),
    ] {
        let mut world = one_account(3);
        world["accounts"][MEMBER]["drs"]["us-east-1"]["fault"] = fault.clone();
        lab.set_world(world);
        lab.sim.clear_calls();
        let body = lab.run().await;
        assert!(lab.count("DescribeSourceServers") >= 1, "{fault}");
        assert_eq!(body["totalErrors"], 1, "{fault} {body}");
        assert_eq!(lab.servers().await, before, "{fault}");
        let row = &lab.regions().await["us-east-1"];
        assert_eq!(row["serverCount"], 3, "{fault}");
        let place = &lab.places().await[&format!("{MEMBER}/us-east-1")];
        assert!(place["lastSuccess"].is_string() && place["failingSince"].is_string(), "{fault}");
        assert_eq!(place["trouble"], "FAILED", "{fault}");
    }
}

#[tokio::test]
async fn two_accounts_share_a_region_row() {
    let servers = |account: &str, numbers: std::ops::Range<u32>| {
        let list: Vec<Value> = numbers.map(|n| server(account, "us-east-1", n)).collect();
        json!({ "us-east-1": { "sourceServers": list } })
    };
    let world = |drs_other: Value| {
        json!({
            "hubAccountId": HUB,
            "targetAccounts": [target(MEMBER), target(OTHER)],
            "accounts": {
                MEMBER: { "roles": roles(), "drs": servers(MEMBER, 0..2) },
                OTHER: { "roles": roles(), "drs": drs_other },
            },
        })
    };
    let lab = Lab::of(world(servers(OTHER, 10..13))).await;
    lab.run().await;
    let row = lab.regions().await.remove("us-east-1").unwrap();
    assert_eq!((&row["serverCount"], &row["status"]), (&json!(5), &json!("ACTIVE")));
    assert_eq!(row["accountId"], OTHER);

    lab.set_world(world(json!({ "us-east-1": { "fault": denied() } })));
    lab.run().await;
    let row = lab.regions().await.remove("us-east-1").unwrap();
    assert_eq!((&row["serverCount"], &row["status"]), (&json!(5), &json!("ACTIVE")));
    assert_eq!((&row["accountsAsked"], &row["accountsFailed"]), (&json!(2), &json!(1)));
    let place = &lab.places().await[&format!("{OTHER}/us-east-1")];
    assert_eq!(place["status"], "IAM_PERMISSION_DENIED");
    assert_eq!(place["serverCount"], 3);
    assert!(row.get("errorMessage").is_none());
}

#[tokio::test]
async fn the_same_server_listed_by_two_accounts_is_one_row_with_the_latest_sight() {
    let mut seen_late = server(MEMBER, "us-east-1", 1);
    seen_late["lifeCycle"]["lastSeenByServiceDateTime"] = json!("2026-11-01T12:00:00Z");
    seen_late["agentVersion"] = json!("late");
    let mut seen_early = server(MEMBER, "us-east-1", 1);
    seen_early["agentVersion"] = json!("early");
    let lab = Lab::of(json!({
        "hubAccountId": HUB,
        "targetAccounts": [target(MEMBER), target(OTHER)],
        "accounts": {
            MEMBER: { "roles": roles(), "drs": { "us-east-1": { "sourceServers": [seen_late] } } },
            OTHER: { "roles": roles(), "drs": { "us-east-1": { "sourceServers": [seen_early] } } },
        },
    }))
    .await;
    let body = lab.run().await;
    assert_eq!(body["totalSynced"], 1);
    assert_eq!(lab.servers().await[&server_id(1)]["agentVersion"], "late");
}

#[tokio::test]
async fn a_table_that_is_not_configured_is_named() {
    let lab = Lab::with(one_account(1), &[("DRS_REGION_STATUS_TABLE", "")]).await;
    let error = lab.error().await;
    assert!(error.to_string().contains("DRS_REGION_STATUS_TABLE"), "{error}");
    assert!(lab.sim.calls().is_empty());
}

#[tokio::test]
async fn regions_configured_are_the_regions_asked() {
    let lab = Lab::with(one_account(1), &[("DRS_REGIONS", "us-east-1,eu-west-1")]).await;
    let body = lab.run().await;
    assert_eq!(body["details"]["regionsAsked"], 2);
    assert_eq!(lab.regions().await.len(), 2);
}

#[tokio::test]
async fn servers_of_regions_that_answered_are_written_while_another_hangs() {
    let mut world = one_account(3);
    world["accounts"][MEMBER]["drs"]["eu-west-1"] = json!({ "fault": { "connection": "hang" } });
    let lab = Arc::new(Lab::with(world, &[("DRS_REGIONS", "eu-west-1,us-east-1")]).await);
    let syncing = tokio::spawn({
        let lab = Arc::clone(&lab);
        async move { lab.run().await }
    });
    while lab.servers().await.len() < 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!syncing.is_finished());
    let body = syncing.await.unwrap();
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(3), &json!(1)));
}

#[tokio::test]
async fn a_server_listed_in_two_regions_is_one_row_with_the_latest_sight() {
    for (first, second) in [("us-east-1", "eu-west-1"), ("eu-west-1", "us-east-1")] {
        let mut older = server(MEMBER, "us-east-1", 1);
        older["lifeCycle"]["lastSeenByServiceDateTime"] = json!("2026-10-01T10:00:00Z");
        let world = world_of(
            json!({ first: { "sourceServers": [server(MEMBER, "us-east-1", 1)] },
                    second: { "sourceServers": [older] } }),
            json!({}),
        );
        let regions = ("DRS_REGIONS", "us-east-1,eu-west-1");
        for at_once in ["1", "2"] {
            let lab =
                Lab::with(world.clone(), &[regions, ("MAX_CONCURRENT_REGIONS", at_once)]).await;
            let body = lab.run().await;
            assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(1), &json!(0)));
            let rows = lab.servers().await;
            assert_eq!(rows[&server_id(1)]["replicationRegion"], first, "{at_once} at once");
        }
    }
}

/// Fifty accounts with two servers each. The first does not answer: its role, or one of its regions.
fn fifty_accounts(hanging: &str) -> Value {
    let hang = json!({ "connection": "hang" });
    let mut world = json!({ "hubAccountId": HUB, "targetAccounts": [], "accounts": {} });
    for number in 0..50 {
        let id = format!("{}", 200_000_000_000_u64 + number);
        world["targetAccounts"].as_array_mut().unwrap().push(target(&id));
        let number = u32::try_from(2 * number).unwrap();
        let servers = [number, number + 1].map(|number| server(&id, "us-east-1", number));
        let instances = [number, number + 1].map(instance);
        world["accounts"][&id] = json!({
            "roles": roles(),
            "drs": { "us-east-1": { "sourceServers": servers } },
            "ec2": { "us-east-1": { "instances": instances } },
        });
    }
    let first = &mut world["accounts"]["200000000000"];
    match hanging {
        "role" => first["roles"]["DRSOrchestrationRole"]["fault"] = hang,
        service => first[service]["us-east-1"]["fault"] = hang,
    }
    world
}

/// A lab of fifty accounts, of which one waits so long for an answer.
async fn lab_of_fifty(hanging: &str, at_once: &str, timeout: Duration) -> Lab {
    let limits = [("MAX_CONCURRENT_ACCOUNTS", at_once), ("MAX_CONCURRENT_REGIONS", at_once)];
    let variables = [limits[0], limits[1], ("DRS_REGIONS", "us-east-1,eu-west-1")];
    let mut lab = Lab::with(fifty_accounts(hanging), &variables).await;
    let policy = CallPolicy {
        read_timeout: timeout,
        operation_timeout: timeout,
        max_attempts: 1,
        ..impatient()
    };
    lab.sync.aws = Aws::new(sdk_config(&lab.sim.endpoint()), policy);
    lab
}

/// The first 49 accounts that are done, while the sync still waits for one.
async fn first_49_done(lab: &Lab) -> BTreeSet<String> {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let progress = Progress::new(move |event| {
        if let Event::AccountDone { account_id } = event {
            let _ = tell.send(account_id);
        }
    });
    let request = SyncRequest { progress, ..SyncRequest::default() };
    let done = async {
        let mut done = BTreeSet::new();
        while done.len() < 49 {
            done.insert(told.recv().await.unwrap());
        }
        done
    };
    tokio::select! {
        done = done => done,
        body = lab.run_with(&request) => panic!("the sync waited for no account: {body}"),
    }
}

async fn the_other_49_accounts_do_not_wait(hanging: &str, synced: usize) {
    // At once, a busy machine may need seconds for a call that does not hang.
    for (at_once, timeout) in [("1", 2), ("20", 20), ("500", 20)] {
        let lab = lab_of_fifty(hanging, at_once, Duration::from_secs(timeout)).await;
        let body = lab.run().await;
        assert_eq!(body["totalSynced"], synced, "{at_once} at once");
        let failed = body["details"]["failed"].as_array().unwrap();
        assert!(!failed.is_empty());
        assert!(failed.iter().all(|entry| entry["account"] == "200000000000"), "{failed:?}");
    }
    for at_once in ["20", "500"] {
        // Longer than any machine needs for the others.
        let lab = lab_of_fifty(hanging, at_once, Duration::from_secs(600)).await;
        let done = first_49_done(&lab).await;
        assert!(!done.contains("200000000000"), "{at_once} at once: {done:?}");
        let rows = lab.servers().await;
        let stored = |number| rows.contains_key(&server_id(number));
        assert!((2..100).all(stored), "{at_once} at once: {} rows", rows.len());
    }
}

#[tokio::test]
async fn an_account_of_fifty_whose_role_hangs_delays_itself_only() {
    the_other_49_accounts_do_not_wait("role", 98).await;
}

#[tokio::test]
async fn an_account_of_fifty_whose_drs_hangs_delays_itself_only() {
    the_other_49_accounts_do_not_wait("drs", 98).await;
}

#[tokio::test]
async fn an_account_of_fifty_whose_ec2_hangs_delays_itself_only() {
    the_other_49_accounts_do_not_wait("ec2", 100).await;
}

#[tokio::test]
async fn at_the_deadline_what_is_there_is_written_and_what_is_missing_is_named() {
    let mut world = one_account(3);
    let hang = json!({ "fault": { "connection": "hang" } });
    world["accounts"][MEMBER]["drs"]["eu-west-1"] = hang;
    let regions = ("DRS_REGIONS", "us-east-1,eu-west-1");
    let lab = Lab::with(world, &[regions, ("SYNC_DEADLINE_SECONDS", "1")]).await;
    let started = std::time::Instant::now();
    let body = lab.run().await;
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!((&body["totalSynced"], &body["details"]["complete"]), (&json!(3), &json!(false)));
    let failed = &body["details"]["failed"];
    assert_eq!(
        (&failed[0]["region"], &failed[0]["code"]),
        (&json!("eu-west-1"), &json!("SyncDeadlineReached"))
    );
    assert_eq!(failed[0]["retryable"], true);
}

#[tokio::test]
async fn accounts_that_are_not_begun_by_the_deadline_are_named_one_by_one() {
    let mut world = one_account(1);
    world["targetAccounts"].as_array_mut().unwrap().push(target(OTHER));
    world["latencyMs"] = json!({ "drs": 0, "ec2": 0, "sts": 400 });
    let one = ("MAX_CONCURRENT_ACCOUNTS", "1");
    let lab = Lab::with(world, &[one, ("SYNC_DEADLINE_SECONDS", "1")]).await;
    let details = lab.run().await["details"].clone();
    assert_eq!(details["complete"], false);
    let skipped = details["accountsSkipped"].as_array().unwrap();
    assert!(skipped.iter().any(|account| account["account"] == OTHER), "{details}");
}

#[tokio::test]
async fn one_account_is_synced_without_touching_what_is_known_of_the_others() {
    let mut world = one_account(2);
    world["targetAccounts"].as_array_mut().unwrap().push(target(OTHER));
    world["accounts"][OTHER] = json!({ "roles": roles(), "drs": { "us-east-1": {
        "sourceServers": [server(OTHER, "us-east-1", 9)] } } });
    let lab = Lab::of(world).await;
    lab.run().await;
    lab.sim.clear_calls();
    let only = |id: &str| SyncRequest { accounts: vec![id.to_owned()], ..SyncRequest::default() };
    let body = lab.run_with(&only(OTHER)).await;
    assert_eq!((&body["totalSynced"], &body["details"]["accountsAsked"]), (&json!(1), &json!(1)));
    assert!(lab.sim.calls().iter().all(|call| call.account != MEMBER));
    let row = &lab.regions().await["us-east-1"];
    assert_eq!((&row["serverCount"], &row["accountsAsked"]), (&json!(3), &json!(2)));

    let unknown = lab.outcome(&only("999999999999")).await.unwrap_err().to_string();
    assert!(unknown.contains("999999999999"), "{unknown}");
}

#[tokio::test]
async fn servers_without_an_arn_are_counted_and_named_one_by_one() {
    let mut servers: Vec<Value> = (1..=17).map(|n| server(MEMBER, "us-east-1", n)).collect();
    for (n, server) in servers.iter_mut().take(15).enumerate() {
        let server = server.as_object_mut().unwrap();
        match n % 3 {
            0 => drop(server.insert("arn".to_owned(), json!(""))),
            1 => drop(server.insert("arn".to_owned(), Value::Null)),
            _ => drop(server.remove("arn")),
        }
    }
    servers[0].as_object_mut().unwrap().remove("sourceServerID");
    let lab =
        Lab::of(world_of(json!({ "us-east-1": { "sourceServers": servers } }), json!({}))).await;
    let body = lab.run().await;
    let details = &body["details"];
    assert_eq!(
        (&details["serversFound"], &details["serversWritten"], &details["serversFailed"]),
        (&json!(17), &json!(2), &json!(15))
    );
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(2), &json!(15)));
    let failed = details["failed"].as_array().unwrap();
    let mut named: Vec<&str> = failed.iter().map(|entry| entry["row"].as_str().unwrap()).collect();
    named.sort_unstable();
    let mut expected: Vec<String> = (2..=15).map(server_id).collect();
    expected.insert(0, "(a server without an id)".to_owned());
    assert_eq!(named, expected);
    assert!(failed.iter().all(|entry| entry["code"] == "NoArn"), "{failed:?}");
    assert_eq!(lab.regions().await["us-east-1"]["serverCount"], 17);
    let written = lab.store.calls();
    let sent: usize =
        written.iter().filter(|c| c.operation == "BatchWriteItem").map(|c| c.items).sum();
    let summary = 1;
    let told = lab.history().await.len() + summary;
    assert_eq!(sent - told, 2, "what has no key is not sent");
}

#[tokio::test]
async fn a_session_that_a_region_on_by_default_rejects_is_an_error() {
    let rejected = json!({ "fault": { "status": 403, "code": "UnrecognizedClientException",
        "message": "The security token included in the request is invalid." } });
    let world = world_of(json!({ "us-east-1": rejected, "me-south-1": rejected }), json!({}));
    let lab = Lab::with(world, &[("DRS_REGIONS", "us-east-1,me-south-1")]).await;
    let body = lab.run().await;
    let details = &body["details"];
    assert_eq!(failed(&body), [(MEMBER.to_owned(), "us-east-1".to_owned(), "ERROR".to_owned())]);
    assert_eq!(details["complete"], false);
    assert_eq!(details["notInUse"], json!({ "REGION_NOT_ENABLED": 1 }));
    let what_to_do = details["failed"][0]["whatToDo"].as_str().unwrap();
    assert!(what_to_do.contains("credentials"), "{what_to_do}");
    let rows = lab.regions().await;
    assert_eq!(rows["us-east-1"]["status"], "ERROR");
    assert_eq!(rows["me-south-1"]["status"], "REGION_NOT_ENABLED");
}

/// What this thread logs at `info` and above.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false);
        tracing::subscriber::set_default(subscriber.with_writer(move || writer.clone()).finish())
    }

    fn warnings(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains("WARN")).map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn a_region_denied_by_policy_is_logged_where_servers_are_known() {
    let lab = Lab::with(one_account(3), &[("DRS_REGIONS", "us-east-1,eu-west-1")]).await;
    lab.run().await;
    let scp = json!({ "fault": { "status": 403, "code": "AccessDeniedException",
        "message": "explicit deny in a service control policy" } });
    lab.set_world(world_of(json!({ "us-east-1": scp, "eu-west-1": scp }), json!({})));
    let log = Log::default();
    let _listening = log.listen();
    assert_eq!(lab.run().await["totalErrors"], 1);
    let warnings = log.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    for word in ["us-east-1", MEMBER, "SCP_DENIED", "AccessDeniedException"] {
        assert!(warnings[0].contains(word), "{word} in {warnings:?}");
    }
}

#[tokio::test]
async fn an_account_that_the_deadline_cuts_off_is_logged() {
    let mut world = one_account(1);
    world["accounts"][MEMBER]["roles"]["DRSOrchestrationRole"]["fault"] =
        json!({ "connection": "hang" });
    let lab = Lab::with(world, &[("SYNC_DEADLINE_SECONDS", "1")]).await;
    let log = Log::default();
    let _listening = log.listen();
    assert_eq!(lab.run().await["totalErrors"], 1);
    let warnings = log.warnings();
    assert!(warnings.iter().any(|line| line.contains(MEMBER)), "{warnings:?}");
}

#[tokio::test]
async fn a_sync_ends_in_time_beside_a_table_that_takes_nothing_and_names_what_is_missing() {
    let regions = ("DRS_REGIONS", "us-east-1,eu-west-1");
    let lab = Lab::with(one_account(30), &[regions, ("SYNC_DEADLINE_SECONDS", "1")]).await;
    let time_to_write = Duration::from_secs(1);
    let request = SyncRequest { time_to_write, ..SyncRequest::default() };
    for operation in ["BatchWriteItem", "PutItem"] {
        let (count, code) = (100_000, "ProvisionedThroughputExceededException");
        lab.store.inject(Fault::Error { operation, count, status: 400, code });
    }
    let started = std::time::Instant::now();
    let body = lab.run_with(&request).await;
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert_eq!((&body["totalSynced"], &body["totalErrors"]), (&json!(0), &json!(32)), "{body}");
}

/// Two accounts that hang, by their role or by DRS, and after them one with a server.
fn two_hanging_accounts(hanging: &str) -> Value {
    let ids = ["200000000001", "200000000002", MEMBER];
    let targets: Vec<Value> = ids.into_iter().map(target).collect();
    let mut world = json!({ "hubAccountId": HUB, "targetAccounts": targets, "accounts": {} });
    for id in ids {
        let servers = json!({ "us-east-1": { "sourceServers": [server(id, "us-east-1", 1)] } });
        world["accounts"][id] = json!({ "roles": roles(), "drs": servers });
    }
    let hang = json!({ "connection": "hang" });
    for id in &ids[..2] {
        let account = &mut world["accounts"][*id];
        match hanging {
            "role" => account["roles"]["DRSOrchestrationRole"]["fault"] = hang.clone(),
            service => account[service]["us-east-1"]["fault"] = hang.clone(),
        }
    }
    world
}

#[tokio::test]
async fn accounts_that_hang_until_the_deadline_do_not_keep_a_healthy_one_out() {
    for hanging in ["role", "drs"] {
        let variables = [
            ("DRS_REGIONS", "us-east-1"),
            ("MAX_CONCURRENT_ACCOUNTS", "2"),
            ("SYNC_DEADLINE_SECONDS", "1"),
        ];
        let mut lab = Lab::with(two_hanging_accounts(hanging), &variables).await;
        let policy = CallPolicy { read_timeout: Duration::from_secs(4), ..impatient() };
        lab.sync.aws = Aws::new(sdk_config(&lab.sim.endpoint()), policy);
        let mut synced = Vec::new();
        for _ in 0..4 {
            // Another process each time.
            lab.sync.credentials = CredentialsCache::new(&lab.sync.aws, lab.sync.clock.clone());
            synced.push(lab.run().await["totalSynced"].clone());
        }
        assert_eq!(synced, [0, 1, 1, 1], "{hanging}");
        assert!(lab.regions().await.contains_key("us-east-1"));
    }
}
