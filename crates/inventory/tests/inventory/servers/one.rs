use inventory::servers::one::{FindError, Reach, find_server};

use super::*;

async fn found(lab: &Lab, id: &str) -> Result<Item, FindError> {
    lab.store.clear_units();
    let row = find_server(&lab.server_tables(), id, Reach::Known).await;
    assert_no_scan(lab);
    row
}

#[tokio::test]
async fn a_server_is_found_by_its_id_whatever_its_staging_account() {
    let lab = filled().await;
    for number in [0, 3, 7, 13, 20, 40, 42, 49, 60, 63] {
        let row = found(&lab, &server_id(number)).await.unwrap();
        assert_eq!(text(&row, "hostname"), format!("host-{number}"));
    }
    for number in [99, 1000] {
        let none = found(&lab, &server_id(number)).await;
        assert!(matches!(none, Err(FindError::NotFound { .. })), "{none:?}");
    }
}

/// The accounts table names the staging account of some.
#[tokio::test]
async fn a_staging_account_that_the_accounts_table_names_needs_no_question_an_account() {
    let lab = filled().await;
    let mut row = target(MEMBER);
    row["stagingAccounts"] = json!([{ "accountId": STAGING }]);
    lab.put(&lab.accounts(), &row).await;
    let row = found(&lab, &server_id(7)).await.unwrap();
    assert_eq!(text(&row, "stagingAccountId"), STAGING);
    let units = lab.store.units().into_iter();
    let queries = units.filter(|it| it.operation == "Query" && it.index.is_none());
    let read: f64 =
        queries.filter(|it| it.table == "source-server-inventory").map(|it| it.read).sum();
    assert!(read <= 1.0, "{read}");
}

#[tokio::test]
async fn of_a_server_that_moved_the_row_written_last_is_found() {
    let lab = filled().await;
    let mut row = lab.servers().await.remove(&server_id(3)).unwrap();
    row["stagingAccountId"] = json!(STAGING);
    row["lastUpdated"] = json!("2099-01-01T00:00:00.000000+00:00");
    lab.put(&lab.inventory(), &row).await;
    let row = found(&lab, &server_id(3)).await.unwrap();
    assert_eq!(text(&row, "stagingAccountId"), STAGING);
}

#[tokio::test]
async fn a_server_that_drs_no_longer_lists_is_found_where_it_was_the_last() {
    let lab = filled().await;
    let mut world = fleet();
    world["accounts"][THIRD]["drs"]["xx-test-1"]["sourceServers"] = json!([]);
    lab.set_world(world);
    advance(std::time::Duration::from_secs(300)).await;
    lab.run().await;
    let row = found(&lab, &server_id(61)).await.unwrap();
    assert!(row.contains_key("missingSince"));
}

#[tokio::test]
async fn a_server_of_the_legacy_sync_is_found() {
    let lab = Lab::with(fleet(), &[("USE_REFACTORED_INVENTORY_SYNC", "false")]).await;
    lab.run().await;
    for number in [4, 41] {
        let row = found(&lab, &server_id(number)).await.unwrap();
        assert_eq!(text(&row, "hostname"), format!("host-{number}"));
    }
}

/// In a place that the ledger does not know; who may scan finds it.
#[tokio::test]
async fn a_server_that_nothing_leads_to_is_found_by_a_scan_alone() {
    let lab = filled().await;
    let arn = format!("arn:aws:drs:sa-east-1:666666666666:source-server/{}", server_id(77));
    let row = json!({ "sourceServerArn": arn, "sourceServerID": server_id(77),
        "stagingAccountId": MEMBER, "hostname": "stray" });
    lab.put(&lab.inventory(), &row).await;
    let id = server_id(77);
    assert!(matches!(found(&lab, &id).await, Err(FindError::NotFound { .. })));
    let row = find_server(&lab.server_tables(), &id, Reach::Everywhere).await.unwrap();
    assert_eq!(text(&row, "hostname"), "stray");
    assert_eq!(text(&found(&lab, &arn).await.unwrap(), "hostname"), "stray");
}
