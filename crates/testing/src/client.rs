//! Settings of SDK clients that suit a test, and a clock that it moves.

use std::time::{Duration, SystemTime};

use aws::{AccountSession, Aws, CallPolicy};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::TimeSource;
use tokio::time::Instant;

use crate::fixtures::HUB;

/// Time that [`advance`] moves.
#[derive(Debug, Clone)]
pub(crate) struct TokioClock {
    start: SystemTime,
    base: Instant,
}

impl TokioClock {
    pub(crate) fn new() -> Self {
        Self { start: SystemTime::now(), base: Instant::now() }
    }
}

impl TimeSource for TokioClock {
    fn now(&self) -> SystemTime {
        self.start + self.base.elapsed()
    }
}

/// Moves the clock of a lab. It is paused for this moment only: a paused clock jumps to the next
/// timeout whenever a test waits for a socket.
pub async fn advance(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Short enough that a hanging endpoint does not hold up a test.
pub fn impatient() -> CallPolicy {
    CallPolicy {
        connect_timeout: Duration::from_millis(500),
        read_timeout: Duration::from_millis(500),
        operation_timeout: Duration::from_secs(4),
        max_attempts: 3,
    }
}

/// The hub's credentials, and every service at `endpoint`.
pub fn sdk_config(endpoint: &str) -> SdkConfig {
    let hub = Credentials::new("AKIAHUB", "hub-secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(hub))
        .endpoint_url(endpoint)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

/// Impatient clients of every service at `endpoint`.
pub fn aws(endpoint: &str) -> Aws {
    Aws::new(sdk_config(endpoint), impatient())
}

/// The hub's own session: no role is in the way.
pub fn hub_session(aws: &Aws) -> AccountSession {
    AccountSession {
        account_id: HUB.to_owned(),
        partition: "aws".to_owned(),
        credentials: aws.hub_credentials().unwrap(),
    }
}
