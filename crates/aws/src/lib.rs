//! SDK clients for an account and a region.
//!
//! All clients of a process share one HTTP client, and with it connections and TLS set-up.

mod answers;
mod classify;
mod drills;
mod drs_page;
mod enabled_regions;
mod get;
mod http_client;
mod hub_credentials;
mod login;
mod organizations;
mod page_tokens;
mod retry_after;
mod server_date;
mod service_error;
mod source_server;

use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::config::{IdentityCache, Region};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use answers::{Answers, Format};
pub use answers::{check_answers, take_answers_as_they_come};
pub use classify::*;
pub use drills::{LaunchJob, LaunchedInstance, describe_launch_jobs, describe_recovery_instances};
pub use drs_page::{DrsPage, describe_source_servers};
pub use enabled_regions::list_enabled_regions;
pub use get::{GetError, Getter};
use http_client::shared_http_client;
use hub_credentials::HubCredentials;
pub use login::{Login, ProfileError};
use model::environment::Environment;
pub use organizations::{
    Organization, OrganizationAccount, describe_organization, list_account_ids_of, list_accounts,
    list_tags_of, list_units_of,
};
pub use page_tokens::PageTokens;
use retry_after::RetryAfter;
pub use server_date::ServerDate;
pub use service_error::{ServiceError, service_error};
pub use source_server::source_server;

/// How long and how often one call is tried.
#[derive(Debug, Clone)]
pub struct CallPolicy {
    /// To connect. Default 5 s.
    pub connect_timeout: Duration,
    /// Until the first byte of an answer. Default 10 s.
    pub read_timeout: Duration,
    /// The call with all its retries. Default 20 s.
    pub operation_timeout: Duration,
    /// First attempt included. Default 5; `AWS_MAX_ATTEMPTS` overrides it.
    pub max_attempts: u32,
}

impl Default for CallPolicy {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(10),
            operation_timeout: Duration::from_secs(20),
            max_attempts: 5,
        }
    }
}

/// The wait before the second attempt grows from at most this one, doubling.
const INITIAL_BACKOFF: Duration = Duration::from_millis(400);
/// No wait between two attempts is longer.
const MAX_BACKOFF: Duration = Duration::from_secs(4);
/// The region of STS and DynamoDB where the SDK's chain names none.
const FALLBACK_REGION: &str = "us-east-1";

/// Makes SDK clients, with the hub's own credentials or with those of an account.
#[derive(Clone, Debug)]
pub struct Aws {
    base: Arc<SdkConfig>,
    checks_answers: bool,
}

/// An account and the credentials that enter it.
#[derive(Clone)]
pub struct AccountSession {
    /// Twelve digits.
    pub account_id: String,
    /// `aws`, `aws-us-gov`, `aws-cn`.
    pub partition: String,
    /// Renewed by whoever made the session.
    pub credentials: SharedCredentialsProvider,
}

impl std::fmt::Debug for AccountSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccountSession({})", self.account_id)
    }
}

impl Aws {
    /// The SDK's usual chain: environment, profile, SSO, container, instance. Honours `AWS_*`
    /// and the endpoint variables.
    pub async fn from_environment(environment: &Environment) -> Self {
        Self::loaded(defaults(), environment).await
    }

    /// The same chain, with what somebody chose in its place.
    ///
    /// # Errors
    /// [`ProfileError`] where there is no such profile.
    pub async fn with_login(
        environment: &Environment,
        login: &Login,
    ) -> Result<Self, ProfileError> {
        Ok(Self::loaded(login.applied(defaults()).await?, environment).await)
    }

    async fn loaded(loader: ConfigLoader, environment: &Environment) -> Self {
        let base = loader.load().await;
        let mut policy = CallPolicy::default();
        if environment.get("AWS_MAX_ATTEMPTS").is_some() {
            let configured = base.retry_config().map(RetryConfig::max_attempts);
            policy.max_attempts = configured.unwrap_or(policy.max_attempts);
        }
        Self::new(base, policy)
    }

    /// Clients like `base`, tried as `policy` says. They share the credentials of `base`, which
    /// are resolved once and kept until shortly before they end.
    pub fn new(base: SdkConfig, policy: CallPolicy) -> Self {
        let clock = base.time_source().unwrap_or_default();
        let hub = base.credentials_provider().map(|chain| HubCredentials::new(chain, clock));
        let mut base = base.into_builder();
        base.set_credentials_provider(hub.map(SharedCredentialsProvider::new));
        Self::tried_as(base.build(), policy)
    }

    fn tried_as(base: SdkConfig, policy: CallPolicy) -> Self {
        let region = base.region().cloned().unwrap_or(Region::from_static(FALLBACK_REGION));
        let retries = RetryConfig::standard()
            .with_max_attempts(policy.max_attempts)
            .with_initial_backoff(INITIAL_BACKOFF)
            .with_max_backoff(MAX_BACKOFF);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(policy.connect_timeout)
            .read_timeout(policy.read_timeout)
            .operation_timeout(policy.operation_timeout)
            .build();
        let base = base
            .into_builder()
            .region(region)
            .retry_config(retries)
            .timeout_config(timeouts)
            .build();
        Self { base: Arc::new(base), checks_answers: true }
    }

    /// A simulated AWS at `endpoint` (`http://…`), with a hub of its own: nothing of the
    /// environment is looked at.
    pub fn simulated(endpoint: &str) -> Self {
        Self::emulated(endpoint, "AKIASIMULATED")
    }

    /// An AWS emulator at `endpoint` (`http://…`), called with this access key and any secret.
    pub fn emulated(endpoint: &str, access_key: &str) -> Self {
        let hub = Credentials::new(access_key, "simulated", None, None, "simulated");
        let base = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .credentials_provider(SharedCredentialsProvider::new(hub))
            .endpoint_url(endpoint)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Self::new(base, CallPolicy::default())
    }

    /// The same clients, tried as `policy` says.
    pub fn with_policy(&self, policy: CallPolicy) -> Self {
        let aws = Self::tried_as((*self.base).clone(), policy);
        Self { checks_answers: self.checks_answers, ..aws }
    }

    /// The same clients; whatever the SDK can read is an answer. The legacy sync took them so.
    #[must_use]
    pub fn taking_answers_as_they_come(&self) -> Self {
        Self { checks_answers: false, ..self.clone() }
    }

    fn answers(&self, format: Format) -> Answers {
        if self.checks_answers { Answers::Checked(format) } else { Answers::AsTheyCome }
    }

    /// What every client is made from, for whoever calls a service that nobody else does. It acts as the
    /// hub.
    pub fn config(&self) -> &SdkConfig {
        &self.base
    }

    /// The hub's own credentials, none where the chain has none.
    pub fn hub_credentials(&self) -> Option<SharedCredentialsProvider> {
        self.base.credentials_provider()
    }

    /// STS with the hub's own credentials.
    pub fn sts(&self) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::config::Builder::from(&*self.base)
            .retry_partition(partition("sts", "hub"))
            .retry_classifier(RetryAfter)
            .interceptor(self.answers(Format::Xml));
        aws_sdk_sts::Client::from_conf(config.build())
    }

    /// DynamoDB with the hub's own credentials.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::config::Builder::from(&*self.base)
            .retry_partition(partition("dynamodb", "hub"))
            .interceptor(self.answers(Format::Json));
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// DRS in one region of an account.
    pub fn drs(&self, session: &AccountSession, region: &str) -> aws_sdk_drs::Client {
        let config = aws_sdk_drs::config::Builder::from(&*self.base)
            .region(Region::new(region.to_owned()))
            .credentials_provider(session.credentials.clone())
            .identity_cache(IdentityCache::no_cache())
            .retry_partition(partition(&session.account_id, region))
            .retry_classifier(RetryAfter)
            .interceptor(self.answers(Format::Json));
        aws_sdk_drs::Client::from_conf(config.build())
    }

    /// AWS Organizations, as an account: its own one tells, and only the management account and
    /// delegated administrators are told.
    pub fn organizations(&self, session: &AccountSession) -> aws_sdk_organizations::Client {
        let config = aws_sdk_organizations::config::Builder::from(&*self.base)
            .credentials_provider(session.credentials.clone())
            .identity_cache(IdentityCache::no_cache())
            .retry_partition(partition(&session.account_id, "organizations"))
            .retry_classifier(RetryAfter)
            .interceptor(self.answers(Format::Json));
        aws_sdk_organizations::Client::from_conf(config.build())
    }

    /// AWS Account Management, of an account.
    pub fn account_management(&self, session: &AccountSession) -> aws_sdk_account::Client {
        let config = aws_sdk_account::config::Builder::from(&*self.base)
            .credentials_provider(session.credentials.clone())
            .identity_cache(IdentityCache::no_cache())
            .retry_partition(partition(&session.account_id, "account"))
            .retry_classifier(RetryAfter)
            .interceptor(self.answers(Format::Json));
        aws_sdk_account::Client::from_conf(config.build())
    }

    /// EC2 in one region of an account.
    pub fn ec2(&self, session: &AccountSession, region: &str) -> aws_sdk_ec2::Client {
        let config = aws_sdk_ec2::config::Builder::from(&*self.base)
            .region(Region::new(region.to_owned()))
            .credentials_provider(session.credentials.clone())
            .identity_cache(IdentityCache::no_cache())
            .retry_partition(partition(&session.account_id, region))
            .retry_classifier(RetryAfter)
            .interceptor(self.answers(Format::Xml));
        aws_sdk_ec2::Client::from_conf(config.build())
    }
}

fn defaults() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(shared_http_client())
}

/// The SDK keeps one budget of retries for a partition. One for each account and region, so that
/// an account that is throttled for ever does not use up the retries of all others.
fn partition(account: &str, region: &str) -> RetryPartition {
    RetryPartition::custom(format!("{account}/{region}")).build()
}
