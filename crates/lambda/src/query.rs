//! What answers as `query-handler`: what the inventory holds, and the sync.

use api::{Answer, Failure, Queries, QueryOperation};
use aws::Aws;
use futures::future::BoxFuture;
use model::Place;
use model::environment::{ConfigError, Environment};
use serde_json::{Value, json};

use crate::answer::answer;
use crate::bus::Bus;
use crate::event::Caller;
use crate::event::drs::{self, DrsEvent};
use crate::installation::Installation;
use crate::runtime::{Handler, Invocation};
use crate::sync_request::SyncRequests;
use crate::told::Told;

/// Answers the events of `query-handler`. Made once, kept warm between events.
pub struct QueryHandler {
    queries: Queries,
    installation: Option<Installation>,
    bus: Option<Bus>,
    sync_requests: Option<SyncRequests>,
}

impl QueryHandler {
    /// A handler with what the environment says. What is wrong there fails the operations that
    /// need it, not the start.
    pub fn new(aws: Aws, client: aws_sdk_dynamodb::Client, environment: Environment) -> Self {
        let installation = or_none(Installation::from_environment(&environment));
        let bus = or_none(Bus::from_environment(&aws, &environment));
        let requests = SyncRequests::from_environment(&aws, &environment, installation.as_ref());
        let sync_requests = or_none(requests);
        Self { queries: Queries::new(aws, client, environment), installation, bus, sync_requests }
    }
}

/// No sync is worth less because nobody is told of it as the environment says.
pub(crate) fn or_none<T>(read: Result<Option<T>, ConfigError>) -> Option<T> {
    read.unwrap_or_else(|error| {
        tracing::error!(error = error.to_string(), "a setting is wrong, and counts as not set");
        None
    })
}

impl Handler for QueryHandler {
    fn handle<'a>(&'a self, event: Value, call: &'a Invocation) -> BoxFuture<'a, Value> {
        Box::pin(async move {
            let call = Told::of(call, self.installation.as_ref());
            let answer = match drs::read(&event) {
                Some(DrsEvent::In(place)) => Box::pin(self.notice(&place, &call)).await,
                Some(DrsEvent::Unusable(reason)) => {
                    tracing::info!(reason, "an event of DRS is ignored");
                    json!({ "outcome": "ignored", "reason": reason })
                }
                None => {
                    let ask = |caller, operation| self.ask(caller, operation, &call);
                    Box::pin(answer(event, ask)).await
                }
            };
            Box::pin(call.measure_readiness(&self.queries)).await;
            if let Some(bus) = &self.bus {
                Box::pin(call.publish(bus)).await;
            }
            answer
        })
    }
}

impl QueryHandler {
    /// Nobody waits over HTTP for a whole sync, where there is a bus to ask for it.
    async fn ask(
        &self,
        caller: Caller,
        operation: QueryOperation,
        call: &Told<'_>,
    ) -> Result<Answer, Failure> {
        match (caller, operation, &self.sync_requests) {
            (
                Caller::HttpApi | Caller::RestApi,
                QueryOperation::SyncSourceServerInventory(_),
                Some(requests),
            ) => requests.send().await,
            (_, operation, _) => Box::pin(operation.answer(&self.queries, call)).await,
        }
    }

    async fn notice(&self, place: &Place, call: &Told<'_>) -> Value {
        match self.queries.notice(place, call).await {
            Ok(noticed) => {
                let (place_name, outcome) = (place.to_string(), format!("{noticed:?}"));
                tracing::info!(place = place_name, outcome, "an event of DRS");
                noticed.to_json(place)
            }
            Err(failure) => {
                let (place, code, error) = (place.to_string(), failure.code, &failure.message);
                tracing::warn!(place, ?code, error, "an event of DRS came to nothing");
                failure.to_json()
            }
        }
    }
}
