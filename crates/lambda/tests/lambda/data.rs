//! Every operation of `data-management-handler`, with good and with bad input.

use embedded::Fault;
use serde_json::{Value, json};
use store::tables::TableKind;

use crate::common::*;

const OTHER: &str = "444444444444";

async fn lab() -> Lab {
    Lab::of(world(0)).await
}

async fn accounts(lab: &Lab) -> std::collections::HashMap<String, Value> {
    lab.rows(TableKind::TargetAccounts).await
}

#[tokio::test]
async fn accounts_are_added_changed_and_removed() {
    let lab = lab().await;
    let add = json!({ "operation": "add_target_account", "accountId": OTHER,
        "accountName": "payments", "roleArn": role_arn(OTHER), "externalId": "ext-4" });
    assert_eq!(lab.change(add.clone()).await, json!({ "accountId": OTHER }));
    assert_eq!(lab.change(add).await["error"], "ALREADY_EXISTS");

    let update = json!({ "action": "update_target_account", "accountId": OTHER,
        "accountName": "payments-prod", "externalId": null });
    assert_eq!(lab.change(update).await, json!({ "accountId": OTHER }));
    let row = accounts(&lab).await.remove(OTHER).unwrap();
    assert_eq!(row["accountName"], "payments-prod");
    assert_eq!(row["roleArn"], role_arn(OTHER));
    assert!(row.get("externalId").is_none());

    let staging = json!({ "operation": "add_staging_account", "targetAccountId": OTHER,
        "accountId": STAGING, "roleArn": role_arn(STAGING) });
    let ids = json!({ "targetAccountId": OTHER, "accountId": STAGING });
    assert_eq!(lab.change(staging.clone()).await, ids);
    assert_eq!(lab.change(staging).await["error"], "ALREADY_EXISTS");
    let mut remove = ids.clone();
    remove["operation"] = json!("remove_staging_account");
    assert_eq!(lab.change(remove.clone()).await, ids);
    assert_eq!(lab.change(remove).await["error"], "NOT_FOUND");

    let delete = json!({ "operation": "delete_target_account", "accountId": OTHER });
    assert_eq!(lab.change(delete.clone()).await, json!({ "accountId": OTHER }));
    assert_eq!(lab.change(delete).await["error"], "NOT_FOUND");
    assert!(!accounts(&lab).await.contains_key(OTHER));
}

/// A secret that was written as a number, or put into a list, is one all the same.
#[tokio::test]
async fn an_external_id_that_is_no_text_is_not_echoed() {
    let lab = lab().await;
    for external_id in [
        json!(4711),
        json!(4711.5),
        json!(true),
        json!(["4711"]),
        json!({ "4711": 1 }),
        json!("4711 "),
    ] {
        for operation in ["add_target_account", "update_target_account", "add_staging_account"] {
            let mut event = json!({ "operation": operation, "accountId": OTHER });
            event["externalId"] = external_id.clone();
            if operation == "add_staging_account" {
                event["targetAccountId"] = json!(MEMBER);
            }
            let answer = lab.change(event).await;
            assert_eq!(answer["error"], "INVALID_PARAMETER", "{answer}");
            let message = answer["message"].as_str().unwrap();
            assert!(!message.contains("4711") && !message.contains("true"), "{message}");
            assert!(message.starts_with("external"), "{message}");
        }
    }
}

#[tokio::test]
async fn the_same_over_http() {
    let lab = lab().await;
    let body = json!({ "accountId": OTHER }).to_string();
    let add = v2("POST", "/target-accounts", json!(null), Some(&body));
    assert_eq!(http(&lab.change(add.clone()).await).0, 201);
    assert_eq!(http(&lab.change(add).await).0, 409);
    let one = format!("/target-accounts/{OTHER}");
    let update = v1("PUT", &one, json!(null), Some("{\"accountName\":\"x\"}"));
    assert_eq!(http(&lab.change(update).await).0, 200);
    let staging = format!("{one}/staging-accounts");
    let body = json!({ "accountId": STAGING }).to_string();
    let add = v1("POST", &staging, json!(null), Some(&body));
    assert_eq!(http(&lab.change(add).await).0, 201);
    let remove = v2("DELETE", &format!("{staging}/{STAGING}"), json!(null), None);
    assert_eq!(http(&lab.change(remove).await).0, 200);
    assert_eq!(http(&lab.change(v2("DELETE", &one, json!(null), None)).await).0, 200);
    assert_eq!(http(&lab.change(v2("DELETE", &one, json!(null), None)).await).0, 404);
}

#[tokio::test]
async fn missing_parameters_are_named() {
    let lab = lab().await;
    for (operation, parameters, missing) in [
        ("add_target_account", json!({}), "accountId"),
        ("update_target_account", json!({ "accountName": "x" }), "accountId"),
        ("delete_target_account", json!({}), "accountId"),
        ("add_staging_account", json!({ "accountId": OTHER }), "targetAccountId"),
        ("add_staging_account", json!({ "targetAccountId": MEMBER }), "accountId"),
        ("remove_staging_account", json!({ "targetAccountId": MEMBER }), "accountId"),
    ] {
        let mut event = parameters;
        event["operation"] = json!(operation);
        let answer = lab.change(event).await;
        assert_eq!(answer["error"], "MISSING_PARAMETER", "{operation}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(missing), "{answer}");
    }
}

#[tokio::test]
async fn wrong_parameters_change_nothing_and_show_no_external_id() {
    let lab = lab().await;
    let before = accounts(&lab).await;
    let long = "x".repeat(1225);
    for (operation, parameters) in [
        ("add_target_account", json!({ "accountId": 444_444_444_444_u64 })),
        ("add_target_account", json!({ "accountId": "44444444444" })),
        ("add_target_account", json!({ "accountId": "44444444444a" })),
        ("add_target_account", json!({ "accountId": "444444444444\n" })),
        ("add_target_account", json!({ "accountId": OTHER, "roleArn": role_arn(MEMBER) })),
        ("add_target_account", json!({ "accountId": OTHER, "roleArn": "arn:aws:iam::x" })),
        ("add_target_account", json!({ "accountId": OTHER, "externalId": "s" })),
        ("add_target_account", json!({ "accountId": OTHER, "externalId": "se cret" })),
        ("add_target_account", json!({ "accountId": OTHER, "externalId": long })),
        ("add_target_account", json!({ "accountId": OTHER, "rolearn": role_arn(OTHER) })),
        ("add_target_account", json!({ "accountId": HUB, "roleArn": role_arn(HUB) })),
        ("update_target_account", json!({ "accountId": MEMBER })),
        ("update_target_account", json!({ "accountId": MEMBER, "accountName": ["x"] })),
        ("update_target_account", json!({ "accountId": MEMBER, "roleArn": role_arn(OTHER) })),
        ("update_target_account", json!({ "accountId": MEMBER, "stagingAccounts": [] })),
        ("add_staging_account", json!({ "targetAccountId": MEMBER, "accountId": MEMBER })),
        ("add_staging_account", json!({ "targetAccountId": MEMBER, "accountId": "1" })),
        ("remove_staging_account", json!({ "targetAccountId": MEMBER, "accountId": {} })),
        ("delete_target_account", json!({ "accountId": MEMBER, "force": true })),
    ] {
        let mut event = parameters.clone();
        event["operation"] = json!(operation);
        let answer = lab.change(event).await;
        assert_eq!(answer["error"], "INVALID_PARAMETER", "{operation} {parameters}: {answer}");
        assert!(!answer.to_string().contains("se cret"));
    }
    assert_eq!(accounts(&lab).await, before);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let lab = lab().await;
    for event in [
        json!({ "operation": "update_target_account", "accountId": OTHER, "accountName": "x" }),
        json!({ "operation": "delete_target_account", "accountId": OTHER }),
        json!({ "operation": "add_staging_account", "targetAccountId": OTHER, "accountId": HUB }),
        json!({ "operation": "remove_staging_account", "targetAccountId": MEMBER, "accountId": OTHER }),
    ] {
        assert_eq!(lab.change(event).await["error"], "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_table_that_refuses_is_named() {
    let lab = lab().await;
    let (operation, code) = ("PutItem", "AccessDeniedException");
    lab.stage.store.inject(Fault::Error { operation, count: 1, status: 400, code });
    let answer = lab.change(json!({ "operation": "add_target_account", "accountId": OTHER })).await;
    assert_eq!(answer["error"], "AUTHORIZATION_FAILED");
    assert!(answer["message"].as_str().unwrap().contains("target-accounts"), "{answer}");
    let lab = Lab::with(world(0), &[("TARGET_ACCOUNTS_TABLE", "")]).await;
    let answer = lab.change(json!({ "operation": "add_target_account", "accountId": OTHER })).await;
    assert_eq!(answer["error"], "INTERNAL_ERROR");
    assert!(answer["message"].as_str().unwrap().contains("TARGET_ACCOUNTS_TABLE"), "{answer}");
}
