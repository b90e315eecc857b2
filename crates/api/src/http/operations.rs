//! The operations at their routes.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, on};

use super::answered::{answered, failed};
use super::asked::parameters;
use crate::answer::Answer;
use crate::answers::SyncAccepted;
use crate::failure::{ErrorCode, Failure};
use crate::operation::{Entry, Operation, Route};
use crate::operations::{DataOperation, QueryOperation};
use crate::query::Untold;
use crate::site::{Changes, Site};

/// Every operation at each of its routes. Where both functions answer the same one, as they do for
/// groups and plans, it is the one that reads.
pub(super) fn routes() -> Router<Site> {
    let reads = QueryOperation::TABLE.iter().flat_map(each_route);
    let router = reads.fold(Router::new(), |router, (entry, route, method)| {
        let handler = move |State(site), request| read_or_sync(entry, site, request);
        router.route(route.path, on(method, handler))
    });
    let changes = DataOperation::TABLE.iter().flat_map(each_route);
    changes.filter(|(_, route, _)| !is_read(route)).fold(
        router,
        |router, (entry, route, method)| {
            let handler = move |State(site), request| change(entry, site, request);
            router.route(route.path, on(method, handler))
        },
    )
}

fn each_route<O>(
    entry: &'static Entry<O>,
) -> impl Iterator<Item = (&'static Entry<O>, &'static Route, MethodFilter)> {
    entry.routes.iter().filter_map(move |route| Some((entry, route, filter(route)?)))
}

fn filter(route: &Route) -> Option<MethodFilter> {
    let method: axum::http::Method = route.method.parse().ok()?;
    MethodFilter::try_from(method).ok()
}

fn is_read(route: &Route) -> bool {
    route.method == "GET"
}

async fn read_or_sync(
    entry: &'static Entry<QueryOperation>,
    site: Site,
    request: Request,
) -> Response {
    let operation = match parameters(request).await {
        Ok(parameters) => entry.read(parameters),
        Err(unreadable) => return unreadable.into_response(),
    };
    // Boxed, since an operation's future has room for any of them.
    answered(match operation {
        Ok(QueryOperation::SyncSourceServerInventory(_)) => {
            site.start_sync().map(|()| Answer::from(SyncAccepted::new()))
        }
        Ok(QueryOperation::SyncAccount(_) | QueryOperation::FinishSync(_)) => Err(part_of_a_sync()),
        Ok(read) => Box::pin(read.answer(site.queries(), &Untold("http"))).await,
        Err(failure) => Err(failure),
    })
}

async fn change(entry: &'static Entry<DataOperation>, site: Site, request: Request) -> Response {
    let Changes { data, hub, .. } = match site.changes() {
        Ok(changes) => changes,
        Err(failure) => return failed(&failure),
    };
    let operation = match parameters(request).await {
        Ok(parameters) => entry.read(parameters),
        Err(unreadable) => return unreadable.into_response(),
    };
    let answer = match operation {
        Ok(operation) => Box::pin(operation.answer(data, hub.as_deref())).await,
        Err(failure) => Err(failure),
    };
    site.queries().forget_recent().await;
    answered(answer)
}

/// They belong to a sync that is spread over many calls.
fn part_of_a_sync() -> Failure {
    let message = "a part of a sync is not asked for over HTTP; POST /sync starts a whole one";
    Failure::new(ErrorCode::AuthorizationFailed, message)
}
