//! What answers as `query-handler`: what the inventory holds, and the sync.

use std::collections::BTreeMap;
use std::time::Duration;

use api::{Call, Queries, QueryOperation, Scope};
use aws::Aws;
use futures::future::BoxFuture;
use inventory::Outcome;
use inventory::outcome::OutcomeError;
use model::Place;
use model::environment::{ConfigError, Environment};
use serde_json::{Value, json};
use sync::Finished;
use sync::pace::Deadline;

use crate::answer::answer;
use crate::event::drs::{self, DrsEvent};
use crate::installation::Installation;
use crate::metrics::readiness::{ReadinessFigures, figures_of, removals_held};
use crate::metrics::synced::Synced;
use crate::metrics::{counts, finished, readiness, synced};
use crate::runtime::{Handler, Invocation};

/// Answers the events of `query-handler`. Made once, kept warm between events.
pub struct QueryHandler {
    queries: Queries,
    installation: Option<Installation>,
}

impl QueryHandler {
    /// A handler with what the environment says. What is wrong there fails the operations that
    /// need it, not the start.
    pub fn new(aws: Aws, client: aws_sdk_dynamodb::Client, environment: Environment) -> Self {
        let installation = or_none(Installation::from_environment(&environment));
        Self { queries: Queries::new(aws, client, environment), installation }
    }
}

/// No sync is worth less because nobody is told of it as the environment says.
fn or_none<T>(read: Result<Option<T>, ConfigError>) -> Option<T> {
    read.unwrap_or_else(|error| {
        tracing::error!(error = error.to_string(), "a setting is wrong, and counts as not set");
        None
    })
}

impl Handler for QueryHandler {
    fn handle<'a>(&'a self, event: Value, call: &'a Invocation) -> BoxFuture<'a, Value> {
        Box::pin(async move {
            let call = Told { call, installation: self.installation.as_ref() };
            match drs::read(&event) {
                Some(DrsEvent::In(place)) => Box::pin(self.notice(&place, &call)).await,
                Some(DrsEvent::Unusable(reason)) => {
                    tracing::info!(reason, "an event of DRS is ignored");
                    json!({ "outcome": "ignored", "reason": reason })
                }
                None => {
                    let ask = |operation: QueryOperation| operation.answer(&self.queries, &call);
                    Box::pin(answer(event, ask)).await
                }
            }
        })
    }
}

impl QueryHandler {
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

/// An invocation, and who is told of what its syncs come to.
struct Told<'a> {
    call: &'a Invocation,
    installation: Option<&'a Installation>,
}

impl Told<'_> {
    /// Outside Lambda nobody reads metrics.
    fn is_measured(&self) -> bool {
        self.call.deadline.is_some()
    }

    fn measure(&self, figures: &ReadinessFigures) {
        readiness::emit(figures, self.call, self.installation);
    }
}

impl Call for Told<'_> {
    fn id(&self) -> &str {
        &self.call.request_id
    }

    fn time_to_ask(&self) -> Deadline {
        self.call.time_to_ask()
    }

    fn time_to_write(&self) -> Duration {
        self.call.time_to_write()
    }

    fn synced(
        &self,
        scope: Scope,
        result: &Result<Outcome, OutcomeError>,
        took: Duration,
        environment: &Environment,
    ) {
        if !self.is_measured() {
            return;
        }
        synced::emit(Synced { scope, result, took }, environment, self.call, self.installation);
        if let (Scope::AllAccounts, Ok(Outcome::Refactored(report))) = (scope, result) {
            self.measure(&figures_of(&report.readiness, removals_held(&report.removals_held)));
        }
    }

    fn finished(&self, result: &Result<Finished, OutcomeError>) {
        if !self.is_measured() {
            return;
        }
        finished::emit(result, self.call, self.installation);
        if let Ok(finished) = result {
            self.measure(&figures_of(&BTreeMap::new(), finished.removals_held));
        }
    }

    fn refused(&self) {
        if self.is_measured() {
            counts::emit_refused(self.call, self.installation);
        }
    }
}
