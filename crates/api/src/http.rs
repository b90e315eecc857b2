//! The operations and the pages over HTTP: one router, whoever serves it and checks who comes in.
//!
//! - `operations`: the operations at their routes.
//! - `asked`: the parameters of an operation in a request.
//! - `answered`: an answer or a failure as a response.
//! - `headers`: what every response says to a browser.

mod answered;
mod asked;
mod headers;
mod operations;

use std::sync::LazyLock;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::failure::{ErrorCode, Failure};
use crate::openapi;
use crate::pages;
use crate::site::Site;

use answered::{failed_with, json};

pub use answered::failed;
pub use headers::with_headers;

/// Bytes of a request's body. The largest is a group that names its servers one by one.
const LONGEST_BODY: usize = 1024 * 1024;

/// Everything under one address: operations as JSON, pages as HTML, `/openapi.json`.
///
/// It asks nobody who they are: whoever serves it puts a check in front.
pub fn router(site: Site) -> Router {
    let routes = operations::routes().merge(pages::routes());
    let routes = routes.route("/openapi.json", get(document));
    let routes = routes.fallback(nothing_here).method_not_allowed_fallback(not_this_way);
    let routes = routes
        .layer(CsrfLayer::new().with_rejection_response(from_elsewhere))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(site);
    with_headers(routes)
}

/// The document of all operations. It says the same as long as the program runs.
async fn document() -> Response {
    static DOCUMENT: LazyLock<Value> =
        LazyLock::new(|| serde_json::to_value(openapi::document()).unwrap_or_default());
    json(StatusCode::OK, &DOCUMENT)
}

fn from_elsewhere(_: ProtectionError) -> Response {
    let message = "the request comes from another site";
    failed(&Failure::new(ErrorCode::AuthorizationFailed, message))
}

async fn nothing_here(uri: Uri) -> Response {
    let path: String = uri.path().chars().take(100).collect();
    failed(&Failure::new(ErrorCode::InvalidOperation, format!("there is nothing at {path:?}")))
}

async fn not_this_way(method: Method, uri: Uri) -> Response {
    let path: String = uri.path().chars().take(100).collect();
    let message = format!("{method} is not possible at {path:?}");
    let failure = Failure::new(ErrorCode::InvalidOperation, message);
    failed_with(&failure, StatusCode::METHOD_NOT_ALLOWED)
}
