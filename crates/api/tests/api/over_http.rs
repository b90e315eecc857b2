//! What is refused before an operation is asked has the form of every other error.

use std::sync::Arc;

use api::site::{Changes, Site};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;

use crate::world::World;

/// A byte more than a body may have.
const TOO_LONG: usize = 1024 * 1024 + 1;

/// A router that allows changes, and what it reads and writes.
async fn served() -> (testing::Stage, Router) {
    let World { stage, queries, data } = World::new().await;
    let changes = Changes { data, hub: None, start_sync: None };
    (stage, api::http::router(Site::with_changes(Arc::new(queries), changes)))
}

/// The answer to a request, whose body is that of an error.
async fn refused(router: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, Value) {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 10_000).await.unwrap();
    let (headers, text) = (parts.headers, String::from_utf8_lossy(&body));
    assert_eq!(headers["content-type"], "application/json", "{} {text}", parts.status);
    let body: Value = serde_json::from_str(&text).unwrap();
    assert!(body["error"].is_string() && body["message"].is_string(), "{body}");
    (parts.status, headers, body)
}

fn json_of(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("content-type", "application/json")
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_whether_its_length_is_said_or_not() {
    let (_stage, router) = served().await;
    let long = Bytes::from(vec![b' '; TOO_LONG]);
    let in_parts = futures::stream::iter([Ok::<_, std::io::Error>(long.clone())]);
    let said = json_of("POST", "/protection-groups").header("content-length", TOO_LONG);
    let unsaid = json_of("POST", "/protection-groups").body(Body::from_stream(in_parts)).unwrap();
    for request in [said.body(Body::from(long)).unwrap(), unsaid] {
        let (status, _, body) = refused(&router, request).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{body}");
        assert_eq!(body["message"], "the body is longer than 1048576 bytes");
    }
}

#[tokio::test]
async fn a_change_from_another_site_is_refused() {
    let (_stage, router) = served().await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "http://evil.example")] {
        let request = json_of("POST", "/sync").header("host", "own.example").header(name, value);
        let (status, _, body) = refused(&router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
        assert_eq!(body["error"], "AUTHORIZATION_FAILED");
    }
}

#[tokio::test]
async fn another_method_or_path_or_kind_of_body_is_refused() {
    let (_stage, router) = served().await;
    let other_method = json_of("PATCH", "/protection-groups").body(Body::empty()).unwrap();
    let (status, headers, _) = refused(&router, other_method).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    let allowed = headers["allow"].to_str().unwrap();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    let nowhere = Request::get("/nowhere").body(Body::empty()).unwrap();
    assert_eq!(refused(&router, nowhere).await.0, StatusCode::NOT_FOUND);
    for (method, path) in [("POST", "/protection-groups"), ("DELETE", "/protection-groups/x")] {
        let form = Request::builder().method(method).uri(path).body(Body::from("a=b")).unwrap();
        let (status, _, body) = refused(&router, form).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{method} {path} {body}");
    }
}
