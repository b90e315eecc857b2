//! `AssumeRole`: a session in another account.

use std::time::SystemTime;

use aws::{ServiceError, classify, service_error};
use aws_credential_types::Credentials;
use model::{ExternalId, Failure, RegionStatus};

use super::failure::own_failure;

/// How long a session is good for. One hour is the most that AWS allows a role that was itself
/// assumed from a role, as the hub's is on Lambda.
const SESSION_SECONDS: i32 = 3600;
/// As the member accounts' CloudTrail shows it.
const SESSION_NAME: &str = "drs-inventory-sync";
/// An external id of a few letters could be part of any word: it is taken out where it is quoted.
const SHORTEST_SECRET: usize = 6;

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
        .map_err(|error| refusal(&service_error(&error), external_id))?;
    answer.credentials().and_then(whole).ok_or_else(|| {
        own_failure("InvalidResponse", "STS answered without credentials", "sync again")
    })
}

fn refusal(error: &ServiceError, external_id: Option<&ExternalId>) -> Failure {
    let mut failure = classify(error);
    failure.message = without_external_id(&failure.message, external_id);
    if failure.status == RegionStatus::IamPermissionDenied {
        failure.advice = "check that the role exists, that it trusts the hub's role, and that its \
                          external id is the one in the accounts table"
            .to_owned();
    }
    failure
}

/// None where one of the three parts is empty, or the end is no time.
fn whole(parts: &aws_sdk_sts::types::Credentials) -> Option<Credentials> {
    let expiry = SystemTime::try_from(*parts.expiration()).ok()?;
    let (key, secret, token) =
        (parts.access_key_id(), parts.secret_access_key(), parts.session_token());
    let filled = [key, secret, token].iter().all(|part| !part.is_empty());
    filled
        .then(|| Credentials::new(key, secret, Some(token.to_owned()), Some(expiry), "AssumeRole"))
}

fn without_external_id(message: &str, external_id: Option<&ExternalId>) -> String {
    let Some(secret) = external_id.map(ExternalId::expose) else { return message.to_owned() };
    let quoted = message.replace(&format!("'{secret}'"), "[redacted]");
    if secret.len() < SHORTEST_SECRET { quoted } else { quoted.replace(secret, "[redacted]") }
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
