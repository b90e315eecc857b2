//! A sync that somebody asks for over HTTP: it takes longer than an HTTP API waits, so it is started by an
//! event, and the caller is told where to look.

use std::time::Duration;

use api::answers::SyncAccepted;
use api::{Answer, ErrorCode, Failure};
use aws::Aws;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use model::environment::{ConfigError, Environment};
use serde_json::json;
use tokio::time::Instant;

use crate::bus::Bus;
use crate::installation::Installation;

const VARIABLE: &str = "SYNC_REQUEST_BUS";
/// What a rule of the template waits for.
const SOURCE: &str = "drs-inventory";
const DETAIL_TYPE: &str = "DRS Inventory Sync Requested";
/// How long the bus may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where requests for a sync go.
pub(crate) struct SyncRequests {
    bus: Bus,
    installation: String,
}

impl SyncRequests {
    /// None where `SYNC_REQUEST_BUS` is not set: a sync over HTTP is then done while the caller waits.
    ///
    /// # Errors
    /// What EventBridge takes for no name.
    pub(crate) fn from_environment(
        aws: &Aws,
        environment: &Environment,
        installation: Option<&Installation>,
    ) -> Result<Option<Self>, ConfigError> {
        let installation = installation.map(|it| it.name().to_owned()).unwrap_or_default();
        let bus = Bus::named(VARIABLE, aws, environment)?;
        Ok(bus.map(|bus| Self { bus, installation }))
    }

    /// Asks for a sync.
    ///
    /// # Errors
    /// The bus does not take it.
    pub(crate) async fn send(&self) -> Result<Answer, Failure> {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(self.bus.name())
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .detail(json!({ "installation": self.installation }).to_string())
            .build();
        let message = "the sync could not be asked for: the event bus did not take the event";
        match self.bus.put_once(vec![entry], Instant::now() + TIMEOUT).await {
            Ok(refused) if refused.is_empty() => Ok(SyncAccepted::new().into()),
            Ok(_) => {
                let failure = Failure::new(ErrorCode::InternalError, message);
                Err(Failure { retryable: Some(true), retry_after: Some(5), ..failure })
            }
            Err(error) => {
                let message = format!("{message}: {error}");
                Err(Failure::of_service(ErrorCode::InternalError, message, &error))
            }
        }
    }
}
