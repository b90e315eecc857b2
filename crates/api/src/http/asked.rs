//! The parameters of an operation in a request: in its path, its query and its body, together.

use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::{RequestExt, body::Bytes};
use serde_json::{Map, Value};

use super::LONGEST_BODY;
use super::answered::Unreadable;
use crate::parameters::{add, in_query, object_in};

/// The parameters of a request.
///
/// # Errors
/// A request that cannot be read.
pub(super) async fn parameters(request: Request) -> Result<Map<String, Value>, Unreadable> {
    let (mut parts, body) = request.into_parts();
    let mut parameters = match parts.method {
        Method::POST | Method::PUT | Method::DELETE => {
            let body = Request::from_parts(parts.clone(), body).extract::<Bytes, _>().await;
            in_body(&parts.headers, body)?
        }
        _ => Map::new(),
    };
    let others = in_query(&parts.uri)?;
    for (name, value) in others.into_iter().chain(in_path(&mut parts).await) {
        add(&mut parameters, name, Value::from(value))?;
    }
    Ok(parameters)
}

/// JSON and nothing else: a form of another site cannot send it unasked.
fn in_body(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Map<String, Value>, Unreadable> {
    let body = body.map_err(|rejection| not_whole(&rejection))?;
    if body.is_empty() {
        return Ok(Map::new());
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let message = "the body is not application/json";
        return Err(Unreadable::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let text = std::str::from_utf8(&body);
    let not_utf8 = "the body is not UTF-8";
    let text = text.map_err(|_| Unreadable::with_status(StatusCode::BAD_REQUEST, not_utf8))?;
    Ok(object_in(text)?)
}

fn not_whole(rejection: &BytesRejection) -> Unreadable {
    let message = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => format!("the body is longer than {LONGEST_BODY} bytes"),
        _ => rejection.body_text(),
    };
    Unreadable::with_status(rejection.status(), &message)
}

async fn in_path(parts: &mut Parts) -> Vec<(String, String)> {
    let params = RawPathParams::from_request_parts(parts, &()).await;
    let Ok(params) = params else { return Vec::new() };
    params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
