//! Who may come in: a browser that was opened with the printed address, and scripts that know the key.
//!
//! What is checked, and against whom:
//! - `Host` is this address: a name of somebody else's that leads here (DNS rebinding) is refused.
//! - `Sec-Fetch-Site` says same origin, or that nobody's page led here: other sites are refused, for reads,
//!   too.
//! - The one-time token of the printed address becomes a cookie of a random name, which scripts of pages
//!   cannot read and other sites do not send. Scripts send a bearer token instead.
//!
//! What remains: cookies know no ports. A server that another user of this machine runs on another port
//! of the same address is sent the cookie by a browser that is led there. `docs/serve.md` says so.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use api::http::failed;
use api::{ErrorCode, Failure};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::keys::{Key, random_name};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Random bytes in the name of the cookie: two of these programs on one machine must not overwrite
/// each other's.
const NAME_BYTES: usize = 9;

/// What opens the door of one `serve`.
pub(crate) struct Door {
    address: SocketAddr,
    hosts: [String; 2],
    token: Key,
    is_token_used: AtomicBool,
    cookie_name: String,
    cookie: Key,
    bearer: Key,
}

impl Door {
    /// With new keys.
    ///
    /// # Errors
    /// Where the system has no random numbers.
    pub(super) fn new(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self {
            address,
            hosts: [address.to_string(), format!("localhost:{}", address.port())],
            token: Key::new()?,
            is_token_used: AtomicBool::new(false),
            cookie_name: format!("drs-{}", random_name(NAME_BYTES)?),
            cookie: Key::new()?,
            bearer: Key::new()?,
        })
    }

    /// The address that opens the page once.
    pub(super) fn first_address(&self) -> String {
        format!("http://{}/?token={}", self.address, self.token.reveal())
    }

    /// The header that scripts send.
    pub(super) fn header_for_scripts(&self) -> String {
        format!("Authorization: Bearer {}", self.bearer.reveal())
    }

    /// A browser leaves the port out where it is that of HTTP.
    fn is_own(&self, host: &str) -> bool {
        let with_port = |host: &str| format!("{host}:{}", self.address.port());
        self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
            || (self.address.port() == 80
                && self.hosts.iter().any(|own| own.eq_ignore_ascii_case(&with_port(host))))
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        self.has_cookie(headers) || self.has_bearer(headers)
    }

    fn has_bearer(&self, headers: &HeaderMap) -> bool {
        let Some(given) = only(headers, &header::AUTHORIZATION) else { return false };
        given.strip_prefix("Bearer ").is_some_and(|token| self.bearer.is(token.trim()))
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
        let mut pairs =
            cookies.flat_map(|text| text.split(';')).filter_map(|it| it.split_once('='));
        pairs.any(|(name, value)| name.trim() == self.cookie_name && self.cookie.is(value.trim()))
    }

    /// The cookie ends with the browser, and means nothing after this program.
    fn set_cookie(&self) -> Option<HeaderValue> {
        let (name, value) = (&self.cookie_name, self.cookie.reveal());
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict");
        HeaderValue::from_str(&cookie).ok()
    }

    /// Lets a browser in that has the token, once.
    fn let_in(&self, token: &str) -> Response {
        if !self.token.is(token) {
            return refused("the token of this address is not that of this program");
        }
        if self.is_token_used.swap(true, Ordering::SeqCst) {
            return refused("this address was opened before; start `drs-inventory serve` anew");
        }
        let Some(cookie) = self.set_cookie() else { return refused("no cookie could be made") };
        let headers = [
            (header::LOCATION, HeaderValue::from_static("/")),
            (header::SET_COOKIE, cookie),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        ];
        (StatusCode::SEE_OTHER, headers).into_response()
    }
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Passes a request on, or refuses it.
pub(super) async fn open_for(
    State(door): State<Arc<Door>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let host = only(headers, &header::HOST);
    if !host.is_some_and(|host| door.is_own(host)) {
        return refused("the Host of the request is not the address that was printed");
    }
    if let Some(site) = headers.get(SEC_FETCH_SITE)
        && !["same-origin", "none"].iter().any(|own| site == own)
    {
        return refused("the request comes from another site");
    }
    if door.knows(headers) {
        return next.run(request).await;
    }
    match token_of(&request) {
        Some(token) => door.let_in(&token),
        None => unknown(),
    }
}

fn token_of(request: &Request) -> Option<String> {
    if request.method() != Method::GET || request.uri().path() != "/" {
        return None;
    }
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()).ok()?;
    pairs.into_iter().find(|(name, _)| name == "token").map(|(_, token)| token)
}

fn refused(message: &str) -> Response {
    failed(&Failure::new(ErrorCode::AuthorizationFailed, message))
}

fn unknown() -> Response {
    let mut response = refused(
        "open the address that `drs-inventory serve` printed, or send the header that it printed",
    );
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
