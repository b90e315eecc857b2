//! The sync against real AWS. Off unless `DRS_INVENTORY_AWS_TESTS=1`; README.md beside this file
//! says what it needs, does and costs.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]
#![allow(clippy::print_stdout, reason = "what was seen on AWS is worth reading")]

mod installation;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use installation::{Installation, variable};
use serde_json::{Value, json};
use store::text;

/// A region that most accounts have not enabled.
const DISABLED_REGION: &str = "me-south-1";
/// Between two calls of the tests themselves, so that they take little of the account's rate.
const PAUSE: Duration = Duration::from_millis(250);
/// The target: so many servers in so long.
const SERVERS: u32 = 50;
const AT_MOST: Duration = Duration::from_secs(30);

/// The hub itself, unless the variable names others, as rows of the accounts table.
async fn targets(installation: &Installation) -> Vec<Value> {
    match variable("DRS_INVENTORY_AWS_TARGETS") {
        Some(targets) => serde_json::from_str(&targets).unwrap(),
        None => vec![json!({ "accountId": installation.hub().await, "accountName": "the hub" })],
    }
}

fn regions() -> Vec<String> {
    let regions = variable("DRS_REGIONS").unwrap_or("us-east-1,us-west-2,eu-west-1".to_owned());
    regions.split(',').map(str::to_owned).collect()
}

#[tokio::test]
async fn a_full_sync_holds_what_drs_lists_and_in_time() {
    let regions = regions();
    Installation::with(&regions, async |installation| {
        for target in targets(installation).await {
            installation.add_target(&target).await;
        }
        let started = Instant::now();
        let body = installation.sync().await;
        let took = started.elapsed();
        println!("{} servers in {took:?}: {}", body["totalSynced"], body["details"]["notInUse"]);
        assert_eq!(body["details"]["complete"], true, "{:#}", body["details"]["failed"]);

        let rows = installation.servers().await;
        assert_eq!(body["totalSynced"], rows.len());
        let count = u32::try_from(rows.len()).unwrap();
        assert!(took < AT_MOST * count.div_ceil(SERVERS).max(1), "{count} servers took {took:?}");

        let hub = installation.hub().await;
        let of_hub = rows.iter().filter(|row| text(row, "stagingAccountId") == hub);
        let stored: BTreeSet<&str> = of_hub.map(|row| text(row, "sourceServerArn")).collect();
        let mut listed = BTreeSet::new();
        for region in &regions {
            tokio::time::sleep(PAUSE).await;
            listed.extend(installation.list_directly(region).await);
        }
        assert_eq!(stored, listed.iter().map(String::as_str).collect());

        tokio::time::sleep(PAUSE).await;
        let again = installation.sync().await;
        assert_eq!(again["totalSynced"], rows.len(), "the second sync asks active regions");
        assert_eq!(again["details"]["complete"], true);
    })
    .await;
}

#[tokio::test]
async fn a_role_that_does_not_exist_is_named_and_harms_no_other() {
    Installation::with(&regions(), async |installation| {
        for target in targets(installation).await {
            installation.add_target(&target).await;
        }
        let role = format!("arn:aws:iam::123456789012:role/no-such-role-{}", installation.prefix);
        let nobody = json!({ "accountId": "123456789012", "roleArn": role, "externalId": "none" });
        installation.add_target(&nobody).await;
        let body = installation.sync().await;
        let details = &body["details"];
        println!("{}", details["accountsSkipped"]);
        assert_eq!(details["complete"], false);
        assert_eq!(details["accountsSkipped"][0]["account"], "123456789012");
        assert_eq!(details["failed"][0]["kind"], "account");
        assert!(details["accountsAsked"].as_u64().unwrap() >= 1);
    })
    .await;
}

#[tokio::test]
async fn a_region_that_is_not_enabled_is_not_in_use() {
    let region = variable("DRS_INVENTORY_AWS_DISABLED_REGION");
    let region = region.unwrap_or(DISABLED_REGION.to_owned());
    Installation::with(std::slice::from_ref(&region), async |installation| {
        installation.add_target(&json!({ "accountId": installation.hub().await })).await;
        let body = installation.sync().await;
        let row = installation.region(&region).await;
        println!("{region}: {}", text(&row, "status"));
        let expected = [
            "REGION_NOT_ENABLED",
            "REGION_NOT_OPTED_IN",
            "NOT_INITIALIZED",
            "SCP_DENIED",
            "ACTIVE",
        ];
        assert!(expected.contains(&text(&row, "status")), "{row:?}");
        assert_eq!(body["details"]["complete"], true, "{body:#}");
    })
    .await;
}
