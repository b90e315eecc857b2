//! How fast AWS is asked, and until when.

use std::time::Duration;

use model::{Failure, RegionStatus};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout_at};

/// How much of one account is under way at once, how often one region of it is asked, and until
/// when.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Regions, EC2 groups or batches of rows at once.
    pub at_once: usize,
    /// Calls a second in one account and region; none for no limit.
    pub calls_per_second: Option<u32>,
    /// When the sync stops asking, or writing.
    pub deadline: Deadline,
}

impl Pace {
    /// So many at once, without any other limit.
    pub fn of(at_once: usize) -> Self {
        Self { at_once, calls_per_second: None, deadline: Deadline::none() }
    }

    /// Ticks as often as one region may be called; at once the first time.
    pub(super) fn ticker(&self) -> Option<Interval> {
        let calls = self.calls_per_second.filter(|calls| *calls > 0)?;
        let mut ticker = interval(Duration::from_secs(1) / calls);
        ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Some(ticker)
    }
}

/// When a sync stops asking: what it has by then is written, what it has not is reported. Or when
/// it stops writing: what is not stored by then is reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// Never.
    pub fn none() -> Self {
        Self(None)
    }

    /// After this time from now.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    /// The earlier of the two.
    pub fn or_earlier(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(one), Some(another)) => Self(Some(one.min(another))),
            (one, another) => Self(one.or(another)),
        }
    }

    /// This much later.
    #[must_use]
    pub fn later_by(self, time: Duration) -> Self {
        Self(self.0.and_then(|at| at.checked_add(time)))
    }

    /// Whether it has come.
    pub fn has_passed(self) -> bool {
        self.0.is_some_and(|at| at <= Instant::now())
    }

    /// Whether it comes only after this time from now.
    pub fn is_beyond(self, time: Duration) -> bool {
        self.0.is_none_or(|at| Instant::now().checked_add(time).is_some_and(|then| then < at))
    }

    /// The result of `work`, or, where the deadline comes first, why there is none.
    ///
    /// # Errors
    /// A failure with the code `SyncDeadlineReached`.
    pub async fn within<T>(self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let Some(at) = self.0 else { return Ok(work.await) };
        // A future that is ready at once would win against a deadline that has passed.
        if self.has_passed() {
            return Err(reached());
        }
        timeout_at(at, work).await.map_err(|_| reached())
    }
}

fn reached() -> Failure {
    Failure {
        status: RegionStatus::Error,
        code: "SyncDeadlineReached".to_owned(),
        message: "the sync's time was up before an answer came".to_owned(),
        retryable: true,
        advice:
            "the next sync asks again; if it stays, give the sync more time, or more accounts at \
                 once (MAX_CONCURRENT_ACCOUNTS)"
                .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_done_in_time_is_kept() {
        let slow = || tokio::time::sleep(Duration::from_secs(5));
        assert!(Deadline::none().within(slow()).await.is_ok());
        assert!(Deadline::after(Duration::from_secs(6)).within(slow()).await.is_ok());
        let late = Deadline::after(Duration::from_secs(4)).within(slow()).await.unwrap_err();
        assert_eq!((late.code.as_str(), late.retryable), ("SyncDeadlineReached", true));
        let passed = Deadline::after(Duration::ZERO);
        assert!(passed.within(std::future::ready(())).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_earlier_of_two_counts() {
        let (soon, late) =
            (Deadline::after(Duration::from_secs(1)), Deadline::after(Duration::from_secs(9)));
        assert_eq!(soon.or_earlier(late), soon);
        assert_eq!(late.or_earlier(soon), soon);
        assert_eq!(Deadline::none().or_earlier(late), late);
        assert_eq!(soon.later_by(Duration::from_secs(8)), late);
        assert_eq!(Deadline::none().later_by(Duration::from_secs(8)), Deadline::none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_is_beyond_what_ends_before_it() {
        let second = Duration::from_secs(1);
        assert!(Deadline::none().is_beyond(second) && !Deadline::none().has_passed());
        let deadline = Deadline::after(2 * second);
        assert!(deadline.is_beyond(second) && !deadline.is_beyond(2 * second));
        tokio::time::advance(2 * second).await;
        assert!(deadline.has_passed());
    }
}
