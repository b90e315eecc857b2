//! Which servers a group means.

use super::*;

#[tokio::test]
async fn tags_select_the_servers_of_the_region_and_account_that_have_all_of_them() {
    let lab = lab().await;
    lab.put(&lab.inventory(), &row(7, MEMBER, REGION, json!(null))).await;
    let web = tagged("web", &[("Tier", "web")]);
    assert_eq!(hosts(&lab, &web).await, ["host-1", "host-3", "host-5"]);
    let of_member = Definition { account_id: Some(MEMBER.to_owned()), ..web };
    assert_eq!(hosts(&lab, &of_member).await, ["host-1", "host-3"]);
    assert!(hosts(&lab, &tagged("x", &[("Tier", "web"), ("Env", "test")])).await.is_empty());
    let calls = lab.store.calls();
    assert!(calls.iter().any(|call| call.operation == "Query"));
    assert!(calls.iter().all(|call| call.operation != "Scan"), "{calls:?}");
}

#[tokio::test]
async fn a_server_with_a_row_of_each_staging_account_counts_once_as_it_is_now() {
    let lab = lab().await;
    let mut newer = row(1, MEMBER, REGION, json!({ "Tier": "db" }));
    newer["stagingAccountId"] = json!(OTHER);
    newer["lastUpdated"] = json!(LATER);
    lab.put(&lab.inventory(), &newer).await;
    assert_eq!(hosts(&lab, &named("one", &[1])).await, ["host-1"]);
    assert_eq!(hosts(&lab, &tagged("web", &[("Tier", "web")])).await, ["host-3", "host-5"]);
}

#[tokio::test]
async fn servers_that_the_inventory_does_not_have_there_are_refused_and_later_missing() {
    let lab = lab().await;
    let of_member =
        |servers| Definition { account_id: Some(MEMBER.to_owned()), ..named("x", servers) };
    for (definition, server) in
        [(named("x", &[1, 6]), 6), (named("x", &[1, 99]), 99), (of_member(&[1, 5]), 5)]
    {
        let error = create(&lab, definition).await.unwrap_err();
        assert!(
            matches!(&error, ManageError::Invalid { name: "sourceServerIds", value, .. }
            if *value == server_id(server)),
            "{error}"
        );
    }
    let group = create(&lab, named("x", &[1, 2])).await.unwrap();
    let moved = update(&lab, &group.group_id, json!({ "region": "us-east-1" })).await.unwrap_err();
    assert!(matches!(moved, ManageError::Invalid { name: "sourceServerIds", .. }), "{moved}");

    let gone = row(2, MEMBER, REGION, json!(null));
    let key = |name: &str| serde_dynamo::to_attribute_value(gone[name].clone()).unwrap();
    let table = lab.inventory();
    let delete = table.client.delete_item().table_name(&table.name);
    let delete = delete.key("sourceServerArn", key("sourceServerArn"));
    delete.key("stagingAccountId", key("stagingAccountId")).send().await.unwrap();
    let resolved = resolve_protection_group(&table, &group.definition).await.unwrap();
    assert_eq!((resolved.servers.len(), resolved.missing), (1, vec![server_id(2)]));
}
