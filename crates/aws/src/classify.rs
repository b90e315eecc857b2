//! What a failed call means: one of the eight statuses, whether a retry can help, what to do.

use crate::ServiceError;
use model::region::is_on_by_default;
use model::{Failure, RegionStatus};

/// Codes that mean throttling, whatever the service: the SDK's own list, less
/// `LimitExceededException` and `TransactionInProgressException`, which speak of quotas and of
/// transactions.
const THROTTLING_CODES: [&str; 12] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];
/// What to do where a region that is on in every account does not know a session.
const SESSION_REJECTED: &str = "AWS does not accept the credentials: check those that the sync starts with, the clock of its \
     machine and AWS_ENDPOINT_URL; the region itself cannot be turned off";
const TOO_MANY_REQUESTS: u16 = 429;

/// Codes of credentials that a region does not know, as where the account has not enabled it.
const UNKNOWN_CREDENTIALS_CODES: [&str; 3] =
    ["UnrecognizedClientException", "InvalidClientTokenId", "UnrecognizedClient"];

/// Codes of credentials that were good and are no more. Their texts speak of security tokens, too.
const EXPIRED_CODES: [&str; 4] =
    ["ExpiredTokenException", "ExpiredToken", "RequestExpired", "TokenRefreshRequired"];

const BAD_ANSWER_ADVICE: &str = "check for a proxy that answers in place of AWS; the next sync \
                                 asks again, and if it stays, tell AWS support";

/// Classifies `error` by what it is. The order of the tests is the order of the contract where
/// two could fit: a denial by a service control policy is also an access denial.
pub fn classify(error: &ServiceError) -> Failure {
    let status = status_of(error);
    Failure {
        status,
        code: error.code().to_owned(),
        message: error.message().to_owned(),
        retryable: is_retryable(status, error),
        advice: match error.is_bad_answer() {
            true => BAD_ANSWER_ADVICE.to_owned(),
            false => advice(status, error.code()).to_owned(),
        },
    }
}

/// Classifies what DRS answered in `region`. A region that is on in every account knows every
/// session: one that it does not know is none that AWS accepts.
pub fn classify_in(region: &str, error: &ServiceError) -> Failure {
    let failure = classify(error);
    if failure.status != RegionStatus::RegionNotEnabled || !is_on_by_default(region) {
        return failure;
    }
    Failure { status: RegionStatus::Error, advice: SESSION_REJECTED.to_owned(), ..failure }
}

fn status_of(error: &ServiceError) -> RegionStatus {
    let (code, http_status, message) = match error {
        ServiceError::Unreachable { .. } => return RegionStatus::EndpointUnreachable,
        ServiceError::Unusable { .. } => return RegionStatus::Error,
        ServiceError::Answered { code, http_status, message } => (code, *http_status, message),
    };
    let code = code.as_str();
    let text = message.to_lowercase();
    if code == "UninitializedAccountException" || text.contains("not initialized") {
        RegionStatus::NotInitialized
    } else if THROTTLING_CODES.contains(&code) || http_status == TOO_MANY_REQUESTS {
        RegionStatus::Throttled
    } else if is_denial(code, http_status, &text) && names_service_control_policy(&text) {
        RegionStatus::ScpDenied
    } else if is_access_denied_code(code) {
        RegionStatus::IamPermissionDenied
    } else if matches!(code, "OptInRequired" | "OptInRequiredException") {
        RegionStatus::RegionNotOptedIn
    } else if is_unknown_credentials(code, &text) {
        RegionStatus::RegionNotEnabled
    } else {
        RegionStatus::Error
    }
}

fn is_access_denied_code(code: &str) -> bool {
    ["AccessDenied", "UnauthorizedOperation", "UnauthorizedAccess", "NotAuthorized"]
        .iter()
        .any(|denied| code.contains(denied))
        || code == "AuthorizationError"
}

fn is_denial(code: &str, http_status: u16, text: &str) -> bool {
    is_access_denied_code(code)
        || matches!(http_status, 401 | 403)
        || ["denied", "deny", "denies", "not authorized", "blocked"]
            .iter()
            .any(|word| text.contains(word))
}

fn names_service_control_policy(text: &str) -> bool {
    text.contains("service control polic")
}

fn is_unknown_credentials(code: &str, text: &str) -> bool {
    if EXPIRED_CODES.contains(&code) {
        return false;
    }
    UNKNOWN_CREDENTIALS_CODES.contains(&code)
        || (text.contains("security token") && text.contains("invalid"))
}

fn is_retryable(status: RegionStatus, error: &ServiceError) -> bool {
    match status {
        RegionStatus::Throttled | RegionStatus::EndpointUnreachable => true,
        RegionStatus::Error => match error {
            ServiceError::Answered { http_status, code, .. } => {
                *http_status >= 500 || EXPIRED_CODES.contains(&code.as_str())
            }
            ServiceError::Unreachable { .. } | ServiceError::Unusable { .. } => {
                error.is_bad_answer()
            }
        },
        _ => false,
    }
}

/// What to do about a query that ended like this. `code` is that of the error, or empty.
pub fn advice(status: RegionStatus, code: &str) -> &'static str {
    match status {
        RegionStatus::Active => "nothing to do",
        RegionStatus::IamPermissionDenied => {
            "allow the denied action in the policy of the role that is assumed in this account"
        }
        RegionStatus::Throttled => {
            "wait for the next sync; if it stays, lower MAX_CONCURRENT_REGIONS or ask AWS for a higher rate"
        }
        RegionStatus::EndpointUnreachable => {
            "check network, proxy and DNS between the sync and this endpoint; the next sync asks again"
        }
        RegionStatus::ScpDenied => {
            "ask the administrators of the AWS organization: a service control policy denies it, no role can allow it"
        }
        RegionStatus::RegionNotEnabled => {
            "enable the region in the account if it is to be used there"
        }
        RegionStatus::RegionNotOptedIn => "opt the account in to the region if it is to be used",
        RegionStatus::NotInitialized => {
            "initialize DRS in this account and region if it is to be used there"
        }
        RegionStatus::Error if EXPIRED_CODES.contains(&code) => {
            "renew the credentials the sync starts with, then sync again"
        }
        RegionStatus::Error => {
            "look the code up in the documentation of the service; the next sync asks again"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(http_status: u16, code: &str, message: &str) -> RegionStatus {
        status_of(&ServiceError::Answered {
            http_status,
            code: code.to_owned(),
            message: message.to_owned(),
        })
    }

    #[test]
    fn each_status_from_its_codes_and_texts() {
        use RegionStatus::*;
        let scp = "User is not authorized with an explicit deny in a service control policy";
        for (http, code, message, expected) in [
            (400, "UninitializedAccountException", "Account not initialized", NotInitialized),
            (400, "ValidationException", "DRS is Not Initialized here", NotInitialized),
            (403, "AccessDeniedException", "User is not authorized", IamPermissionDenied),
            (403, "AccessDenied", "no", IamPermissionDenied),
            (403, "UnauthorizedOperation", "no", IamPermissionDenied),
            (403, "AccessDeniedException", scp, ScpDenied),
            (403, "UnauthorizedOperation", scp, ScpDenied),
            (400, "ServiceException", "denied by Service Control Policies", ScpDenied),
            (403, "AccessDeniedException", "not authorized on scp-reader", IamPermissionDenied),
            (400, "ValidationException", "scp missing", Error),
            (400, "ValidationException", "malformed service control policy id", Error),
            (429, "ThrottlingException", "Rate exceeded", Throttled),
            (400, "ThrottlingException", "Rate exceeded", Throttled),
            (503, "RequestLimitExceeded", "", Throttled),
            (429, "SomethingElse", "", Throttled),
            (429, "TooManyRequestsException", "reading service control policy", Throttled),
            (400, "OptInRequired", "not subscribed", RegionNotOptedIn),
            (403, "UnrecognizedClientException", "", RegionNotEnabled),
            (403, "InvalidClientTokenId", "", RegionNotEnabled),
            (403, "X", "The security token included in the request is invalid.", RegionNotEnabled),
            (403, "ExpiredTokenException", "The security token included is expired", Error),
            (403, "ExpiredToken", "invalid security token: expired", Error),
            (402, "ServiceQuotaExceededException", "quota", Error),
            (500, "InternalServerException", "oops", Error),
        ] {
            assert_eq!(answered(http, code, message), expected, "{http} {code} {message}");
        }
    }

    #[test]
    fn what_nothing_answered_is_unreachable_whatever_its_text() {
        for message in ["reset", "AccessDeniedException", "not initialized"] {
            let error =
                ServiceError::Unreachable { code: "ConnectionFailed", message: message.to_owned() };
            assert_eq!(status_of(&error), RegionStatus::EndpointUnreachable);
            assert!(classify(&error).retryable);
        }
    }

    #[test]
    fn a_denial_cannot_be_retried_and_a_server_error_can() {
        let failure = |http_status, code: &str| {
            classify(&ServiceError::Answered {
                http_status,
                code: code.to_owned(),
                message: String::new(),
            })
        };
        assert!(!failure(403, "AccessDeniedException").retryable);
        assert!(!failure(402, "ServiceQuotaExceededException").retryable);
        assert!(failure(500, "InternalServerException").retryable);
        assert!(failure(429, "ThrottlingException").retryable);
    }

    #[test]
    fn every_status_says_what_to_do() {
        for status in RegionStatus::ALL {
            for code in ["AnyCode", "ExpiredToken"] {
                assert!(advice(status, code).len() > "nothing".len(), "{status} {code}");
            }
        }
        assert!(advice(RegionStatus::Error, "ExpiredToken").contains("renew"));
    }

    #[test]
    fn a_region_that_cannot_be_turned_off_is_never_not_enabled() {
        for code in UNKNOWN_CREDENTIALS_CODES {
            let error = ServiceError::Answered {
                http_status: 403,
                code: code.to_owned(),
                message: String::new(),
            };
            let status = |region| classify_in(region, &error).status;
            assert_eq!(status("us-east-1"), RegionStatus::Error);
            assert_eq!(status("us-gov-west-1"), RegionStatus::Error);
            assert_eq!(status("me-south-1"), RegionStatus::RegionNotEnabled);
            assert_eq!(classify_in("us-east-1", &error).code, code);
        }
    }

    #[test]
    fn a_service_control_policy_says_whom_to_ask() {
        let failure = classify(&ServiceError::Answered {
            http_status: 403,
            code: "AccessDeniedException".to_owned(),
            message: "explicit deny in a service control policy".to_owned(),
        });
        assert!(failure.advice.contains("organization"), "{}", failure.advice);
    }
}
