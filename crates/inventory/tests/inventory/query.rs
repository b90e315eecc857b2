//! What can be asked of the inventory.

use embedded::Fault;
use inventory::picture::query_regions;
use inventory::servers::{ServerFilter, Terms, query_servers};
use serde_json::json;
use store::text;

use testing::*;

/// Ten servers in two regions, one of them stalled and with another origin.
async fn filled() -> Lab {
    let mut drs = json!({});
    for (region, numbers) in [("us-east-1", 1..6), ("eu-west-1", 6..11)] {
        let servers = numbers.map(|n| server(MEMBER, region, n)).collect::<Vec<_>>();
        drs[region] = json!({ "sourceServers": servers });
    }
    let odd = &mut drs["eu-west-1"]["sourceServers"][0];
    odd["dataReplicationInfo"]["dataReplicationState"] = json!("STALLED");
    odd["sourceCloudProperties"]["originAccountID"] = json!(OTHER);
    odd["stagingArea"]["stagingAccountID"] = json!(OTHER);
    let ec2 = json!({ "us-east-1": { "instances": (1..6).map(instance).collect::<Vec<_>>() } });
    let mut world = world_of(drs, ec2);
    world["accounts"][MEMBER]["drs"]["sa-east-1"] = json!({ "fault": denied() });
    let lab = Lab::of(world).await;
    lab.run().await;
    lab
}

async fn found(lab: &Lab, filter: ServerFilter) -> Vec<String> {
    let rows = query_servers(&lab.inventory(), &filter).await.unwrap();
    rows.iter().map(|row| text(row, "hostname").to_owned()).collect()
}

#[tokio::test]
async fn each_filter_on_its_own_and_together() {
    let lab = filled().await;
    let some = |text: &str| Terms::only(text);
    let all = ServerFilter::default();
    assert_eq!(found(&lab, all.clone()).await.len(), 10);
    let hosts = |filter| found(&lab, filter);
    assert_eq!(hosts(ServerFilter { account: some(OTHER), ..all.clone() }).await, ["host-6"]);
    assert_eq!(
        hosts(ServerFilter { staging_account: some(OTHER), ..all.clone() }).await,
        ["host-6"]
    );
    assert_eq!(hosts(ServerFilter { region: some("us-east-1"), ..all.clone() }).await.len(), 5);
    assert_eq!(hosts(ServerFilter { state: some("stalled"), ..all.clone() }).await, ["host-6"]);
    assert_eq!(
        hosts(ServerFilter { hostname: some("HOST-1"), ..all.clone() }).await,
        ["host-1", "host-10"]
    );
    let tags = vec![("Name".to_owned(), "host-3".to_owned())];
    assert_eq!(hosts(ServerFilter { tags, ..all.clone() }).await, ["host-3"]);
    let none = ServerFilter { region: some("us-east-1"), state: some("STALLED"), ..all };
    assert!(hosts(none).await.is_empty());
}

#[tokio::test]
async fn a_filter_with_an_index_does_not_scan() {
    let lab = filled().await;
    let scans = || lab.store.calls().iter().filter(|call| call.operation == "Scan").count();
    let before = scans();
    let filter = ServerFilter { account: Terms::only(MEMBER), ..ServerFilter::default() };
    assert_eq!(found(&lab, filter).await.len(), 9);
    assert_eq!(scans(), before);
}

/// DynamoDB ends a page at 1 MB.
#[tokio::test]
async fn every_page_is_read_with_and_without_an_index() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    for number in 0..12 {
        let row = json!({
            "sourceServerArn": format!("arn:{number}"), "stagingAccountId": MEMBER,
            "sourceAccountId": MEMBER, "hostname": format!("host-{number}"),
            "padding": "x".repeat(200_000),
        });
        lab.put(&lab.inventory(), &row).await;
    }
    let before = lab.store.calls().len();
    assert_eq!(found(&lab, ServerFilter::default()).await.len(), 12);
    let filter = ServerFilter { account: Terms::only(MEMBER), ..ServerFilter::default() };
    assert_eq!(found(&lab, filter).await.len(), 12);
    let calls: Vec<_> =
        lab.store.calls()[before..].iter().map(|call| call.operation.clone()).collect();
    for operation in ["Scan", "Query"] {
        assert!(calls.iter().filter(|call| *call == operation).count() > 1, "{calls:?}");
    }
}

#[tokio::test]
async fn an_error_names_the_table() {
    let lab = filled().await;
    lab.store.inject(Fault::Error {
        operation: "Scan",
        count: 1,
        status: 400,
        code: "AccessDeniedException",
    });
    let error = query_servers(&lab.inventory(), &ServerFilter::default()).await.unwrap_err();
    assert!(error.to_string().contains("source-server-inventory"), "{error}");
}

#[tokio::test]
async fn regions_are_all_or_one() {
    let lab = filled().await;
    assert_eq!(query_regions(&lab.region_status(), None).await.unwrap().len(), 34);
    assert_eq!(query_regions(&lab.region_status(), Some("us-east-1")).await.unwrap().len(), 1);
}
