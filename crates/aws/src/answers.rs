//! Answers of status 200 that are empty or cut off.
//!
//! The SDK reads an empty body as an answer without members, and XML that ends in the middle as
//! whole: no servers, nothing unprocessed, no earlier row. So each body is looked at, too. One that
//! lacks what the service always sends fails as one does that breaks off on the wire: it is tried
//! again, and in the end it is an error.

mod body;
mod crc32;

use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, Error, FinalizerInterceptorContextMut, Output,
};
use aws_smithy_runtime_api::client::orchestrator::{Metadata, OrchestratorError};
use aws_smithy_types::config_bag::{Storable, StoreReplace};

use body::Flaw;
pub(super) use body::Format;

/// What a client makes of answers. An interceptor; of several in one client, the last decides.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answers {
    /// What lacks something that the service always sends is unreadable.
    Checked(Format),
    /// Whatever the SDK can read is an answer.
    AsTheyCome,
}

impl Storable for Answers {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Answers {
    fn name(&self) -> &'static str {
        "Answers"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(*self);
        Ok(())
    }

    /// Here the body is in memory, and it is not yet decided whether to try again.
    fn modify_before_attempt_completion(
        &self,
        attempt: &mut FinalizerInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Self::Checked(format)) = config.load::<Self>() else { return Ok(()) };
        let operation = config.load::<Metadata>().map(Metadata::name).unwrap_or_default();
        let Some(response) = attempt.response().filter(|it| it.status().is_success()) else {
            return Ok(());
        };
        if let Err(flaw) = format.check(operation, response)
            && let Some(read) = attempt.output_or_error_mut()
            && is_of_a_whole_body(read)
        {
            let error = UnreadableAnswer { operation: operation.to_owned(), flaw };
            // The kind of error that the SDK tries again.
            *read = Err(OrchestratorError::response(error.into()));
        }
        Ok(())
    }
}

/// Whether the SDK read something out of a body, or tried to. A body that broke off on the wire
/// has its own error.
fn is_of_a_whole_body(read: &Result<Output, OrchestratorError<Error>>) -> bool {
    read.as_ref().map_or_else(OrchestratorError::is_operation_error, |_| true)
}

/// The answer to one call cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the answer to {operation} {flaw}")]
pub(super) struct UnreadableAnswer {
    operation: String,
    flaw: Flaw,
}

/// The same client; an answer that lacks what DynamoDB always sends is unreadable.
#[must_use]
pub fn check_answers(client: &aws_sdk_dynamodb::Client) -> aws_sdk_dynamodb::Client {
    with_answers(client, Answers::Checked(Format::Json))
}

/// The same client; whatever the SDK can read is an answer. The legacy sync took them so.
#[must_use]
pub fn take_answers_as_they_come(client: &aws_sdk_dynamodb::Client) -> aws_sdk_dynamodb::Client {
    with_answers(client, Answers::AsTheyCome)
}

fn with_answers(client: &aws_sdk_dynamodb::Client, answers: Answers) -> aws_sdk_dynamodb::Client {
    let config = client.config().to_builder().interceptor(answers);
    aws_sdk_dynamodb::Client::from_conf(config.build())
}
