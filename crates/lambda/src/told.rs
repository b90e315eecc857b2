//! Who is told of what the syncs of an invocation come to: metrics, and an event bus.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use api::{Call, Queries, Scope};
use inventory::Outcome;
use inventory::outcome::OutcomeError;
use model::environment::Environment;
use sync::pace::Deadline;
use sync::report::VerdictChange;
use sync::{Finished, Report};

use crate::bus::{Bus, Published};
use crate::installation::Installation;
use crate::metrics::readiness::figures_of;
use crate::metrics::synced::Synced;
use crate::metrics::{counts, finished, readiness, synced};
use crate::runtime::Invocation;

/// An invocation, and who is told of what its syncs come to.
pub(crate) struct Told<'a> {
    call: &'a Invocation,
    installation: Option<&'a Installation>,
    changes: Mutex<Changes>,
    /// Whether a sync of all accounts ended.
    ended: AtomicBool,
}

/// Changes of verdicts, and when the sync that saw them asked.
#[derive(Default)]
struct Changes {
    of_servers: Vec<VerdictChange>,
    as_of: String,
}

/// How long a bus may take, and what of the invocation is kept for the answer.
const TIME_TO_PUBLISH: Duration = Duration::from_secs(20);
const TIME_TO_ANSWER: Duration = Duration::from_secs(1);

impl<'a> Told<'a> {
    pub(crate) fn of(call: &'a Invocation, installation: Option<&'a Installation>) -> Self {
        Self { call, installation, changes: Mutex::default(), ended: AtomicBool::new(false) }
    }

    /// Once the sync is done: no bus keeps a row from being written.
    pub(crate) async fn publish(&self, bus: &Bus) {
        let changes =
            std::mem::take(&mut *self.changes.lock().unwrap_or_else(PoisonError::into_inner));
        if changes.of_servers.is_empty() {
            return;
        }
        let time = self.call.remaining().saturating_sub(TIME_TO_ANSWER).min(TIME_TO_PUBLISH);
        let Published { sent, failed } =
            bus.publish(&changes.of_servers, &changes.as_of, time).await;
        if self.is_measured() {
            counts::emit_events(sent, failed, self.call, self.installation);
        }
    }

    fn keep(&self, report: &Report) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.of_servers.extend(report.verdict_changes.iter().cloned());
        changes.as_of.clone_from(&report.timestamp);
    }

    /// Outside Lambda nobody reads metrics.
    fn is_measured(&self) -> bool {
        self.call.deadline.is_some()
    }

    /// Where a sync of all accounts ended: what the whole installation can recover.
    pub(crate) async fn measure_readiness(&self, queries: &Queries) {
        if !self.ended.load(Ordering::Relaxed) {
            return;
        }
        match queries.read_overview().await {
            Ok((overview, freshness)) => {
                let figures = figures_of(&overview, &freshness);
                readiness::emit(&figures, self.call, self.installation);
            }
            Err(failure) => {
                let (code, error) = (failure.code, &failure.message);
                tracing::warn!(?code, error, "figures of readiness are not known");
            }
        }
    }
}

impl Call for Told<'_> {
    fn id(&self) -> &str {
        &self.call.request_id
    }

    fn time_to_ask(&self) -> Deadline {
        self.call.time_to_ask()
    }

    fn time_to_write(&self) -> Duration {
        self.call.time_to_write()
    }

    fn synced(
        &self,
        scope: Scope,
        result: &Result<Outcome, OutcomeError>,
        took: Duration,
        environment: &Environment,
    ) {
        if let Ok(Outcome::Refactored(report)) = result {
            self.keep(report);
        }
        if !self.is_measured() {
            return;
        }
        synced::emit(Synced { scope, result, took }, environment, self.call, self.installation);
        if let (Scope::AllAccounts, Ok(Outcome::Refactored(_))) = (scope, result) {
            self.ended.store(true, Ordering::Relaxed);
        }
    }

    fn finished(&self, result: &Result<Finished, OutcomeError>) {
        if !self.is_measured() {
            return;
        }
        finished::emit(result, self.call, self.installation);
        self.ended.store(result.is_ok(), Ordering::Relaxed);
    }

    fn refused(&self) {
        if self.is_measured() {
            counts::emit_refused(self.call, self.installation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Place;
    use model::readiness::Verdict;
    use testing::Scripted;

    #[tokio::test]
    async fn what_a_sync_changed_is_told_once_and_nothing_where_nothing_changed() {
        let service = Scripted::start(|_, body| {
            assert!(body.contains("source-server/s-1"), "{body}");
            let taken = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#;
            Some(("application/x-amz-json-1.1", taken.to_owned()))
        })
        .await;
        let environment = Environment::of([("EVENT_BUS_NAME", "default")]);
        let bus = Bus::from_environment(&service.aws, &environment).unwrap().unwrap();
        let invocation = Invocation::default();
        let told = Told::of(&invocation, None);
        let synced = |report: Report| {
            told.synced(Scope::OneAccount, &Ok(report.into()), Duration::ZERO, &environment);
        };
        synced(Report::default());
        told.publish(&bus).await;
        assert_eq!(service.answered(), 0);
        let change = VerdictChange {
            source_server_arn: "arn:aws:drs:us-east-1:222222222222:source-server/s-1".to_owned(),
            hostname: String::new(),
            listed_in: Place::new("222222222222", "us-east-1"),
            before: None,
            after: Verdict::AtRisk,
            reasons: Vec::new(),
        };
        synced(Report { verdict_changes: vec![change], ..Report::default() });
        told.publish(&bus).await;
        told.publish(&bus).await;
        assert_eq!(service.answered(), 1);
    }
}
