//! Who is answered by `read-handler`: events as API Gateway and a load balancer send them, through the
//! function's own router, with a key server on the wire.

mod odd;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use lambda::reads::reads;
use model::environment::Environment;
use serde_json::{Value, json};
use store::tables::TableKind;
use testing::Stage;
use tower::ServiceExt;

const SIGNER: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/page/50dc6c495c0c9188";
const KEY_ID: &str = "4de9ac7a-54c6-4c31-9b8a-ad1d2c4c1f0e";

/// Serves one public key, and counts how often it is asked for anything.
struct KeyServer {
    address: String,
    asked: Arc<AtomicUsize>,
    private_key: EncodingKey,
}

/// A private key, and the public one as a load balancer's are published.
fn keys() -> (EncodingKey, String) {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let base64 = STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n");
    (EncodingKey::from_ec_der(pkcs8.as_ref()), pem)
}

#[derive(Clone)]
struct Published {
    asked: Arc<AtomicUsize>,
    public_key: String,
}

impl KeyServer {
    async fn start() -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let (private_key, public_key) = keys();
        let published = Published { asked: Arc::clone(&asked), public_key };
        let app = Router::new().route("/keys/{id}", get(key)).with_state(published);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, app).into_future());
        Self { address, asked, private_key }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn key(State(published): State<Published>, Path(id): Path<String>) -> Response {
    published.asked.fetch_add(1, Ordering::SeqCst);
    match id == KEY_ID {
        true => published.public_key.into_response(),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The router of the function over an empty store.
async fn function(variables: &[(&str, &str)]) -> (Stage, Router) {
    let stage = Stage::of(&json!({ "hubAccountId": "111111111111", "accounts": {} })).await;
    let tables = TableKind::ALL.map(|kind| kind.schema());
    let tables = tables.iter().map(|schema| (schema.variable, schema.default_name));
    let environment = Environment::of(tables.chain(variables.iter().copied()));
    let aws = aws::Aws::simulated(&stage.sim.endpoint());
    let router = reads(aws, stage.store.client(), environment).unwrap();
    (stage, router)
}

async fn behind_a_load_balancer(keys: &str) -> (Stage, Router) {
    let page = [("PAGE_SIGNER_ARN", SIGNER), ("PAGE_CLIENT_ID", "client-1")];
    let emulated = [("PAGE_KEYS_URL", keys), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")];
    function(&[page, emulated].concat()).await
}

/// The status of the answer to an event, and its body.
async fn send(router: &Router, event: &Value) -> (StatusCode, String) {
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts, Body::new(body));
    let response = router.clone().oneshot(request).await.unwrap();
    assert!(response.headers().contains_key("content-security-policy"));
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1_000_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn of_load_balancer(identities: &[&str]) -> Value {
    json!({
        "requestContext": { "elb": { "targetGroupArn":
            "arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/page/6d0ecf831eec9f09" } },
        "httpMethod": "GET",
        "path": "/health",
        "multiValueQueryStringParameters": {},
        "multiValueHeaders": { "host": ["page.example"], "x-amzn-oidc-data": identities },
        "body": "",
        "isBase64Encoded": false,
    })
}

fn of_http_api(authorizer: Option<Value>) -> Value {
    let mut event = json!({
        "version": "2.0", "routeKey": "GET /health", "rawPath": "/health", "rawQueryString": "",
        "headers": { "host": "api.example" },
        "requestContext": {
            "accountId": "111111111111", "apiId": "a", "domainName": "api.example", "stage": "$default",
            "requestId": "r", "routeKey": "GET /health", "time": "", "timeEpoch": 0,
            "http": { "method": "GET", "path": "/health", "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": "x" },
        },
        "isBase64Encoded": false,
    });
    if let Some(authorizer) = authorizer {
        event["requestContext"]["authorizer"] = authorizer;
    }
    event
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn header() -> Value {
    json!({ "typ": "JWT", "alg": "ES256", "kid": KEY_ID, "signer": SIGNER, "client": "client-1",
        "iss": "https://idp.example", "exp": now() + 120 })
}

fn claims() -> Value {
    json!({ "sub": "u-1", "email": "someone@example.com", "groups": ["dr-team", "all"],
        "roles": "reader, writer", "exp": now() + 120, "iss": "https://idp.example" })
}

/// As a load balancer signs: base64 with padding, the signature of exactly these texts.
fn signed(header: &Value, claims: &Value, key: &EncodingKey) -> String {
    let message =
        format!("{}.{}", URL_SAFE.encode(header.to_string()), URL_SAFE.encode(claims.to_string()));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::ES256).unwrap();
    let signature = URL_SAFE.encode(URL_SAFE_NO_PAD.decode(signature).unwrap());
    format!("{message}.{signature}")
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

#[tokio::test]
async fn an_http_api_is_answered_with_an_authorizer_that_knows_somebody() {
    let (_stage, router) = function(&[]).await;
    let jwt = json!({ "jwt": { "claims": { "sub": "u-1" }, "scopes": ["inventory/read"] } });
    let iam =
        json!({ "iam": { "accessKey": "AKIA", "accountId": "111111111111", "userArn": "arn" } });
    for authorizer in [jwt, iam] {
        let (status, body) = send(&router, &of_http_api(Some(authorizer))).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    for authorizer in [None, Some(json!({})), Some(json!({ "lambda": { "x": "y" } }))] {
        let (status, body) = send(&router, &of_http_api(authorizer)).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(body.contains("AUTHORIZATION_FAILED"), "{body}");
    }
}

#[tokio::test]
async fn a_load_balancer_is_answered_with_the_identity_that_it_signed() {
    let keys = KeyServer::start().await;
    let (_stage, router) = behind_a_load_balancer(&keys.address).await;
    let right = signed(&header(), &claims(), &keys.private_key);
    let asked = (0..10).map(|_| {
        let (router, event) = (router.clone(), of_load_balancer(&[&right]));
        async move { send(&router, &event).await }
    });
    for (status, body) in futures::future::join_all(asked).await {
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    assert_eq!(keys.asked(), 1, "one fetch serves all");

    let (message, signature) = right.rsplit_once('.').unwrap();
    let unpadded = format!("{message}.{}", signature.trim_end_matches('='));
    let none = with(header(), "alg", json!("none"));
    for (name, identities, expected) in [
        ("unpadded", vec![unpadded.clone()], StatusCode::OK),
        ("none", vec![], StatusCode::FORBIDDEN),
        ("two", vec![right.clone(), right.clone()], StatusCode::FORBIDDEN),
        ("empty", vec![String::new()], StatusCode::FORBIDDEN),
        ("four parts", vec![format!("{right}.x")], StatusCode::FORBIDDEN),
        ("no signature", vec![format!("{message}.")], StatusCode::FORBIDDEN),
        ("too long", vec![format!("{right}{}", "x".repeat(20_000))], StatusCode::FORBIDDEN),
        ("another key", vec![signed(&header(), &claims(), &self::keys().0)], StatusCode::FORBIDDEN),
        ("alg none", vec![signed(&none, &claims(), &keys.private_key)], StatusCode::FORBIDDEN),
    ] {
        let identities: Vec<&str> = identities.iter().map(String::as_str).collect();
        let (status, body) = send(&router, &of_load_balancer(&identities)).await;
        assert_eq!(status, expected, "{name}: {body}");
    }
}

#[tokio::test]
async fn what_the_identity_says_must_be_of_this_page() {
    let keys = KeyServer::start().await;
    let (_stage, router) = behind_a_load_balancer(&keys.address).await;
    let other = SIGNER.replace("/page/", "/other/");
    for (name, value) in [
        ("signer", json!(other)),
        ("client", json!("client-2")),
        ("exp", json!(now() - 1)),
        ("exp", json!("tomorrow")),
        ("alg", json!("HS256")),
        ("alg", json!("RS256")),
        ("kid", json!("../../secrets")),
        ("kid", json!("4de9ac7a-54c6-4c31-9b8a-ad1d2c4c1f0/")),
        ("kid", json!(null)),
    ] {
        let token = signed(&with(header(), name, value.clone()), &claims(), &keys.private_key);
        let (status, body) = send(&router, &of_load_balancer(&[&token])).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{name} {value}: {body}");
    }
    assert_eq!(keys.asked(), 0, "no key is fetched for what is refused without one");
    let expired = with(claims(), "exp", json!(now() - 1));
    let token = signed(&header(), &expired, &keys.private_key);
    assert_eq!(send(&router, &of_load_balancer(&[&token])).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_claim_that_is_required_must_be_there() {
    let keys = KeyServer::start().await;
    for (claim, expected) in [
        ("groups=dr-team", StatusCode::OK),
        ("groups=dr", StatusCode::FORBIDDEN),
        ("roles=writer", StatusCode::OK),
        ("email=someone@example.com", StatusCode::OK),
        ("email=someone", StatusCode::FORBIDDEN),
        ("teams=dr-team", StatusCode::FORBIDDEN),
    ] {
        let (_stage, router) = function(&[
            ("PAGE_SIGNER_ARN", SIGNER),
            ("PAGE_CLIENT_ID", "client-1"),
            ("PAGE_REQUIRED_CLAIM", claim),
            ("PAGE_KEYS_URL", &keys.address),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ])
        .await;
        let token = signed(&header(), &claims(), &keys.private_key);
        assert_eq!(send(&router, &of_load_balancer(&[&token])).await.0, expected, "{claim}");
    }
}

#[tokio::test]
async fn without_a_key_nobody_is_let_in_and_it_can_be_tried_again() {
    let (_stage, router) = behind_a_load_balancer("http://127.0.0.1:1/keys").await;
    let keys = KeyServer::start().await;
    let token = signed(&header(), &claims(), &keys.private_key);
    let (status, body) = send(&router, &of_load_balancer(&[&token])).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("\"retryable\":true"), "{body}");
    let (_stage, router) = behind_a_load_balancer(&keys.address).await;
    let unknown = with(header(), "kid", json!(KEY_ID.replace('4', "5")));
    let token = signed(&unknown, &claims(), &keys.private_key);
    let (status, _) = send(&router, &of_load_balancer(&[&token])).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn without_settings_no_load_balancer_is_answered_and_a_page_has_no_changes() {
    let keys = KeyServer::start().await;
    let (_stage, router) = function(&[]).await;
    let token = signed(&header(), &claims(), &keys.private_key);
    let (status, _) = send(&router, &of_load_balancer(&[&token])).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (_stage, router) = behind_a_load_balancer(&keys.address).await;
    let mut approve = of_load_balancer(&[&token]);
    approve["httpMethod"] = json!("POST");
    approve["path"] = json!("/sync");
    let (status, body) = send(&router, &approve).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
    let mut page = of_load_balancer(&[&token]);
    page["path"] = json!("/");
    let (status, body) = send(&router, &page).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert!(body.contains("<h1>Disaster recovery readiness</h1>"), "{body}");
}

#[tokio::test]
async fn what_comes_through_no_front_door_is_refused() {
    let (_stage, router) = function(&[]).await;
    let request = Request::get("/health").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}
