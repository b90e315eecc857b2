//! Step 1: every page of the accounts table.

use embedded::Fault;
use serde_json::json;
use sync::accounts::collect_accounts_to_query;

use testing::*;

#[tokio::test]
async fn an_empty_table_gives_two_empty_lists() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    let (targets, stagings) = collect_accounts_to_query(&lab.accounts()).await.unwrap();
    assert!(targets.is_empty() && stagings.is_empty());
}

#[tokio::test]
async fn accounts_beyond_the_first_page_are_there() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    // A page of a scan ends at 1 MB.
    let filler = "x".repeat(300_000);
    for number in 0..8_u64 {
        let id = format!("{:012}", 222_222_222_222 + number);
        lab.put(&lab.accounts(), &json!({ "accountId": id, "notes": filler })).await;
    }
    let (targets, _) = collect_accounts_to_query(&lab.accounts()).await.unwrap();
    assert_eq!(targets.len(), 8);
    let scans = lab.store.calls().iter().filter(|call| call.operation == "Scan").count();
    assert!(scans > 1, "{scans}");
}

#[tokio::test]
async fn staging_accounts_come_with_their_target() {
    let lab = Lab::of(json!({ "hubAccountId": HUB, "targetAccounts": [
        { "accountId": MEMBER, "stagingAccounts": [target(OTHER), null] },
    ] }))
    .await;
    let (targets, stagings) = collect_accounts_to_query(&lab.accounts()).await.unwrap();
    assert_eq!(targets.len(), 1);
    assert_eq!(stagings.len(), 1);
    assert_eq!(stagings[0].account_id, OTHER);
    assert_eq!(stagings[0].target_account_id, MEMBER);
    let shown = format!("{stagings:?}");
    assert!(!shown.contains("the-external-id"), "{shown}");
}

#[tokio::test]
async fn an_error_names_the_table() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    lab.store.inject(Fault::Error {
        operation: "Scan",
        count: 1,
        status: 400,
        code: "AccessDeniedException",
    });
    let error = collect_accounts_to_query(&lab.accounts()).await.unwrap_err().to_string();
    assert!(error.contains("target-accounts") && error.contains("AccessDenied"), "{error}");
}
