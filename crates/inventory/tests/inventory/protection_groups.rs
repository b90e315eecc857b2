//! Protection groups: what a row holds, which servers it means, and what writers do to each other.

mod midway;
mod refused;
mod servers;
mod writers;

use inventory::ManageError;
use inventory::protection_groups::{
    Changes, Definition, ProtectionGroup, create_protection_group, delete_protection_group,
    get_protection_group, list_protection_groups, resolve_protection_group,
    update_protection_group,
};
use serde_json::{Value, json};
use store::text;

use testing::*;

const NOW: &str = "2026-11-01T10:00:00.000000+00:00";
const LATER: &str = "2026-11-01T11:00:00.000000+00:00";
const REGION: &str = "eu-west-1";

fn row(number: u32, account: &str, region: &str, tags: Value) -> Value {
    let id = server_id(number);
    json!({ "sourceServerArn": format!("arn:aws:drs:{region}:{account}:source-server/{id}"),
            "stagingAccountId": account, "sourceServerID": id, "hostname": format!("host-{number}"),
            "sourceAccountId": account, "replicationRegion": region, "sourceTags": tags,
            "replicationState": "CONTINUOUS", "lastUpdated": NOW })
}

/// Servers 1 to 4 of `MEMBER` in `REGION`, odd ones of tier web; 5 of `OTHER`; 6 in another region.
async fn lab() -> Lab {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    let tier =
        |number: u32| json!({ "Tier": if number % 2 == 1 { "web" } else { "db" }, "Env": "prod" });
    for number in 1..=4 {
        lab.put(&lab.inventory(), &row(number, MEMBER, REGION, tier(number))).await;
    }
    lab.put(&lab.inventory(), &row(5, OTHER, REGION, tier(5))).await;
    lab.put(&lab.inventory(), &row(6, MEMBER, "us-east-1", tier(6))).await;
    lab
}

fn named(name: &str, servers: &[u32]) -> Definition {
    Definition {
        group_name: name.to_owned(),
        region: REGION.to_owned(),
        source_server_ids: Some(servers.iter().map(|number| server_id(*number)).collect()),
        ..Definition::default()
    }
}

fn tagged(name: &str, tags: &[(&str, &str)]) -> Definition {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Definition {
        group_name: name.to_owned(),
        region: REGION.to_owned(),
        server_selection_tags: Some(tags.collect()),
        ..Definition::default()
    }
}

async fn create(lab: &Lab, definition: Definition) -> Result<ProtectionGroup, ManageError> {
    create_protection_group(&lab.groups(), &lab.inventory(), definition, NOW).await
}

async fn update(lab: &Lab, id: &str, changes: Value) -> Result<ProtectionGroup, ManageError> {
    let changes: Changes = serde_json::from_value(changes).unwrap();
    update_protection_group(&lab.groups(), &lab.inventory(), id, changes, LATER).await
}

async fn rows(lab: &Lab) -> Vec<Value> {
    let rows = list_protection_groups(&lab.groups()).await.unwrap();
    rows.into_iter().map(|row| serde_dynamo::from_item(row).unwrap()).collect()
}

async fn hosts(lab: &Lab, definition: &Definition) -> Vec<String> {
    let resolved = resolve_protection_group(&lab.inventory(), definition).await.unwrap();
    resolved.servers.iter().map(|row| text(row, "hostname").to_owned()).collect()
}

#[tokio::test]
async fn a_row_holds_what_was_given_and_no_more() {
    let lab = lab().await;
    let group = create(&lab, named("web", &[3, 1])).await.unwrap();
    let digits = group.group_id.strip_prefix("pg-").unwrap();
    assert!(digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{digits}");
    let row = json!({ "groupId": group.group_id, "groupName": "web", "region": REGION,
        "sourceServerIds": [server_id(3), server_id(1)], "version": 1, "createdAt": NOW,
        "lastUpdated": NOW });
    assert_eq!(rows(&lab).await, [row]);
    let (read, _) = get_protection_group(&lab.groups(), &group.group_id).await.unwrap();
    assert_eq!(read, group);
}

#[tokio::test]
async fn groups_are_listed_by_name() {
    let lab = lab().await;
    for (name, server) in [("b", 1), ("C", 2), ("a", 3)] {
        create(&lab, named(name, &[server])).await.unwrap();
    }
    let names: Vec<Value> = rows(&lab).await.iter().map(|row| row["groupName"].clone()).collect();
    assert_eq!(names, ["a", "b", "C"]);
}

#[tokio::test]
async fn a_name_and_a_server_belong_to_one_group_until_it_is_gone() {
    let lab = lab().await;
    let first = create(&lab, named("Überwachung", &[1, 2])).await.unwrap();
    let taken = create(&lab, named("üBERWACHUNG", &[3])).await.unwrap_err();
    assert!(matches!(&taken, ManageError::AlreadyExists { id, .. } if *id == first.group_id));
    let taken = create(&lab, named("second", &[3, 2])).await.unwrap_err().to_string();
    for part in [server_id(2).as_str(), "Überwachung", &first.group_id] {
        assert!(taken.contains(part), "{taken}");
    }
    let second = create(&lab, named("second", &[3])).await.unwrap();
    let id = &second.group_id;
    let ids = json!({ "sourceServerIds": [server_id(3), server_id(1)] });
    let taken = update(&lab, id, ids.clone()).await.unwrap_err();
    assert!(matches!(taken, ManageError::InUse { what: "source server", .. }), "{taken}");
    let taken = update(&lab, id, json!({ "groupName": "überwachung" })).await.unwrap_err();
    assert!(matches!(taken, ManageError::AlreadyExists { .. }), "{taken}");
    assert_eq!(get_protection_group(&lab.groups(), id).await.unwrap().0, second);
    update(&lab, id, json!({ "groupName": "SECOND" })).await.unwrap();

    delete_protection_group(&lab.groups(), &lab.plans(), &first.group_id).await.unwrap();
    assert_eq!(update(&lab, id, ids).await.unwrap().version, 3);
}

#[tokio::test]
async fn an_update_changes_what_is_given_and_keeps_what_is_not_known() {
    let lab = lab().await;
    let group = create(&lab, named("web", &[1])).await.unwrap();
    let id = &group.group_id;
    let mut row = rows(&lab).await.remove(0);
    row["owner"] = json!({ "team": ["a"] });
    row["description"] = json!("old");
    lab.put(&lab.groups(), &row).await;
    let tags = json!({ "sourceServerIds": null, "serverSelectionTags": { "Tier": "web" },
        "description": null, "accountId": MEMBER, "version": 1 });
    assert_eq!(update(&lab, id, tags).await.unwrap().version, 2);
    let expected = json!({ "groupId": id, "groupName": "web", "region": REGION, "accountId": MEMBER,
        "serverSelectionTags": { "Tier": "web" }, "owner": { "team": ["a"] }, "version": 2,
        "createdAt": NOW, "lastUpdated": LATER });
    assert_eq!(rows(&lab).await, std::slice::from_ref(&expected));
    let old = update(&lab, id, json!({ "groupName": "x", "version": 1 })).await.unwrap_err();
    assert!(matches!(old, ManageError::Contended { .. }), "{old}");
    let neither = update(&lab, id, json!({ "serverSelectionTags": null })).await.unwrap_err();
    assert!(matches!(neither, ManageError::Invalid { .. }), "{neither}");
    assert_eq!(rows(&lab).await, [expected]);
    assert!(serde_json::from_value::<Changes>(json!({ "owner": "x" })).is_err());
}

#[tokio::test]
async fn rows_that_others_wrote_are_changed_or_left_alone() {
    let lab = lab().await;
    let foreign = |id: &str| {
        json!({ "groupId": id, "groupName": id, "region": REGION,
        "serverSelectionTags": { "Tier": "web" } })
    };
    lab.put(&lab.groups(), &foreign("without-version")).await;
    assert_eq!(update(&lab, "without-version", json!({})).await.unwrap().version, 1);

    let mut last = foreign("last-version");
    last["version"] = json!(u64::MAX);
    lab.put(&lab.groups(), &last).await;
    update(&lab, "last-version", json!({ "description": "d" })).await.unwrap();

    let mut broken = foreign("broken");
    broken["version"] = json!("one");
    lab.put(&lab.groups(), &broken).await;
    let error = update(&lab, "broken", json!({ "description": "d" })).await.unwrap_err();
    assert!(matches!(error, ManageError::Unreadable { .. }), "{error}");
    assert_eq!(rows(&lab).await[0], broken);
    for id in ["broken", "last-version", "without-version"] {
        delete_protection_group(&lab.groups(), &lab.plans(), id).await.unwrap();
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_still_has_its_name_and_its_servers() {
    let lab = lab().await;
    let broken = json!({ "groupId": "broken", "groupName": "web", "version": "one",
        "sourceServerIds": [7, server_id(1), null] });
    lab.put(&lab.groups(), &broken).await;
    let taken = create(&lab, named("WEB", &[2])).await.unwrap_err();
    assert!(matches!(taken, ManageError::AlreadyExists { .. }), "{taken}");
    let taken = create(&lab, named("other", &[1])).await.unwrap_err();
    assert!(matches!(taken, ManageError::InUse { what: "source server", .. }), "{taken}");
    assert_eq!(rows(&lab).await, [broken]);
}
