//! No secret in a log or a response. Alone in its file: what it looks at is the log of the process.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use model::{AccountToQuery, ExternalId, Listing};
use serde_json::json;
use sync::credentials::{Hub, get_account_credentials};

use testing::*;

/// The member's session, as the sync used it.
async fn credentials(lab: &Lab) -> Credentials {
    let external_id = Some(ExternalId::new("the-external-id"));
    let listing = Listing { role_arn: Some(role_arn(MEMBER)), external_id, problem: None };
    let account = AccountToQuery { account_id: MEMBER.to_owned(), listings: vec![listing] };
    let hub = Hub {
        account_id: HUB.to_owned(),
        partition: "aws".to_owned(),
        arn: String::new(),
        clock_off_by: None,
    };
    let session = get_account_credentials(&lab.sync.aws, &lab.sync.credentials, &hub, &account);
    let session = session.await.unwrap();
    assert_eq!(lab.count("AssumeRole"), 2, "the session of the sync, not a new one");
    session.credentials.provide_credentials().await.unwrap()
}

/// The crates that the sync is made of, as their lines of the log begin.
const OWN_CRATES: [&str; 6] = ["aws", "inventory", "legacy", "model", "store", "sync"];

/// What is logged in a test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_log_nor_failure_holds_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let mut world = one_account(1);
    world["accounts"][MEMBER]["drs"]["eu-west-1"] = json!({ "fault": denied() });
    // A service may echo what it was sent.
    world["accounts"][OTHER] = json!({ "roles": { "DRSOrchestrationRole": { "fault": {
        "status": 403, "code": "AccessDenied", "message": "wrong id: the-external-id" } } } });
    world["targetAccounts"].as_array_mut().unwrap().push(target(OTHER));
    let lab = Lab::of(world).await;
    let body = lab.run().await.to_string();
    let credentials = credentials(&lab).await;
    assert!(body.contains("wrong id: [redacted]"), "{body}");
    let own: String = String::from_utf8_lossy(&log.0.lock().unwrap())
        .lines()
        .filter(|line| OWN_CRATES.iter().any(|name| line.contains(&format!(" {name}::"))))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(own.contains("cannot assume the role") && own.contains(MEMBER), "{own}");
    for secret in
        ["the-external-id", credentials.secret_access_key(), credentials.session_token().unwrap()]
    {
        assert!(!own.contains(secret), "{secret} is in the log");
        assert!(!body.contains(secret), "{secret} is in the response");
    }
}
