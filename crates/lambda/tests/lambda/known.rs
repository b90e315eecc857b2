//! What an answer says of what it does not know.

use serde_json::{Value, json};
use store::tables::TableKind;

use crate::common::*;

async fn synced(world: Value) -> Lab {
    let lab = Lab::of(world).await;
    let answer = lab.ask(json!({ "action": "sync_source_server_inventory" })).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    lab
}

fn denied() -> Value {
    json!({ "status": 403, "code": "AccessDeniedException", "message": "User is not authorized" })
}

#[tokio::test]
async fn a_list_says_as_of_when_it_is_and_that_it_is_complete() {
    let lab = synced(world(4)).await;
    let answer = lab.ask(json!({ "operation": "get_source_server_inventory" })).await;
    assert_eq!((&answer["complete"], &answer["notKnown"]), (&json!(true), &json!([])), "{answer}");
    assert!(answer["asOf"].is_string() && answer["removalsHeld"] == json!([]), "{answer}");
    for server in answer["servers"].as_array().unwrap() {
        assert_eq!(server["known"], true);
        assert!(server["asOf"].as_str() >= answer["asOf"].as_str(), "{answer}");
    }
    let regions = lab.ask(json!({ "operation": "get_region_status" })).await;
    assert_eq!((&regions["complete"], &regions["asOf"]), (&json!(true), &answer["asOf"]));
}

#[tokio::test]
async fn a_list_names_what_it_could_not_know() {
    let mut incomplete = world(4);
    incomplete["accounts"][MEMBER]["drs"]["us-east-1"] = json!({ "fault": denied() });
    let lab = synced(incomplete).await;
    let new = json!({ "accountId": "444444444444" });
    lab.stage.put(TableKind::TargetAccounts, &new).await;
    for operation in ["get_source_server_inventory", "get_region_status"] {
        let answer = lab.ask(json!({ "operation": operation })).await;
        assert_eq!(answer["complete"], false);
        let named: Vec<_> = answer["notKnown"].as_array().unwrap().iter().collect();
        assert_eq!(named.len(), 2, "{answer}");
        assert_eq!(
            (&named[0]["accountId"], &named[0]["region"], &named[0]["why"], &named[0]["status"]),
            (
                &json!(MEMBER),
                &json!("us-east-1"),
                &json!("NEVER_READ"),
                &json!("IAM_PERMISSION_DENIED")
            )
        );
        assert_eq!(
            *named[1],
            json!({ "accountId": "444444444444", "why": "NEVER_ASKED", "servers": 0 })
        );
        let elsewhere = lab.ask(json!({ "operation": operation, "region": "eu-west-1" })).await;
        assert_eq!(elsewhere["notKnown"].as_array().unwrap().len(), 1, "{elsewhere}");
    }
}

#[tokio::test]
async fn a_group_says_which_of_its_servers_are_no_longer_listed_and_which_are_gone() {
    let lab = synced(world(4)).await;
    let id = |number: u32| format!("s-{number:017x}");
    let group = json!({ "operation": "create_protection_group", "groupName": "web",
        "region": "eu-west-1", "sourceServerIds": [id(1), id(3)] });
    let group_id = lab.change(group).await["groupId"].clone();
    let get = json!({ "operation": "get_protection_group", "groupId": group_id });
    let whole = lab.change(get.clone()).await;
    assert_eq!((&whole["complete"], &whole["notKnown"]), (&json!(true), &json!([])), "{whole}");
    assert_eq!(whole["servers"][0]["known"], true);
    assert!(whole["servers"][0]["asOf"].is_string(), "{whole}");

    let rows = lab.stage.rows(TableKind::SourceServerInventory).await;
    let mut flagged = rows.into_iter().find(|row| row["sourceServerID"] == id(1)).unwrap();
    flagged["missingSince"] = json!("2026-11-25T00:00:00.000000+00:00");
    lab.stage.put(TableKind::SourceServerInventory, &flagged).await;
    let named = json!({ "groupId": group_id, "groupName": "web", "region": "eu-west-1",
        "version": 1, "sourceServerIds": [id(1), id(3), id(99)] });
    lab.stage.put(TableKind::ProtectionGroups, &named).await;
    let got = lab.change(get).await;
    assert_eq!(got["noLongerListed"], json!([id(1)]));
    assert_eq!((&got["missing"], &got["complete"]), (&json!([id(99)]), &json!(false)));
    assert_eq!(got["servers"][0]["missingSince"], flagged["missingSince"], "{got}");
}
