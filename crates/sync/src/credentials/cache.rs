//! Sessions by role, each assumed once and kept until shortly before it ends.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws::Aws;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_async::time::SharedTimeSource;
use model::Failure;
use moka::future::Cache;

use super::role::Role;
use super::session::get_cross_account_session;

/// A session is renewed when less than this is left, so that none ends amid a page.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);
/// A role that could not be assumed is not tried again for as long, however many ask.
const FORGET_FAILURE_AFTER: Duration = Duration::from_secs(30);

/// Sessions by role. Clones share it.
#[derive(Clone)]
pub struct CredentialsCache {
    sessions: Cache<Role, Attempt>,
    sts: aws_sdk_sts::Client,
    clock: SharedTimeSource,
}

#[derive(Clone)]
struct Attempt {
    result: Result<Credentials, Arc<Failure>>,
    good_until: SystemTime,
}

impl CredentialsCache {
    /// An empty cache.
    pub fn new(aws: &Aws, clock: SharedTimeSource) -> Self {
        Self { sessions: Cache::new(10_000), sts: aws.sts(), clock }
    }

    /// What a client enters an account with, where `role` can be assumed.
    pub(super) async fn enter(&self, role: Role) -> Result<SharedCredentialsProvider, Failure> {
        self.session(role.clone()).await.map_err(|failure| (*failure).clone())?;
        Ok(SharedCredentialsProvider::new(RoleCredentials { cache: self.clone(), role }))
    }

    /// The session of `role`, made once however many ask at the same time.
    async fn session(&self, role: Role) -> Result<Credentials, Arc<Failure>> {
        let now = self.clock.now();
        let entry = self
            .sessions
            .entry(role.clone())
            .or_insert_with_if(self.assume(&role), |attempt| attempt.good_until <= now);
        entry.await.into_value().result
    }

    async fn assume(&self, role: &Role) -> Attempt {
        match get_cross_account_session(&self.sts, &role.arn, role.external_id.as_ref()).await {
            Ok(credentials) => {
                let expiry = credentials.expiry().unwrap_or(SystemTime::UNIX_EPOCH);
                let good_until = expiry.checked_sub(RENEW_BEFORE).unwrap_or(expiry);
                Attempt { result: Ok(credentials), good_until }
            }
            Err(failure) => {
                tracing::warn!(
                    role_arn = role.arn,
                    code = failure.code,
                    cause = failure.message,
                    "cannot assume the role; check that it exists, that it trusts the hub, and its external id"
                );
                let good_until = self.clock.now() + FORGET_FAILURE_AFTER;
                Attempt { result: Err(Arc::new(failure)), good_until }
            }
        }
    }
}

/// Hands a client the session of a role, another one when that is about to end.
#[derive(Clone)]
struct RoleCredentials {
    cache: CredentialsCache,
    role: Role,
}

impl std::fmt::Debug for RoleCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RoleCredentials({})", self.role.arn)
    }
}

impl ProvideCredentials for RoleCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let session = self.cache.session(self.role.clone()).await;
            session.map_err(|failure| {
                provider::error::CredentialsError::provider_error(failure.message.clone())
            })
        })
    }
}
