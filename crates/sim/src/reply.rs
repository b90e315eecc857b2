//! What goes back over the wire.

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;

use crate::recorder::{Outcome, Service};
use crate::world::{Connection, Fault};

/// An answer, an error, or no answer.
pub(crate) enum Reply {
    Answer { content_type: &'static str, body: Vec<u8> },
    Error { status: u16, code: String, message: String },
    Reset,
    Hang,
}

pub(crate) const JSON: &str = "application/json";
/// Of Organizations.
pub(crate) const JSON_1_1: &str = "application/x-amz-json-1.1";
pub(crate) const XML: &str = "text/xml;charset=UTF-8";
/// Of every answer of STS, errors included.
pub(crate) const STS_NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

impl Reply {
    pub(crate) fn error(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self::Error { status, code: code.to_owned(), message: message.into() }
    }

    pub(crate) fn fault(fault: &Fault) -> Self {
        match fault.connection {
            Some(Connection::Reset) => Self::Reset,
            Some(Connection::Hang) => Self::Hang,
            None => Self::error(
                fault.status.unwrap_or(500),
                fault.code.as_deref().unwrap_or_default(),
                fault.message.clone().unwrap_or_default(),
            ),
        }
    }

    pub(crate) fn xml<T: serde::Serialize>(root: &str, document: &T) -> Self {
        match quick_xml::se::to_string_with_root(root, document) {
            Ok(body) => Self::Answer { content_type: XML, body: body.into_bytes() },
            Err(error) => Self::error(500, "InternalError", error.to_string()),
        }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Answer { .. } => Outcome::Answered,
            Self::Error { status, code, .. } => {
                Outcome::Failed { status: *status, code: code.clone() }
            }
            Self::Reset => Outcome::Reset,
            Self::Hang => Outcome::Hung,
        }
    }

    /// The HTTP response in the format of `service`; none where the connection fails.
    pub(crate) fn into_response(self, service: Service) -> Option<Response<Full<Bytes>>> {
        let request_id = format!("sim-{:016x}", fastrand::u64(..));
        let response = Response::builder().header("x-amzn-requestid", &request_id);
        let response = match self {
            Self::Answer { content_type, body } => {
                response.header(http::header::CONTENT_TYPE, content_type).body(Full::from(body))
            }
            Self::Error { status, code, message } => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
                let (content_type, body) = error_body(service, &code, &message, &request_id);
                let response =
                    response.status(status).header(http::header::CONTENT_TYPE, content_type);
                let response = match service {
                    Service::Drs | Service::Account => response.header("x-amzn-errortype", code),
                    Service::Ec2 | Service::Sts | Service::Organizations => response,
                };
                response.body(Full::from(body))
            }
            Self::Reset | Self::Hang => return None,
        };
        response.ok()
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorDetail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'a str>,
    code: &'a str,
    message: &'a str,
}

#[derive(serde::Serialize)]
struct Ec2Error<'a> {
    #[serde(rename = "Errors")]
    errors: Ec2Errors<'a>,
    #[serde(rename = "RequestID")]
    request_id: &'a str,
}

#[derive(serde::Serialize)]
struct Ec2Errors<'a> {
    #[serde(rename = "Error")]
    error: ErrorDetail<'a>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct StsError<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'a str,
    error: ErrorDetail<'a>,
    request_id: &'a str,
}

fn error_body(
    service: Service,
    code: &str,
    message: &str,
    request_id: &str,
) -> (&'static str, String) {
    let body = match service {
        Service::Drs | Service::Account => {
            return (JSON, serde_json::json!({ "code": code, "message": message }).to_string());
        }
        Service::Organizations => {
            let body = serde_json::json!({ "__type": code, "Message": message });
            return (JSON_1_1, body.to_string());
        }
        Service::Ec2 => {
            let error = ErrorDetail { r#type: None, code, message };
            let errors = Ec2Errors { error };
            quick_xml::se::to_string_with_root("Response", &Ec2Error { errors, request_id })
        }
        Service::Sts => {
            let error = ErrorDetail { r#type: Some("Sender"), code, message };
            let namespace = STS_NAMESPACE;
            let document = StsError { namespace, error, request_id };
            quick_xml::se::to_string_with_root("ErrorResponse", &document)
        }
    };
    (XML, body.unwrap_or_default())
}
