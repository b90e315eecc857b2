//! What answers as `query-handler`: what the inventory holds, and the sync.

use std::time::Duration;

use api::{Call, Queries, QueryOperation, Scope};
use aws::Aws;
use futures::future::BoxFuture;
use inventory::Outcome;
use inventory::outcome::OutcomeError;
use model::environment::Environment;
use serde_json::Value;
use sync::Finished;
use sync::pace::Deadline;

use crate::answer::answer;
use crate::metrics;
use crate::runtime::{Handler, Invocation};

/// Answers the events of `query-handler`. Made once, kept warm between events.
pub struct QueryHandler {
    queries: Queries,
}

impl QueryHandler {
    /// A handler with what the environment says. What is wrong there fails the operations that
    /// need it, not the start.
    pub fn new(aws: Aws, client: aws_sdk_dynamodb::Client, environment: Environment) -> Self {
        Self { queries: Queries::new(aws, client, environment) }
    }
}

impl Handler for QueryHandler {
    fn handle<'a>(&'a self, event: Value, call: &'a Invocation) -> BoxFuture<'a, Value> {
        Box::pin(answer(event, move |operation: QueryOperation| {
            operation.answer(&self.queries, call)
        }))
    }
}

impl Call for Invocation {
    fn id(&self) -> &str {
        &self.request_id
    }

    fn time_to_ask(&self) -> Deadline {
        Invocation::time_to_ask(self)
    }

    fn time_to_write(&self) -> Duration {
        Invocation::time_to_write(self)
    }

    fn synced(
        &self,
        scope: Scope,
        result: &Result<Outcome, OutcomeError>,
        took: Duration,
        environment: &Environment,
    ) {
        metrics::emit(scope, result, took, environment, self);
    }

    fn finished(&self, result: &Result<Finished, OutcomeError>) {
        metrics::emit_finished(result, self);
    }

    fn refused(&self) {
        metrics::emit_refused(self);
    }
}
