//! The hub's own credentials: how often the SDK's chain is asked for them.

use aws_smithy_async::time::SharedTimeSource;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use aws::Aws;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use futures::StreamExt;
use futures::future::join_all;
use model::region::REFACTORED_REGIONS;
use serde_json::json;
use sync::drs::query_drs_all_regions;
use sync::pace::Pace;

use testing::*;

/// A chain that takes its time, as one that assumes a role does, and counts.
#[derive(Clone, Debug)]
struct Chain {
    asked: Arc<AtomicUsize>,
    good_for: Option<Duration>,
    fails_first: bool,
}

impl Chain {
    fn good_for(good_for: Option<Duration>) -> Self {
        Self { asked: Arc::default(), good_for, fails_first: false }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn aws(&self, endpoint: &str) -> Aws {
        let config = sdk_config(endpoint).into_builder();
        let chain = SharedCredentialsProvider::new(self.clone());
        Aws::new(config.credentials_provider(chain).build(), impatient())
    }
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let before = self.asked.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            if self.fails_first && before == 0 {
                return Err(CredentialsError::provider_error("not now"));
            }
            let expiry = self.good_for.map(|time| SystemTime::now() + time);
            Ok(Credentials::new("AKIAHUB", "hub-secret", None, expiry, "test"))
        })
    }
}

async fn call_everywhere(aws: &Aws) {
    let session = hub_session(aws);
    let regions = REFACTORED_REGIONS.map(str::to_owned);
    let pace = Pace::of(10);
    let clock = SharedTimeSource::default();
    query_drs_all_regions(aws, &session, &regions, (&pace, &clock)).collect::<Vec<_>>().await;
    join_all(regions.iter().take(6).map(|region| async {
        aws.ec2(&session, region).describe_instances().send().await.unwrap();
    }))
    .await;
    aws.sts().get_caller_identity().send().await.unwrap();
}

#[tokio::test]
async fn forty_one_calls_of_the_hub_ask_the_chain_once() {
    for good_for in [None, Some(Duration::from_secs(3600))] {
        let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
        let chain = Chain::good_for(good_for);
        let aws = chain.aws(&lab.sim.endpoint());
        call_everywhere(&aws).await;
        assert_eq!((lab.sim.calls().len(), chain.asked()), (41, 1));
    }
}

#[tokio::test]
async fn clients_of_another_policy_share_the_hubs_credentials() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    let chain = Chain::good_for(None);
    let aws = chain.aws(&lab.sim.endpoint());
    for _ in 0..3 {
        aws.with_policy(impatient()).sts().get_caller_identity().send().await.unwrap();
    }
    assert_eq!(chain.asked(), 1);
}

#[tokio::test]
async fn credentials_that_are_about_to_end_are_asked_for_again() {
    let chain = Chain::good_for(Some(Duration::from_secs(30)));
    let credentials = chain.aws("http://127.0.0.1:1").hub_credentials().unwrap();
    for _ in 0..3 {
        credentials.provide_credentials().await.unwrap();
    }
    assert_eq!(chain.asked(), 3);
}

#[tokio::test]
async fn a_chain_that_failed_is_asked_again() {
    let chain = Chain { fails_first: true, ..Chain::good_for(None) };
    let credentials = chain.aws("http://127.0.0.1:1").hub_credentials().unwrap();
    credentials.provide_credentials().await.unwrap_err();
    credentials.provide_credentials().await.unwrap();
    assert_eq!(chain.asked(), 2);
}
