//! A removed row comes back from the history.

use std::time::Duration;

use inventory::restore::{RestoreError, restore_row};
use serde_json::json;
use sync::time::now;

use testing::*;

const DAY: Duration = Duration::from_secs(25 * 3600);

fn arn(number: u32) -> String {
    server(MEMBER, "us-east-1", number)["arn"].as_str().unwrap().to_owned()
}

/// Ten servers, of which one left: flagged, and removed a day later.
async fn one_removed() -> Lab {
    let lab = Lab::of(one_account(10)).await;
    lab.run().await;
    for _ in 0..2 {
        lab.set_world(one_account(9));
        lab.run().await;
        advance(DAY).await;
    }
    lab.run().await;
    assert!(!lab.servers().await.contains_key(&server_id(10)), "it is removed");
    lab
}

async fn restore(lab: &Lab, arn: &str) -> Result<inventory::restore::Restored, RestoreError> {
    restore_row(&lab.inventory(), &lab.changes(), arn, now(&lab.sync.clock)).await
}

#[tokio::test]
async fn a_removed_row_is_put_back_and_counts_as_missing_until_it_is_found() {
    let lab = one_removed().await;
    let restored = restore(&lab, &arn(10)).await.unwrap();
    let row = lab.servers().await[&server_id(10)].clone();
    assert_eq!(row["hostname"], "host-10");
    assert_eq!(row["networkConfig"]["vpcId"], "vpc-1");
    assert_eq!(row["listedIn"], format!("{MEMBER}/us-east-1"));
    assert!(row["missingSince"].as_str().unwrap() > restored.removed_at.as_str());
    assert_eq!(lab.history().await.last().unwrap(), &format!("added {}", arn(10)));

    // The next sync does not remove it at once.
    lab.run().await;
    assert!(lab.servers().await.contains_key(&server_id(10)));
    lab.set_world(one_account(10));
    let body = lab.run().await;
    assert_eq!(body["details"]["complete"], true);
    assert_eq!(lab.servers().await[&server_id(10)].get("missingSince"), None);
    assert_eq!(lab.history().await.last().unwrap(), &format!("found-again {}", arn(10)));
}

#[tokio::test]
async fn a_row_that_nobody_finds_leaves_again() {
    let lab = one_removed().await;
    restore(&lab, &arn(10)).await.unwrap();
    lab.run().await;
    advance(DAY).await;
    lab.run().await;
    assert!(!lab.servers().await.contains_key(&server_id(10)));
    restore(&lab, &arn(10)).await.unwrap();
    assert!(lab.servers().await.contains_key(&server_id(10)), "and comes back as often as asked");
}

#[tokio::test]
async fn nothing_is_put_over_a_row_or_out_of_nothing() {
    let lab = one_removed().await;
    let there = restore(&lab, &arn(1)).await.unwrap_err();
    assert!(matches!(there, RestoreError::IsThere { .. }), "{there}");
    for unknown in [arn(77), "s-1".to_owned()] {
        let error = restore(&lab, &unknown).await.unwrap_err();
        assert!(matches!(error, RestoreError::NotRemoved { .. }), "{error}");
        assert!(error.to_string().contains(&unknown));
    }
    // The server is there under another staging account.
    let moved = json!({ "sourceServerArn": arn(10), "stagingAccountId": OTHER });
    lab.put(&lab.inventory(), &moved).await;
    assert!(matches!(restore(&lab, &arn(10)).await, Err(RestoreError::IsThere { .. })));
}
