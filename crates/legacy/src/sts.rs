//! STS as the legacy function asked it: who the hub is, and a role's credentials, anew each time.

use std::time::{Duration, SystemTime};

use aws::{Aws, CallPolicy, service_error};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

const SESSION_SECONDS: i32 = 900;
/// boto3 refuses shorter arguments without a call. Source: STS API reference, `AssumeRole`.
const SHORTEST_ROLE_ARN: usize = 20;
const SHORTEST_EXTERNAL_ID: usize = 2;

/// The defaults of boto3: five attempts. Its read timeout of 60 s is shortened: a hang would
/// take five minutes, which the legacy function's own limit never let it wait.
pub(super) fn policy() -> CallPolicy {
    CallPolicy {
        connect_timeout: Duration::from_secs(10),
        read_timeout: Duration::from_secs(10),
        operation_timeout: Duration::from_secs(60),
        max_attempts: 5,
    }
}

/// The hub's own account id, `unknown` where STS does not tell.
pub(super) async fn hub_account(aws: &Aws) -> String {
    let identity = aws.sts().get_caller_identity().send().await.ok();
    identity.and_then(|identity| identity.account).unwrap_or_else(|| "unknown".to_owned())
}

/// The credentials of a role, for 15 minutes.
pub(super) async fn assume(
    aws: &Aws,
    role_arn: &str,
    session_name: &str,
    external_id: Option<&str>,
) -> Result<SharedCredentialsProvider, String> {
    let too_short = external_id.is_some_and(|id| id.len() < SHORTEST_EXTERNAL_ID);
    if role_arn.len() < SHORTEST_ROLE_ARN || too_short {
        return Err("parameter validation failed".to_owned());
    }
    let assume = aws
        .sts()
        .assume_role()
        .role_arn(role_arn)
        .role_session_name(session_name)
        .duration_seconds(SESSION_SECONDS)
        .set_external_id(external_id.map(str::to_owned));
    let answer = assume.send().await.map_err(|error| {
        let text = service_error(&error).to_string();
        match external_id {
            Some(secret) => text.replace(secret, "[redacted]"),
            None => text,
        }
    })?;
    let parts = answer.credentials().ok_or("no credentials in the answer")?;
    Ok(SharedCredentialsProvider::new(Credentials::new(
        parts.access_key_id(),
        parts.secret_access_key(),
        Some(parts.session_token().to_owned()),
        SystemTime::try_from(*parts.expiration()).ok(),
        "AssumeRole",
    )))
}
