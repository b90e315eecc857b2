//! Step 2: credentials for an account, from STS, cached.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws::{AccountSession, Aws, ServiceError, classify, service_error};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_async::time::SharedTimeSource;
use model::role_arn::role_account;
use model::{AccountToQuery, ExternalId, Failure, Listing, RegionStatus, is_account_id};
use moka::future::Cache;

/// How long a session is good for. One hour is the most that AWS allows a role that was itself
/// assumed from a role, as the hub's is on Lambda.
const SESSION_SECONDS: i32 = 3600;
/// A session is renewed when less than this is left, so that none ends amid a page.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);
/// A role that could not be assumed is not tried again for as long, however many ask.
const FORGET_FAILURE_AFTER: Duration = Duration::from_secs(30);
/// As the member accounts' CloudTrail shows it.
const SESSION_NAME: &str = "drs-inventory-sync";

/// Sessions by role. Clones share it.
#[derive(Clone)]
pub struct CredentialsCache {
    sessions: Cache<Role, Attempt>,
    sts: aws_sdk_sts::Client,
    clock: SharedTimeSource,
}

/// A role and what its trust policy asks for.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Role {
    arn: String,
    external_id: Option<ExternalId>,
}

#[derive(Clone)]
struct Attempt {
    result: Result<Credentials, Arc<Failure>>,
    good_until: SystemTime,
}

/// The hub: the account the sync starts in.
#[derive(Debug, Clone)]
pub struct Hub {
    /// Twelve digits.
    pub account_id: String,
    /// `aws`, `aws-us-gov`, `aws-cn`.
    pub partition: String,
}

/// Asks STS which account the hub's own credentials belong to.
///
/// # Errors
/// What STS answered, or an answer that names no account.
pub async fn identify_hub(aws: &Aws) -> Result<Hub, ServiceError> {
    let answer = aws.sts().get_caller_identity().send().await;
    let identity = answer.map_err(|error| service_error(&error))?;
    let partition = identity.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
    let account = identity.account().filter(|id| is_account_id(id));
    let account_id = account.map(str::to_owned).ok_or_else(|| ServiceError::Unusable {
        code: "InvalidResponse",
        message: "the answer to GetCallerIdentity names no account of twelve digits".to_owned(),
    })?;
    Ok(Hub { account_id, partition: partition.to_owned() })
}

impl CredentialsCache {
    /// An empty cache.
    pub fn new(aws: &Aws, clock: SharedTimeSource) -> Self {
        Self { sessions: Cache::new(10_000), sts: aws.sts(), clock }
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

/// Assumes a role in another account.
///
/// # Errors
/// What STS answered, classified; or an answer without all three parts of a credential.
pub async fn get_cross_account_session(
    sts: &aws_sdk_sts::Client,
    role_arn: &str,
    external_id: Option<&ExternalId>,
) -> Result<Credentials, Failure> {
    let answer = sts
        .assume_role()
        .role_arn(role_arn)
        .role_session_name(SESSION_NAME)
        .duration_seconds(SESSION_SECONDS)
        .set_external_id(external_id.map(|id| id.expose().to_owned()))
        .send()
        .await
        .map_err(|error| {
            let mut failure = classify(&service_error(&error));
            failure.message = without_external_id(&failure.message, external_id);
            if failure.status == RegionStatus::IamPermissionDenied {
                failure.advice =
                    "check that the role exists, that it trusts the hub's role, and that \
                                  its external id is the one in the accounts table"
                        .to_owned();
            }
            failure
        })?;
    let parts = answer.credentials();
    let session = parts.and_then(|parts| {
        let expiry = SystemTime::try_from(*parts.expiration()).ok()?;
        let filled = [parts.access_key_id(), parts.secret_access_key(), parts.session_token()]
            .iter()
            .all(|part| !part.is_empty());
        filled.then(|| {
            Credentials::new(
                parts.access_key_id(),
                parts.secret_access_key(),
                Some(parts.session_token().to_owned()),
                Some(expiry),
                "AssumeRole",
            )
        })
    });
    session.ok_or_else(|| {
        own_failure("InvalidResponse", "STS answered without credentials", "sync again")
    })
}

/// An external id of a few letters could be part of any word: it is taken out where it is quoted.
const SHORTEST_SECRET: usize = 6;

fn without_external_id(message: &str, external_id: Option<&ExternalId>) -> String {
    let Some(secret) = external_id.map(ExternalId::expose) else { return message.to_owned() };
    let quoted = message.replace(&format!("'{secret}'"), "[redacted]");
    if secret.len() < SHORTEST_SECRET { quoted } else { quoted.replace(secret, "[redacted]") }
}

/// Credentials for an account, through the first of its listings that can be entered, or why
/// there are none.
///
/// The hub needs no role. Another account without one is never read with the hub's own
/// credentials: its rows would be the hub's servers under a wrong name.
///
/// # Errors
/// Why the account cannot be entered: of several listings, the last one that STS refused.
pub async fn get_account_credentials(
    aws: &Aws,
    cache: &CredentialsCache,
    hub: &Hub,
    account: &AccountToQuery,
) -> Result<AccountSession, Failure> {
    if account.account_id == hub.account_id {
        return hub_session(aws, hub);
    }
    let mut failure = own_failure("NoRole", "the account is not listed", "add the account");
    for listing in &account.listings {
        match enter(cache, &account.account_id, listing).await {
            Ok(session) => return Ok(session),
            Err(next) => failure = next,
        }
    }
    Err(failure)
}

fn hub_session(aws: &Aws, hub: &Hub) -> Result<AccountSession, Failure> {
    let credentials = aws.hub_credentials().ok_or_else(|| {
        own_failure("NoCredentials", "there are no AWS credentials", "configure the AWS SDK")
    })?;
    let (account_id, partition) = (hub.account_id.clone(), hub.partition.clone());
    Ok(AccountSession { account_id, partition, credentials })
}

async fn enter(
    cache: &CredentialsCache,
    account_id: &str,
    listing: &Listing,
) -> Result<AccountSession, Failure> {
    let role = usable_role(account_id, listing)?;
    let partition = role.arn.split(':').nth(1).unwrap_or_default().to_owned();
    cache.session(role.clone()).await.map_err(|failure| (*failure).clone())?;
    Ok(AccountSession {
        account_id: account_id.to_owned(),
        partition,
        credentials: SharedCredentialsProvider::new(RoleCredentials { cache: cache.clone(), role }),
    })
}

fn usable_role(account_id: &str, listing: &Listing) -> Result<Role, Failure> {
    if let Some(problem) = &listing.problem {
        return Err(own_failure("InvalidAccount", problem, "correct the row of the account"));
    }
    let Some(arn) = &listing.role_arn else {
        return Err(own_failure(
            "NoRole",
            "the account has no roleArn",
            "add the role that the hub may assume in this account",
        ));
    };
    match role_account(arn) {
        Some(owner) if owner == account_id => {
            Ok(Role { arn: arn.clone(), external_id: listing.external_id.clone() })
        }
        Some(owner) => Err(own_failure(
            "RoleOfOtherAccount",
            &format!("the roleArn {arn} is of account {owner}"),
            "correct the roleArn of the account",
        )),
        None => Err(own_failure(
            "InvalidRoleArn",
            &format!("{arn:?} is no ARN of a role"),
            "correct the roleArn, as in arn:aws:iam::222222222222:role/DRSOrchestrationRole",
        )),
    }
}

/// A failure that no service answered: the accounts table is at fault.
fn own_failure(code: &str, message: &str, advice: &str) -> Failure {
    Failure {
        status: RegionStatus::Error,
        code: code.to_owned(),
        message: message.to_owned(),
        retryable: false,
        advice: advice.to_owned(),
    }
}

/// Hands a client the session of a role, a new one when the old one is about to end.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_id_that_is_echoed_is_taken_out() {
        let clean = |secret: &str, message: &str| {
            without_external_id(message, Some(&ExternalId::new(secret)))
        };
        assert_eq!(clean("a-long-secret", "got a-long-secret"), "got [redacted]");
        assert_eq!(clean("no", "Value 'no' is not allowed"), "Value [redacted] is not allowed");
    }
}
