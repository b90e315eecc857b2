//! What a front door sends that is not quite as expected, and key servers that are not.

use super::*;
use base64::engine::general_purpose::GeneralPurpose;

/// Serves these answers as keys, one after the other, the last one again and again.
async fn key_server(answers: Vec<(StatusCode, String)>) -> String {
    let number = Arc::new(AtomicUsize::new(0));
    let answer = move || {
        let at = number.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let answer = answers[at].clone();
        async move { answer }
    };
    let app = Router::new().route("/keys/{id}", get(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/keys", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, app).into_future());
    address
}

#[tokio::test]
async fn what_is_no_key_lets_nobody_in_and_is_not_kept() {
    let (private_key, public_key) = keys();
    let token = signed(&header(), &claims(), &private_key);
    let wrong = [
        (StatusCode::OK, "<html>no key</html>".to_owned()),
        (StatusCode::OK, format!("{public_key}{}", "\n".repeat(65 * 1024))),
        (StatusCode::INTERNAL_SERVER_ERROR, public_key.clone()),
        (StatusCode::FOUND, public_key.clone()),
    ];
    let right = [(StatusCode::OK, public_key)];
    let address = key_server(wrong.iter().chain(&right).cloned().collect()).await;
    let (_stage, router) = behind_a_load_balancer(&address).await;
    for (status, _) in &wrong {
        let (answered, body) = send(&router, &of_load_balancer(&[&token])).await;
        assert_eq!(answered, StatusCode::SERVICE_UNAVAILABLE, "{status}: {body}");
        assert!(!body.contains("http"), "where keys are is nobody's business: {body}");
    }
    assert_eq!(send(&router, &of_load_balancer(&[&token])).await.0, StatusCode::OK);
}

#[tokio::test]
async fn base64_is_read_with_padding_and_without() {
    let keys = KeyServer::start().await;
    let (_stage, router) = behind_a_load_balancer(&keys.address).await;
    for length in 0..3 {
        // Blanks after the JSON, so that each length of padding comes up.
        let blanks = " ".repeat(length);
        let texts = [format!("{}{blanks}", header()), format!("{}{blanks}", claims())];
        for engine in [URL_SAFE, URL_SAFE_NO_PAD] {
            let token = encoded(&texts, &engine, &keys.private_key);
            let (status, body) = send(&router, &of_load_balancer(&[&token])).await;
            assert_eq!(status, StatusCode::OK, "{token}: {body}");
        }
        // The signature is of the texts as they came: padding that is taken off does not fit it.
        let token = encoded(&texts, &URL_SAFE, &keys.private_key);
        let (message, signature) = token.rsplit_once('.').unwrap();
        if message.contains('=') {
            let token = format!("{}.{signature}", message.replace('=', ""));
            let (status, _) = send(&router, &of_load_balancer(&[&token])).await;
            assert_eq!(status, StatusCode::FORBIDDEN);
        }
    }
}

fn encoded(texts: &[String; 2], engine: &GeneralPurpose, key: &EncodingKey) -> String {
    let message = format!("{}.{}", engine.encode(&texts[0]), engine.encode(&texts[1]));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::ES256).unwrap();
    let signature = engine.encode(URL_SAFE_NO_PAD.decode(signature).unwrap());
    format!("{message}.{signature}")
}

#[tokio::test]
async fn an_authorizer_that_knows_nobody_lets_nobody_in() {
    let (_stage, router) = function(&[]).await;
    for authorizer in [
        json!({ "jwt": {} }),
        json!({ "jwt": { "claims": {}, "scopes": ["inventory/read"] } }),
        json!({ "jwt": null, "iam": null }),
        json!({ "iam": {} }),
        json!({ "iam": { "userArn": null } }),
    ] {
        let (status, body) = send(&router, &of_http_api(Some(authorizer.clone()))).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{authorizer}: {body}");
    }
}

#[tokio::test]
async fn parameters_are_decoded_once_behind_a_load_balancer() {
    let keys = KeyServer::start().await;
    let (_stage, router) = behind_a_load_balancer(&keys.address).await;
    let token = signed(&header(), &claims(), &keys.private_key);
    let mut event = of_load_balancer(&[&token]);
    event["path"] = json!("/source-servers");
    // A load balancer passes on what the browser sent.
    event["multiValueQueryStringParameters"] = json!({ "limit": ["a%26b%3Dc%2Bd+e%2525"] });
    let (status, body) = send(&router, &event).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    assert!(body.contains("a&b=c+d e%25"), "{body}");
}

#[tokio::test]
async fn an_event_of_anything_else_is_answered_with_403_as_a_front_door_reads_it() {
    let (_stage, router) = function(&[]).await;
    // An HTTP API whose events are not as they are known today.
    let mut changed = of_http_api(Some(json!({ "jwt": { "claims": { "sub": "u-1" } } })));
    changed["requestContext"]["http"] = json!("GET /health");
    for event in [
        json!({ "operation": "health" }),
        json!("health"),
        json!({ "Records": [{ "eventSource": "aws:sns" }] }),
        json!({ "httpMethod": "GET", "path": "/health", "resource": "/health", "headers": {},
            "requestContext": { "stage": "prod", "authorizer": { "principalId": "u-1" } } }),
        changed,
    ] {
        let (_, body) = send(&router, &event).await;
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(answer["statusCode"], 403, "{event}: {body}");
        assert!(answer["body"].as_str().unwrap().contains("AUTHORIZATION_FAILED"), "{body}");
    }
}
