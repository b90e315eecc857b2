//! What time it is at AWS, by the `Date` of an answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;

/// Given to a call as an interceptor; afterwards it tells how far this machine's clock was off.
#[derive(Debug, Clone, Default)]
pub struct ServerDate {
    off_by: Arc<Mutex<Option<Duration>>>,
}

impl ServerDate {
    /// How far the clock of this machine is from that of the service, in either direction; none where
    /// the service told no time. A `Date` has whole seconds.
    pub fn clock_off_by(&self) -> Option<Duration> {
        *self.off_by.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for ServerDate {
    fn name(&self) -> &'static str {
        "ServerDate"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        let date = date.and_then(|date| SystemTime::try_from(date).ok());
        let off_by = date.map(|date| {
            let ahead = SystemTime::now().duration_since(date);
            ahead.unwrap_or_else(|behind| behind.duration())
        });
        *self.off_by.lock().unwrap_or_else(PoisonError::into_inner) = off_by;
        Ok(())
    }
}
