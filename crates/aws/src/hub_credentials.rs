//! The hub's own credentials, resolved once for all clients.
//!
//! Clients keep no identities: those of an account belong to whoever made its session. What the
//! SDK's chain resolves can cost a call of STS, a program that is started, or a sign-on.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_async::time::SharedTimeSource;
use tokio::sync::Mutex;

/// Credentials are resolved anew when less than this is left. Longer than a call with all its
/// retries, and shorter than what containers and instances hand out at the least (five minutes).
const RENEW_BEFORE: Duration = Duration::from_secs(60);
/// How long credentials without an end are kept, so that a key that was replaced in a file is
/// seen. As long as the SDK keeps them.
const KEEP_ENDLESS_FOR: Duration = Duration::from_secs(15 * 60);

/// Asks `chain` once for all who ask at the same time, and keeps the answer until shortly before
/// it ends.
pub(super) struct HubCredentials {
    chain: SharedCredentialsProvider,
    clock: SharedTimeSource,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    credentials: Credentials,
    good_until: SystemTime,
}

impl HubCredentials {
    pub(super) fn new(chain: SharedCredentialsProvider, clock: SharedTimeSource) -> Self {
        Self { chain, clock, kept: Mutex::new(None) }
    }

    async fn get(&self) -> provider::Result {
        // Held while the chain works: whoever asks meanwhile gets its answer.
        let mut kept = self.kept.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| self.clock.now() < kept.good_until) {
            return Ok(kept.credentials.clone());
        }
        let credentials = self.chain.provide_credentials().await?;
        let good_until = match credentials.expiry() {
            Some(expiry) => expiry.checked_sub(RENEW_BEFORE).unwrap_or(expiry),
            None => self.clock.now() + KEEP_ENDLESS_FOR,
        };
        *kept = Some(Kept { credentials: credentials.clone(), good_until });
        Ok(credentials)
    }
}

impl std::fmt::Debug for HubCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HubCredentials")
    }
}

impl ProvideCredentials for HubCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.get())
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.chain.fallback_on_interrupt()
    }
}
