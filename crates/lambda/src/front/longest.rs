//! What a load balancer passes on: 1 MB of an answer. It turns a longer one into a fault of its own that
//! tells nobody why.

use api::http::failed;
use api::{ErrorCode, Failure};
use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use axum::response::Response;

/// Bytes of an answer as the function gives it: the body is quoted in it, and headers stand beside it.
/// Source: Application Load Balancer user guide, "Lambda functions as targets".
const MOST_BYTES: usize = 1_000_000;
/// What is kept of these for headers.
const HEADERS: usize = 4_000;

/// The answer, or that it is too long.
pub(super) async fn within_limit(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    match to_bytes(body, MOST_BYTES).await {
        Ok(bytes) if quoted(&bytes) + HEADERS <= MOST_BYTES => {
            Response::from_parts(parts, Body::from(bytes))
        }
        Ok(_) | Err(_) => too_long(),
    }
}

/// How long a text is as JSON.
fn quoted(bytes: &[u8]) -> usize {
    let length = |byte: &u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..=0x1f => 6,
        _ => 1,
    };
    bytes.iter().map(length).sum()
}

fn too_long() -> Response {
    let message = "the answer is longer than the 1 MB that a load balancer passes on; ask for less, with a \
                   filter or a smaller limit";
    let mut response = failed(&Failure::new(ErrorCode::InvalidParameter, message));
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn status(body: String) -> u16 {
        within_limit(Response::new(Body::from(body))).await.status().as_u16()
    }

    #[tokio::test]
    async fn what_is_too_long_once_it_is_quoted_is_said_to_be() {
        assert_eq!(status("x".repeat(MOST_BYTES - HEADERS)).await, 200);
        assert_eq!(status("x".repeat(MOST_BYTES - HEADERS + 1)).await, 413);
        assert_eq!(status("\"".repeat(MOST_BYTES / 2)).await, 413);
        assert_eq!(status("x".repeat(2 * MOST_BYTES)).await, 413);
    }
}
