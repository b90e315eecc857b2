//! The accounts of now, put into a bucket over the wire.

use axum::http::StatusCode;
use lambda::runtime::is_unattended;
use serde_json::{Value, json};

use crate::common::*;
use crate::report::{S3, asked};

#[tokio::test]
async fn accounts_are_put_by_day_without_their_external_ids() {
    let (s3, endpoint) = S3::start().await;
    let settings = [("REPORT_BUCKET", "dr-reports"), ("REPORT_PREFIX", "here/")];
    let answer = asked("export_accounts", &endpoint, &settings).await;
    let key = answer["key"].as_str().unwrap();
    assert_eq!(
        answer,
        json!({ "bucket": "dr-reports", "key": key, "targetAccounts": 1, "stagingAccounts": 1, "leftOut": [] })
    );
    let day = key.strip_prefix("here/accounts/").unwrap().strip_suffix(".json").unwrap();
    assert_eq!(day.parse::<jiff::civil::Date>().unwrap().to_string(), day);
    let [put] = &s3.got()[..] else { panic!("one file, not {}", s3.got().len()) };
    assert_eq!(put.path, format!("/dr-reports/{key}"));
    assert_eq!(put.headers["content-type"], "application/json");
    let written: Value = serde_json::from_slice(&put.content).unwrap();
    let account = |id: &str| {
        json!({ "accountId": id, "accountName": "a member", "roleArn": role_arn(id),
            "hasExternalId": true })
    };
    let mut expected = account(MEMBER);
    expected["stagingAccounts"] = json!([account(STAGING)]);
    assert_eq!(written, json!([expected]));
    assert!(!String::from_utf8_lossy(&put.content).contains("external-id"), "{written}");
}

#[tokio::test]
async fn an_export_that_nobody_takes_says_what_to_do() {
    let (_, endpoint) = S3::start().await;
    let answer = asked("export_accounts", &endpoint, &[]).await;
    assert_eq!(answer["error"], "INVALID_STATE");
    assert!(answer["message"].as_str().unwrap().contains("set REPORT_BUCKET"), "{answer}");
    let (_, endpoint) = S3::refusing(".json", (StatusCode::FORBIDDEN, "AccessDenied")).await;
    let answer = asked("export_accounts", &endpoint, &[("REPORT_BUCKET", "dr-reports")]).await;
    assert_eq!(answer["error"], "AUTHORIZATION_FAILED");
    let advice = answer["details"]["whatToDo"].as_str().unwrap();
    assert!(advice.contains("s3:PutObject on dr-reports/drs-inventory/"), "{advice}");
}

#[tokio::test]
async fn nobody_reads_its_answer_and_no_route_leads_to_it() {
    assert!(is_unattended(&mut json!({ "operation": "export_accounts" })));
    let mut scheduled = json!({ "operation": "discover_accounts", "scheduled": true });
    assert!(is_unattended(&mut scheduled) && scheduled.get("scheduled").is_none());
    assert!(!is_unattended(&mut json!({ "operation": "discover_accounts" })));
    let lab = Lab::of(world(1)).await;
    let named = v2("POST", "/export-accounts", json!({ "operation": "export_accounts" }), None);
    assert_eq!(http(&lab.ask(named).await).0, 404);
}
