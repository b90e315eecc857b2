//! Who is answered by `read-handler`: whoever a front door of AWS has let in, and says so.
//!
//! An HTTP API has let in whom its authorizer knows; an event without an authorizer is refused. A load
//! balancer has logged somebody in and signs who it is; the signature is checked, since whoever may invoke
//! the function can write such an event. Everything else is refused.
//!
//! - `settings`: which load balancer, for whom.
//! - `token`: what the load balancer signed.
//! - `keys`: what it is checked with.
//! - `longest`: what a load balancer passes on.

mod keys;
mod longest;
mod settings;
mod token;

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use api::http::failed;
use api::{ErrorCode, Failure};
use aws_lambda_events::apigw::ApiGatewayRequestAuthorizer;
use aws_smithy_async::time::SharedTimeSource;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use lambda_http::request::RequestContext;

use keys::Keys;
use longest::within_limit;
use token::{Refused, Signed};

pub use settings::PageSettings;

use crate::answer::respond;
use crate::event::Caller;

/// The header of a load balancer that says who was logged in. Source: Application Load Balancer user
/// guide, "Authenticate users".
const IDENTITY: &str = "x-amzn-oidc-data";

/// Checks who asks.
pub struct Front {
    page: Option<Page>,
    clock: SharedTimeSource,
}

/// The load balancer whose users are answered.
struct Page {
    settings: PageSettings,
    keys: Keys,
}

/// Why somebody is not answered.
enum NotAnswered {
    /// Nobody has let them in.
    Refused(Refused),
    /// The key that would tell cannot be had.
    NoKey(String),
}

impl Front {
    /// Without settings, no load balancer is answered.
    pub fn new(settings: Option<PageSettings>, clock: SharedTimeSource) -> Self {
        let page = settings.map(|settings| Page { keys: Keys::of(&settings), settings });
        Self { page, clock }
    }

    async fn check(
        &self,
        context: Option<&RequestContext>,
        headers: &HeaderMap,
    ) -> Result<(), NotAnswered> {
        match context {
            Some(RequestContext::ApiGatewayV2(context)) => {
                let is_known = context.authorizer.as_ref().is_some_and(knows_somebody);
                if is_known { Ok(()) } else { Err(Refused::NoAuthorizer.into()) }
            }
            Some(RequestContext::Alb(_)) => self.check_identity(headers).await,
            Some(_) | None => Err(Refused::NoFrontDoor.into()),
        }
    }

    async fn check_identity(&self, headers: &HeaderMap) -> Result<(), NotAnswered> {
        let Some(Page { settings, keys }) = &self.page else { return Err(Refused::NoPage.into()) };
        let mut given = headers.get_all(IDENTITY).iter();
        let (Some(token), None) = (given.next(), given.next()) else {
            return Err(Refused::NoIdentity.into());
        };
        let token = token.to_str().map_err(|_| Refused::Unreadable)?;
        let signed = Signed::read(token)?;
        let now = self.clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        signed.check_header(settings, now)?;
        let key = keys.get(signed.key_id()).await.map_err(NotAnswered::NoKey)?;
        signed.check_signature(&key)?;
        signed.check_claims(settings, now)?;
        Ok(())
    }
}

/// Whether an HTTP API says whom it knows: by the claims of a token, or by IAM.
fn knows_somebody(authorizer: &ApiGatewayRequestAuthorizer) -> bool {
    let by_token = authorizer.jwt.as_ref().is_some_and(|jwt| !jwt.claims.is_empty());
    let by_iam = authorizer.iam.as_ref().is_some_and(|iam| iam.user_arn.is_some());
    by_token || by_iam
}

impl From<Refused> for NotAnswered {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// Passes a request on, or refuses it.
pub async fn only_who_was_let_in(
    State(front): State<Arc<Front>>,
    request: Request,
    next: Next,
) -> Response {
    let context = request.extensions().get::<RequestContext>();
    let is_balanced = matches!(context, Some(RequestContext::Alb(_)));
    match front.check(context, request.headers()).await {
        Ok(()) if is_balanced => within_limit(next.run(request).await).await,
        Ok(()) => next.run(request).await,
        Err(NotAnswered::Refused(refused)) => {
            tracing::warn!(error = refused.to_string(), "a request is refused");
            refusal(context)
        }
        Err(NotAnswered::NoKey(cause)) => {
            tracing::error!(error = cause, "who sent a request cannot be checked");
            let mut failure = Failure::new(
                ErrorCode::AuthorizationFailed,
                "who sent this request cannot be checked now",
            );
            (failure.retryable, failure.retry_after) = (Some(true), Some(5));
            let mut response = failed(&failure);
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        }
    }
}

/// Of an answer to an event from elsewhere `lambda_http` gives back the body alone. So the status is in
/// it, as a front door reads it: an event that is not understood is not to become a 200.
fn refusal(context: Option<&RequestContext>) -> Response {
    let message = "nobody who may read this inventory sent this request";
    let failure = Failure::new(ErrorCode::AuthorizationFailed, message);
    match context {
        Some(RequestContext::PassThrough) => {
            respond(Caller::HttpApi, Err(failure)).to_string().into_response()
        }
        Some(_) | None => failed(&failure),
    }
}
