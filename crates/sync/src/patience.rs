//! How long DynamoDB is asked again for what it was too busy for: the same for every row.

use std::time::Duration;

use aws::{ServiceError, classify};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use model::{Failure, RegionStatus};
use tokio::time::sleep;

use super::pace::Deadline;

/// The attempts that are left for one piece of work, beyond those of the SDK.
pub(super) struct Patience {
    waits: ExponentialBackoff,
    ends: Deadline,
}

impl Patience {
    /// Ten waits with jitter, doubling from 50 ms to 5 s, at most half a minute in all; none goes
    /// beyond `ends`.
    pub(super) fn until(ends: Deadline) -> Self {
        let waits = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_secs(5))
            .with_max_times(10)
            .with_jitter()
            .build();
        Self { waits, ends }
    }

    /// Waits before the next attempt. False, at once, where there is none.
    pub(super) async fn wait(&mut self) -> bool {
        match self.waits.next() {
            Some(wait) if self.ends.is_beyond(wait) => {
                sleep(wait).await;
                true
            }
            _ => false,
        }
    }

    /// What `call` gives, called again while DynamoDB throttles it.
    ///
    /// # Errors
    /// The end of the time, where it comes before an answer.
    pub(super) async fn call<T, F>(
        &mut self,
        mut call: impl FnMut() -> F,
    ) -> Result<Result<T, ServiceError>, Failure>
    where
        F: Future<Output = Result<T, ServiceError>>,
    {
        loop {
            match self.ends.within(call()).await? {
                Err(error) if is_throttled(&error) => {
                    if !self.wait().await {
                        return Ok(Err(error));
                    }
                }
                answered => return Ok(answered),
            }
        }
    }
}

/// Sends a conditional write until DynamoDB takes it. False where the row is not as the condition
/// wants it: somebody else was there first.
///
/// # Errors
/// DynamoDB refuses, or the time `ends` comes first.
pub(super) async fn write_if<F>(ends: Deadline, write: impl FnMut() -> F) -> Result<bool, Failure>
where
    F: Future<Output = Result<(), ServiceError>>,
{
    match Patience::until(ends).call(write).await? {
        Ok(()) => Ok(true),
        Err(error) if error.code() == "ConditionalCheckFailedException" => Ok(false),
        Err(error) => Err(classify(&error)),
    }
}

fn is_throttled(error: &ServiceError) -> bool {
    classify(error).status == RegionStatus::Throttled
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_that_stays_throttled_gives_its_error_in_the_end() {
        let throttled = ServiceError::Answered {
            http_status: 400,
            code: "ThrottlingException".to_owned(),
            message: "Rate exceeded".to_owned(),
        };
        let mut calls = 0;
        let call = || {
            calls += 1;
            ready(Err::<(), _>(throttled.clone()))
        };
        let answer = Patience::until(Deadline::none()).call(call).await;
        assert_eq!(answer.unwrap().unwrap_err(), throttled);
        assert_eq!(calls, 11);
    }
}
