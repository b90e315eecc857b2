//! An AWS SDK pointed at a simulator.
#![allow(unreachable_pub, reason = "shared by test binaries")]

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use sim::Simulator;

/// Without retries, so that a test sees each answer.
pub fn config(sim: &Simulator, credentials: Credentials) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(sim.endpoint())
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .build()
}

/// A key that no `AssumeRole` handed out.
pub fn hub() -> Credentials {
    Credentials::new("AKIAHUB", "secret", None, None, "test")
}
