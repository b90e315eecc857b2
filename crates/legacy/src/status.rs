//! The eight errors, in the order in which the legacy function tested them.

use aws::ServiceError;

/// The text that boto3 gives an error that a service answered.
pub(super) fn text(operation: &str, error: &ServiceError) -> String {
    let (code, message) = (error.code(), error.message());
    match error {
        ServiceError::Answered { .. } => {
            format!("An error occurred ({code}) when calling the {operation} operation: {message}")
        }
        _ => message.to_owned(),
    }
}

/// The status of a region that failed. The message was worked out, too, and then lost.
pub(super) fn status_of(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::Answered { code, .. } => {
            answered(code, &text("DescribeSourceServers", error))
        }
        _ if could_not_connect(error) => "ENDPOINT_UNREACHABLE",
        _ => "ERROR",
    }
}

fn answered(code: &str, text: &str) -> &'static str {
    let lower = text.to_lowercase();
    if code == "UninitializedAccountException" || text.contains("not initialized") {
        "NOT_INITIALIZED"
    } else if text.contains("AccessDeniedException") {
        "IAM_PERMISSION_DENIED"
    } else if lower.contains("service control policy") || lower.contains("scp") {
        "SCP_DENIED"
    } else if matches!(code, "ThrottlingException" | "TooManyRequestsException") {
        "THROTTLED"
    } else if code == "OptInRequired" {
        "REGION_NOT_OPTED_IN"
    } else {
        "ERROR"
    }
}

/// Refused, or no such name. To boto3 a connection that was closed, or that never answered, is
/// another error, which the legacy function did not know.
fn could_not_connect(error: &ServiceError) -> bool {
    let text = error.message();
    matches!(error, ServiceError::Unreachable { code: "ConnectionFailed", .. })
        && text.contains("(Connect)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_tests_is_that_of_the_legacy_function() {
        let status = |code: &str, message: &str| {
            status_of(&ServiceError::Answered {
                http_status: 400,
                code: code.to_owned(),
                message: message.to_owned(),
            })
        };
        for (code, message, expected) in [
            ("UninitializedAccountException", "x", "NOT_INITIALIZED"),
            ("ValidationException", "DRS is not initialized", "NOT_INITIALIZED"),
            ("ValidationException", "DRS is Not Initialized", "ERROR"),
            ("AccessDeniedException", "deny in a service control policy", "IAM_PERMISSION_DENIED"),
            ("Other", "caused by AccessDeniedException", "IAM_PERMISSION_DENIED"),
            ("AccessDenied", "no", "ERROR"),
            ("AccessDenied", "by an SCP", "SCP_DENIED"),
            ("ThrottlingException", "scp", "SCP_DENIED"),
            ("ThrottlingException", "Rate exceeded", "THROTTLED"),
            ("TooManyRequestsException", "", "THROTTLED"),
            ("RequestLimitExceeded", "", "ERROR"),
            ("OptInRequired", "", "REGION_NOT_OPTED_IN"),
            ("UnrecognizedClientException", "security token invalid", "ERROR"),
        ] {
            assert_eq!(status(code, message), expected, "{code} {message}");
        }
    }

    #[test]
    fn only_a_connection_that_was_not_made_is_unreachable() {
        let status = |code, message: &str| {
            status_of(&ServiceError::Unreachable { code, message: message.to_owned() })
        };
        assert_eq!(
            status("ConnectionFailed", "dispatch failure: client error (Connect)"),
            "ENDPOINT_UNREACHABLE"
        );
        assert_eq!(status("ConnectionFailed", "client error (SendRequest)"), "ERROR");
        assert_eq!(status("Timeout", "timeout: (Connect)"), "ERROR");
    }
}
