//! Proxy events of API Gateway, v1 (REST APIs) and v2 (HTTP APIs).

use api::parameters::{add, object_in};
use api::{ErrorCode, Failure, Operation};
use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayV2httpRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Asked, Caller};

/// What both versions have in common.
struct Http {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    body: Option<String>,
}

/// Which API brings the event; none where none does.
pub(super) fn caller(event: &Value) -> Option<Caller> {
    let is_rest = event.get("httpMethod").is_some();
    let is_http = event.pointer("/requestContext/http").is_some();
    match (is_rest, is_http) {
        (true, _) => Some(Caller::RestApi),
        (false, true) => Some(Caller::HttpApi),
        (false, false) => None,
    }
}

pub(super) fn parse<O: Operation>(caller: Caller, event: Value) -> Result<Asked<O>, Failure> {
    let http = read(event)?;
    if http.method == "OPTIONS" && caller == Caller::RestApi {
        return Ok(Asked::Preflight);
    }
    let (operation, in_path) = O::at(&http.method, &http.path)?;
    let mut parameters = object_in(http.body.as_deref().unwrap_or_default())?;
    for (name, value) in http.query.into_iter().chain(in_path) {
        add(&mut parameters, name, Value::from(value))?;
    }
    operation.read(parameters).map(Asked::For)
}

fn read(event: Value) -> Result<Http, Failure> {
    let invalid = |error: serde_json::Error| {
        let message = format!("the event is no proxy event of API Gateway: {error}");
        Failure::new(ErrorCode::InvalidInvocation, message)
    };
    if event.get("httpMethod").is_some() {
        let event: ApiGatewayProxyRequest = serde_json::from_value(event).map_err(invalid)?;
        let path = event.path.unwrap_or_default();
        return Ok(Http {
            method: event.http_method.as_str().to_owned(),
            path,
            query: pairs(&event.query_string_parameters),
            body: decode(event.body, event.is_base64_encoded)?,
        });
    }
    let event: ApiGatewayV2httpRequest = serde_json::from_value(event).map_err(invalid)?;
    let path = event.raw_path.or(event.request_context.http.path).unwrap_or_default();
    // A path of a stage other than the default starts with its name.
    let stage = event.request_context.stage.filter(|stage| stage != "$default").unwrap_or_default();
    let path = match path.strip_prefix(&format!("/{stage}")) {
        Some(rest) if !stage.is_empty() && rest.starts_with('/') => rest.to_owned(),
        _ => path,
    };
    Ok(Http {
        method: event.request_context.http.method.as_str().to_owned(),
        path,
        query: pairs(&event.query_string_parameters),
        body: decode(event.body, event.is_base64_encoded)?,
    })
}

fn pairs(query: &aws_lambda_events::query_map::QueryMap) -> Vec<(String, String)> {
    query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn decode(body: Option<String>, is_base64: bool) -> Result<Option<String>, Failure> {
    let invalid =
        |what| Failure::new(ErrorCode::InvalidInvocation, format!("the body is not {what}"));
    match body {
        Some(body) if is_base64 => {
            let bytes = STANDARD.decode(body).map_err(|_| invalid("base64, as the event says"))?;
            String::from_utf8(bytes).map(Some).map_err(|_| invalid("UTF-8"))
        }
        body => Ok(body),
    }
}
