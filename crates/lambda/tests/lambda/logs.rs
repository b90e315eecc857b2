//! What the real program logs, whatever `RUST_LOG` says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};

use crate::common::*;

/// Reads one HTTP request: its first line, and its body.
fn request(stream: &mut TcpStream) -> (String, String) {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    (head.lines().next().unwrap_or_default().to_owned(), String::from_utf8(body).unwrap())
}

/// The Lambda runtime API for one event: hands it out, and gives back what the function answered.
fn invoke(listener: &TcpListener, event: &Value) -> Value {
    loop {
        let (mut stream, _) = listener.accept().unwrap();
        loop {
            let (line, body) = request(&mut stream);
            if line.is_empty() {
                break;
            }
            let answer =
                if line.contains("/invocation/next") { event.to_string() } else { String::new() };
            let headers = "Lambda-Runtime-Aws-Request-Id: request-1\r\n\
                Lambda-Runtime-Deadline-Ms: 99999999999999\r\n\
                Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:111111111111:function:f\r\n";
            let length = answer.len();
            write!(stream, "HTTP/1.1 200 OK\r\n{headers}Content-Length: {length}\r\n\r\n{answer}")
                .unwrap();
            if line.contains("/response") {
                return serde_json::from_str(&body).unwrap();
            }
        }
    }
}

/// What a program answers to an event, and all that it logs, with `RUST_LOG=trace`.
async fn run(program: &str, variables: &[(&str, &str)], event: Value) -> (Value, String) {
    let sim = testing::simulator(&json!({ "hubAccountId": HUB })).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut child = Command::new(program)
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", listener.local_addr().unwrap().to_string()),
            ("AWS_ENDPOINT_URL", sim.endpoint()),
        ])
        .envs([
            ("RUST_LOG", "trace"),
            ("AWS_LAMBDA_FUNCTION_NAME", "f"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "g"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "s"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "ASIAHUB"),
            ("AWS_SECRET_ACCESS_KEY", "the-secret-key-of-the-hub"),
            ("AWS_SESSION_TOKEN", "the-session-token-of-the-hub"),
        ])
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let answered = tokio::task::spawn_blocking(move || invoke(&listener, &event));
    // A full pipe would stop the program: both are read while it runs.
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let out = std::thread::spawn(move || std::io::read_to_string(&mut stdout).unwrap());
    let err = std::thread::spawn(move || std::io::read_to_string(&mut stderr).unwrap());
    let answer = answered.await.unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    (answer, format!("{}{}", out.join().unwrap(), err.join().unwrap()))
}

#[tokio::test]
async fn the_log_holds_no_secret_at_any_level() {
    let event = json!({ "operation": "add_target_account", "accountId": MEMBER,
        "externalId": "the-external-id-of-the-event" });
    let program = env!("CARGO_BIN_EXE_data-management-handler");
    let (answer, log) = run(program, &[("TARGET_ACCOUNTS_TABLE", "accounts")], event).await;
    assert_eq!(answer["error"], "DYNAMODB_ERROR", "{answer}");
    assert!(log.contains("request failed"), "{log}");
    for secret in ["the-external-id", "the-secret-key", "the-session-token", "x-amz-security-token"]
    {
        assert!(!log.to_lowercase().contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn the_log_says_once_why_somebody_is_refused_and_nothing_of_who() {
    let program = env!("CARGO_BIN_EXE_read-handler");
    let signer = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/page/50dc";
    let page = [("PAGE_SIGNER_ARN", signer), ("PAGE_CLIENT_ID", "client-1")];
    let header = json!({ "alg": "none", "kid": "4de9ac7a-54c6-4c31-9b8a-ad1d2c4c1f0e",
        "signer": signer, "client": "client-1", "exp": 99_999_999_999_u64 });
    let parts = [header.to_string(), json!({ "email": "someone@example.com" }).to_string()];
    let [header, claims] = parts.map(|part| URL_SAFE.encode(part));
    let token = format!("{header}.{claims}.c2lnbmF0dXJl");
    let event = json!({
        "requestContext": { "elb": { "targetGroupArn": "arn" } }, "httpMethod": "GET", "path": "/health",
        "queryStringParameters": {}, "headers": { "host": "page.example", "x-amzn-oidc-data": token },
        "body": "", "isBase64Encoded": false,
    });
    let (answer, log) = run(program, &page, event).await;
    assert_eq!(answer["statusCode"], 403, "{answer}");
    assert_eq!(log.matches("not signed with ES256").count(), 1, "{log}");
    for secret in [&header, &claims, "c2lnbmF0dXJl", "someone@example.com"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }

    let (answer, log) = run(program, &page, json!({ "operation": "health" })).await;
    assert_eq!(answer["statusCode"], 403, "{answer}");
    assert_eq!(log.matches("no HTTP API and no load balancer").count(), 1, "{log}");
}
