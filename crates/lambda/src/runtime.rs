//! What both programs start with: logs, clients, the loop of the Lambda runtime.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws::Aws;
use futures::future::BoxFuture;
use inventory::logging::{LogFormat, start_logging};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use model::environment::Environment;
use serde_json::Value;
use sync::TIME_TO_WRITE;
use sync::pace::Deadline;
use tracing::Instrument;

/// What Lambda says of one invocation.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    /// Lambda's id of the invocation.
    pub request_id: String,
    /// The account that the function runs in, from its ARN.
    pub account_id: Option<String>,
    /// When Lambda ends the invocation; none outside Lambda.
    pub deadline: Option<SystemTime>,
}

/// The longest that Lambda lets a function run. Source: Lambda quotas.
const LONGEST_INVOCATION: Duration = Duration::from_secs(900);

impl Invocation {
    /// Time until the deadline.
    pub fn remaining(&self) -> Duration {
        let left = self.deadline.map(|at| at.duration_since(SystemTime::now()).unwrap_or_default());
        left.unwrap_or(LONGEST_INVOCATION)
    }

    /// What is kept of the invocation for writing what the sync has: a quarter of the time, 30 s at
    /// most.
    pub fn time_to_write(&self) -> Duration {
        (self.remaining() / 4).min(TIME_TO_WRITE)
    }

    /// Until when the sync may ask AWS; what is left then is for writing.
    pub fn time_to_ask(&self) -> Deadline {
        if self.deadline.is_none() {
            return Deadline::none();
        }
        Deadline::after(self.remaining().saturating_sub(self.time_to_write()))
    }

    fn of(context: &lambda_runtime::Context) -> Self {
        let account = context.invoked_function_arn.split(':').nth(4);
        Self {
            request_id: context.request_id.clone(),
            account_id: account.filter(|id| model::is_account_id(id)).map(str::to_owned),
            deadline: Some(UNIX_EPOCH + Duration::from_millis(context.deadline)),
        }
    }
}

/// Answers events; an error is an answer, too.
pub trait Handler: Send + Sync + 'static {
    /// Answers one event.
    fn handle<'a>(&'a self, event: Value, call: &'a Invocation) -> BoxFuture<'a, Value>;
}

/// What only a schedule asks for: nobody reads its answer.
const UNATTENDED: [&str; 2] = ["write_report", "export_accounts"];
/// Beside an operation that people ask for, too: true where a schedule does.
const SCHEDULED: &str = "scheduled";

/// Whether nobody reads the answer to an event. What says so is taken out: it is no parameter.
pub fn is_unattended(event: &mut Value) -> bool {
    let scheduled = event.as_object_mut().and_then(|event| event.remove(SCHEDULED));
    if scheduled == Some(Value::Bool(true)) {
        return true;
    }
    let names = ["operation", "action"].iter().filter_map(|name| event[name].as_str());
    names.into_iter().any(|name| UNATTENDED.contains(&name))
}

/// An error that nobody reads ends the invocation as failed, so that Lambda tries it again, and then
/// keeps it in the queue of dead letters.
///
/// # Errors
/// The answer is an error of the contract: its code, and all of it as a text.
pub fn succeeded(answer: Value) -> Result<Value, Diagnostic> {
    match answer["error"].as_str() {
        None => Ok(answer),
        Some(code) => {
            Err(Diagnostic { error_type: code.to_owned(), error_message: answer.to_string() })
        }
    }
}

/// Serves events until Lambda ends the process. `make` gets the AWS of the environment.
///
/// # Errors
/// The Lambda runtime API is not there: the program does not run on Lambda.
pub async fn serve<H: Handler>(make: impl FnOnce(Aws, Environment) -> H) -> Result<(), Error> {
    start_logging(LogFormat::Json, "info");
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_none() {
        return Err("this program runs on AWS Lambda; on a laptop, use drs-inventory".into());
    }
    let environment = Environment::of_process();
    let handler = Arc::new(make(Aws::from_environment(&environment).await, environment));
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let handler = Arc::clone(&handler);
        async move {
            let mut event = event;
            let call = Invocation::of(&event.context);
            let span = tracing::info_span!("request", request_id = call.request_id);
            let is_unattended = is_unattended(&mut event.payload);
            let answer = handler.handle(event.payload, &call).instrument(span).await;
            if is_unattended { succeeded(answer) } else { Ok(answer) }
        }
    }))
    .await
}
