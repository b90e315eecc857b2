//! What answers as `data-management-handler`: changes to accounts, groups and plans.

use api::{Answer, Data, DataOperation, Failure};
use aws::Aws;
use futures::future::BoxFuture;
use model::environment::Environment;
use serde_json::Value;

use crate::answer::answer;
use crate::event::Caller;
use crate::installation::Installation;
use crate::metrics::counts;
use crate::query::or_none;
use crate::runtime::{Handler, Invocation};

/// Answers the events of `data-management-handler`. Made once, kept warm between events.
pub struct DataHandler {
    data: Data,
    installation: Option<Installation>,
}

impl DataHandler {
    /// A handler with what the environment says.
    pub fn new(aws: Aws, client: aws_sdk_dynamodb::Client, environment: &Environment) -> Self {
        let installation = or_none(Installation::from_environment(environment));
        Self { data: Data::new(aws, client, environment), installation }
    }
}

impl Handler for DataHandler {
    fn handle<'a>(&'a self, event: Value, call: &'a Invocation) -> BoxFuture<'a, Value> {
        let change = move |_: Caller, operation: DataOperation| self.change(operation, call);
        Box::pin(answer(event, change))
    }
}

impl DataHandler {
    /// How many accounts were never added is a figure that an alarm looks at.
    async fn change(&self, operation: DataOperation, call: &Invocation) -> Result<Answer, Failure> {
        let hub = call.account_id.as_deref();
        match operation {
            DataOperation::DiscoverAccounts(asked) => {
                let found = Box::pin(self.data.discover_accounts(asked)).await?;
                // Outside Lambda nobody reads metrics.
                if call.deadline.is_some() {
                    let installation = self.installation.as_ref();
                    counts::emit_never_added(found.never_added() as u64, call, installation);
                }
                Ok(found.into())
            }
            operation => operation.answer(&self.data, hub).await,
        }
    }
}
