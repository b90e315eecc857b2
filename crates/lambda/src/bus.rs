//! Changes of verdicts, put on an event bus for whoever listens.
//!
//! A sync is never worth less because nobody could be told: what the bus does not take is tried again,
//! then logged and counted.

mod batches;

use std::time::Duration;

use aws::{Aws, ServiceError, service_error};
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use model::environment::{ConfigError, Environment};
use sync::report::VerdictChange;
use tokio::time::{Instant, sleep, timeout_at};

use batches::{Batches, batches_of};

const VARIABLE: &str = "EVENT_BUS_NAME";
/// Length of a bus's name or ARN. Source: EventBridge API reference, `PutEventsRequestEntry`.
const LONGEST_NAME: usize = 1600;

/// How often what a bus refused is sent again.
const RETRIES: u32 = 2;
/// The wait before the first retry; the next is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// An event bus.
pub struct Bus {
    client: Client,
    name: String,
}

/// How many changes a bus took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// Taken.
    pub sent: u64,
    /// Not taken, or not known to be.
    pub failed: u64,
}

impl Bus {
    /// The bus that `EVENT_BUS_NAME` names, by its name or ARN; none where it is not set, or empty.
    ///
    /// # Errors
    /// What EventBridge takes for no name.
    pub fn from_environment(
        aws: &Aws,
        environment: &Environment,
    ) -> Result<Option<Self>, ConfigError> {
        Self::named(VARIABLE, aws, environment)
    }

    /// The bus that a variable names.
    pub(crate) fn named(
        variable: &'static str,
        aws: &Aws,
        environment: &Environment,
    ) -> Result<Option<Self>, ConfigError> {
        let Some(value) = environment.get(variable).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        let may_be = |byte: u8| byte.is_ascii_alphanumeric() || b"/.-_:".contains(&byte);
        if value.len() <= LONGEST_NAME && value.bytes().all(may_be) {
            let config = aws_sdk_eventbridge::config::Builder::from(aws.config());
            return Ok(Some(Self { client: Client::from_conf(config.build()), name: value }));
        }
        let expected = "the name or the ARN of an event bus";
        Err(ConfigError::Invalid { variable, value, expected })
    }

    /// Puts the changes of a sync that asked at `as_of` on the bus, within `time`. A bus that does not
    /// answer at all is not asked again.
    pub async fn publish(
        &self,
        changes: &[VerdictChange],
        as_of: &str,
        time: Duration,
    ) -> Published {
        let until = Instant::now() + time;
        let Batches { batches, too_large } = batches_of(changes, as_of, &self.name);
        let mut published = Published { sent: 0, failed: too_large };
        let mut error = None;
        for batch in batches {
            let size = batch.len() as u64;
            let refused = match &error {
                None => self.put(batch, until).await.unwrap_or_else(|failed| {
                    error = Some(failed);
                    size
                }),
                Some(_) => size,
            };
            published.sent += size - refused;
            published.failed += refused;
        }
        if published.failed > 0 {
            let Published { sent, failed } = published;
            let error = error.map_or("refused".to_owned(), |error| error.to_string());
            tracing::warn!(bus = self.name, sent, failed, error, "changes of verdicts are lost");
        }
        published
    }

    /// Puts a batch on the bus: how many of it the bus refused again and again.
    async fn put(
        &self,
        mut left: Vec<PutEventsRequestEntry>,
        until: Instant,
    ) -> Result<u64, ServiceError> {
        for attempt in 0..=RETRIES {
            if attempt > 0 {
                let wait = FIRST_WAIT * 2_u32.pow(attempt - 1);
                sleep(wait.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
            }
            left = self.put_once(left, until).await?;
            if left.is_empty() {
                break;
            }
        }
        Ok(left.len() as u64)
    }

    /// The name, or the ARN.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Puts entries on the bus: those that it refused.
    pub(crate) async fn put_once(
        &self,
        entries: Vec<PutEventsRequestEntry>,
        until: Instant,
    ) -> Result<Vec<PutEventsRequestEntry>, ServiceError> {
        let put = self.client.put_events().set_entries(Some(entries.clone())).send();
        let late = |_| {
            let message = "no time is left to tell the bus".to_owned();
            ServiceError::Unreachable { code: "Timeout", message }
        };
        let answer = timeout_at(until, put).await.map_err(late)?;
        let answer = answer.map_err(|error| service_error(&error))?;
        if answer.entries().len() != entries.len() {
            let message = "the bus does not say what became of each entry".to_owned();
            return Err(ServiceError::Unusable { code: "InvalidResponse", message });
        }
        let results = answer.entries().iter();
        let refused = entries.into_iter().zip(results).filter(|(_, result)| {
            let is_taken = result.event_id().is_some() && result.error_code().is_none();
            if !is_taken {
                let code = result.error_code().unwrap_or("no id");
                tracing::info!(code, "the bus refused an event");
            }
            !is_taken
        });
        Ok(refused.map(|(entry, _)| entry).collect())
    }
}
