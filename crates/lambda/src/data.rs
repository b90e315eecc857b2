//! What answers as `data-management-handler`: changes to accounts, groups and plans.

use api::{Data, DataOperation};
use aws::Aws;
use futures::future::BoxFuture;
use model::environment::Environment;
use serde_json::Value;

use crate::answer::answer;
use crate::event::Caller;
use crate::runtime::{Handler, Invocation};

/// Answers the events of `data-management-handler`. Made once, kept warm between events.
pub struct DataHandler {
    data: Data,
}

impl DataHandler {
    /// A handler with what the environment says.
    pub fn new(aws: Aws, client: aws_sdk_dynamodb::Client, environment: &Environment) -> Self {
        Self { data: Data::new(aws, client, environment) }
    }
}

impl Handler for DataHandler {
    fn handle<'a>(&'a self, event: Value, call: &'a Invocation) -> BoxFuture<'a, Value> {
        let hub = call.account_id.as_deref();
        let change = move |_: Caller, operation: DataOperation| operation.answer(&self.data, hub);
        Box::pin(answer(event, change))
    }
}
