//! The style sheet and the icon. Their names hold a hash of what they are, so that a browser keeps them
//! for good and still sees the next version at once.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("../../assets/style.css");
const ICON: &str = include_str!("../../assets/icon.svg");

/// Addresses of the assets.
pub(super) struct Assets {
    pub(super) style: String,
    pub(super) icon: String,
}

/// Made once.
pub(super) static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: format!("/assets/style.{}.css", hash(STYLE)),
    icon: format!("/assets/icon.{}.svg", hash(ICON)),
});

fn hash(content: &str) -> String {
    let mut hash = URL_SAFE_NO_PAD.encode(Sha256::digest(content));
    hash.truncate(16);
    hash
}

/// One of them, for a year: the longest that a cache is asked to keep. Source: RFC 9111.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let path = format!("/assets/{name}");
    let (kind, content) = match path {
        path if path == ASSETS.style => ("text/css; charset=utf-8", STYLE),
        path if path == ASSETS.icon => ("image/svg+xml", ICON),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, content).into_response()
}
