//! A report of now, put into a bucket over the wire.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use inventory::report::verify_report;
use lambda::query::QueryHandler;
use lambda::runtime::{Handler, is_unattended, succeeded};
use model::environment::Environment;
use serde_json::{Value, json};
use store::tables::TableKind;
use tempfile::TempDir;

use crate::common::*;

const FILES: [&str; 4] = ["report.html", "servers.csv", "report.json", "manifest.json"];

/// What a bucket got.
#[derive(Clone)]
pub(crate) struct Put {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Bytes,
}

/// An S3 that takes files until one whose name ends like this.
#[derive(Clone)]
pub(crate) struct S3 {
    got: Arc<Mutex<Vec<Put>>>,
    refuses: &'static str,
    with: (StatusCode, &'static str),
}

impl S3 {
    pub(crate) async fn start() -> (Self, String) {
        Self::refusing("", (StatusCode::OK, "")).await
    }

    pub(crate) async fn refusing(
        refuses: &'static str,
        with: (StatusCode, &'static str),
    ) -> (Self, String) {
        let s3 = Self { got: Arc::default(), refuses, with };
        let app = Router::new().fallback(put).with_state(s3.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, app).into_future());
        (s3, endpoint)
    }

    pub(crate) fn got(&self) -> Vec<Put> {
        self.got.lock().unwrap().clone()
    }

    /// The files as a folder of their own.
    fn saved(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for put in self.got() {
            let file = put.path.rsplit('/').next().unwrap();
            std::fs::write(folder.path().join(file), &put.content).unwrap();
        }
        folder
    }
}

async fn put(
    State(s3): State<S3>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    content: Bytes,
) -> Response {
    assert_eq!(method, Method::PUT);
    let path = uri.path().to_owned();
    let is_refused = !s3.refuses.is_empty() && path.ends_with(s3.refuses);
    s3.got.lock().unwrap().push(Put { path, headers: headers.clone(), content });
    if !is_refused {
        return ([("etag", "\"1\"")], "").into_response();
    }
    // As S3 repeats the request where it does not like the signature.
    let authorization = headers["authorization"].to_str().unwrap();
    let body = format!(
        "<Error><Code>{}</Code><Message>no such luck</Message><AWSAccessKeyId>AKIASIMULATED\
         </AWSAccessKeyId><CanonicalRequest>{authorization}</CanonicalRequest></Error>",
        s3.with.1
    );
    (s3.with.0, [("content-type", "application/xml")], body).into_response()
}

/// The answer to an operation over an inventory of ten servers, with every service at `endpoint`.
pub(crate) async fn asked(operation: &str, endpoint: &str, variables: &[(&str, &str)]) -> Value {
    let lab = Lab::of(world(10)).await;
    lab.ask(json!({ "operation": "sync_source_server_inventory" })).await;
    let tables = TableKind::ALL.map(|kind| kind.schema());
    let tables = tables.iter().map(|schema| (schema.variable, schema.default_name));
    let environment = Environment::of(tables.chain(variables.iter().copied()));
    let aws = aws::Aws::simulated(endpoint);
    let handler = QueryHandler::new(aws, lab.stage.store.client(), environment);
    handler.handle(json!({ "operation": operation }), &call()).await
}

async fn written(endpoint: &str, variables: &[(&str, &str)]) -> Value {
    asked("write_report", endpoint, variables).await
}

#[tokio::test]
async fn a_report_is_put_whole_with_its_manifest_last() {
    let (s3, endpoint) = S3::start().await;
    let region = ("REPORT_BUCKET_REGION", "eu-central-1");
    let answer = written(&endpoint, &[("REPORT_BUCKET", "dr-reports"), region]).await;
    let prefix = answer["prefix"].as_str().unwrap();
    assert_eq!(
        answer,
        json!({ "bucket": "dr-reports", "prefix": prefix, "files": FILES, "servers": 10, "complete": true })
    );
    let day = prefix.strip_prefix("drs-inventory/").unwrap().strip_suffix('/').unwrap();
    assert_eq!(day.parse::<jiff::civil::Date>().unwrap().to_string(), day);
    let got = s3.got();
    let paths: Vec<String> = got.iter().map(|put| put.path.clone()).collect();
    assert_eq!(paths, FILES.map(|file| format!("/dr-reports/{prefix}{file}")));
    let types: Vec<&str> =
        got.iter().map(|put| put.headers["content-type"].to_str().unwrap()).collect();
    assert_eq!(types[..2], ["text/html; charset=utf-8", "text/csv; charset=utf-8"]);
    let authorization = got[0].headers["authorization"].to_str().unwrap();
    assert!(authorization.contains("/eu-central-1/s3/"), "{authorization}");

    let folder = s3.saved();
    assert_eq!(verify_report(folder.path()), []);
    std::fs::write(folder.path().join("servers.csv"), "changed").unwrap();
    assert_ne!(verify_report(folder.path()), []);
}

#[tokio::test]
async fn nothing_is_put_after_a_file_that_was_refused() {
    for (status, code, error, what_to_do) in [
        (403, "AccessDenied", "AUTHORIZATION_FAILED", "s3:PutObject on dr-reports/nightly/"),
        (404, "NoSuchBucket", "INTERNAL_ERROR", "REPORT_BUCKET"),
        (301, "PermanentRedirect", "INTERNAL_ERROR", "REPORT_BUCKET_REGION"),
        (403, "SignatureDoesNotMatch", "INTERNAL_ERROR", "look the code up"),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let (s3, endpoint) = S3::refusing("servers.csv", (status, code)).await;
        let settings = [("REPORT_BUCKET", "dr-reports"), ("REPORT_PREFIX", "nightly/")];
        let answer = written(&endpoint, &settings).await;
        let paths: Vec<String> = s3.got().iter().map(|put| put.path.clone()).collect();
        assert_eq!(paths.len(), 2, "{paths:?}");
        assert_eq!((&answer["error"], &answer["details"]["code"]), (&json!(error), &json!(code)));
        let advice = answer["details"]["whatToDo"].as_str().unwrap();
        assert!(advice.contains(what_to_do), "{advice}");
        let message = answer["message"].as_str().unwrap();
        for part in ["dr-reports", "servers.csv", code, "no such luck"] {
            assert!(message.contains(part), "{message}");
        }
        for secret in ["AKIASIMULATED", "Signature=", "Credential="] {
            assert!(!answer.to_string().contains(secret), "{answer}");
        }
    }
}

#[tokio::test]
async fn without_a_bucket_the_answer_says_what_to_set() {
    let (s3, endpoint) = S3::start().await;
    let answer = written(&endpoint, &[]).await;
    assert_eq!(answer["error"], "INVALID_STATE");
    assert!(answer["message"].as_str().unwrap().contains("set REPORT_BUCKET"), "{answer}");
    let answer = written(&endpoint, &[("REPORT_BUCKET", "No Bucket")]).await;
    assert!(answer["message"].as_str().unwrap().contains("REPORT_BUCKET is"), "{answer}");
    assert!(s3.got().is_empty());
}

#[tokio::test]
async fn a_wrong_bucket_is_seen_in_health_and_no_route_leads_to_a_report() {
    let lab = Lab::with(world(1), &[("REPORT_PREFIX", "*"), ("REPORT_BUCKET", "abc")]).await;
    let health = lab.ask(json!({ "operation": "health" })).await;
    assert!(health["problems"].to_string().contains("REPORT_PREFIX"), "{health}");
    let named = v2("POST", "/write-report", json!({ "operation": "write_report" }), None);
    assert_eq!(http(&lab.ask(named).await).0, 404);
}

#[test]
fn a_report_that_failed_ends_the_invocation_as_failed() {
    assert!(is_unattended(&mut json!({ "operation": "write_report" })));
    assert!(is_unattended(&mut json!({ "action": "write_report" })));
    for other in [json!({ "operation": "health" }), json!(["write_report"]), json!(null)] {
        assert!(!is_unattended(&mut other.clone()));
    }
    let answer = json!({ "bucket": "dr-reports" });
    assert_eq!(succeeded(answer.clone()).unwrap(), answer);
    let failed = json!({ "error": "INVALID_STATE", "message": "set REPORT_BUCKET" });
    let failure = succeeded(failed).unwrap_err();
    assert_eq!(failure.error_type, "INVALID_STATE");
    assert!(failure.error_message.contains("set REPORT_BUCKET"), "{failure:?}");
}
