//! The end of a sync that was spread over many calls.

use std::time::{Duration, SystemTime};

use inventory::outcome::OutcomeError;
use inventory::switch::Implementation;
use metrique::emf::flags::NoMetric;
use metrique::unit::Millisecond;
use metrique::unit_of_work::metrics;
use metrique::{CloseValue, RootEntry};
use sync::Finished;

use crate::installation::Installation;
use crate::runtime::Invocation;

#[metrics(rename_all = "PascalCase", emf::dimension_sets = [[], ["Implementation"]])]
struct FinishedMetrics {
    #[metrics(timestamp)]
    timestamp: SystemTime,
    implementation: &'static str,
    #[metrics(flags(NoMetric))]
    request_id: String,
    syncs: u64,
    syncs_failed: u64,
    syncs_incomplete: u64,
    #[metrics(unit = Millisecond)]
    duration: Duration,
    servers_found: u64,
    servers_missing: u64,
    accounts_asked: u64,
    accounts_skipped: u64,
    accounts_without_answer: u64,
    places_failed: u64,
}

/// Writes the metrics of the end of a sync that was spread over many calls.
pub fn emit(
    result: &Result<Finished, OutcomeError>,
    call: &Invocation,
    installation: Option<&Installation>,
) {
    super::emit(&RootEntry::new(measure(result, call).close()), installation);
}

fn measure(result: &Result<Finished, OutcomeError>, call: &Invocation) -> FinishedMetrics {
    let nothing = Finished::default();
    let finished = result.as_ref().unwrap_or(&nothing);
    let skipped = finished.accounts_not_entered;
    let asked = finished.accounts.saturating_sub(finished.accounts_without_answer + skipped);
    FinishedMetrics {
        timestamp: SystemTime::now(),
        implementation: Implementation::Refactored.name(),
        request_id: call.request_id.clone(),
        syncs: u64::from(result.is_ok()),
        syncs_failed: u64::from(result.is_err()),
        syncs_incomplete: u64::from(!finished.complete),
        duration: Duration::from_millis(finished.duration_ms),
        servers_found: finished.servers,
        servers_missing: finished.missing,
        accounts_asked: asked as u64,
        accounts_skipped: skipped as u64,
        accounts_without_answer: finished.accounts_without_answer as u64,
        places_failed: finished.places_failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::tests::line_of;

    #[test]
    fn the_end_of_a_sync_is_one_and_says_who_did_not_answer() {
        let finished = Finished {
            accounts: 10,
            accounts_without_answer: 2,
            accounts_not_entered: 1,
            places_failed: 3,
            servers: 90,
            ..Finished::default()
        };
        let line = line_of(measure(&Ok(finished), &Invocation::default()).close(), None);
        for (name, expected) in [
            ("Syncs", 1),
            ("SyncsFailed", 0),
            ("SyncsIncomplete", 1),
            ("ServersFound", 90),
            ("AccountsAsked", 7),
            ("AccountsSkipped", 1),
            ("AccountsWithoutAnswer", 2),
            ("PlacesFailed", 3),
        ] {
            assert_eq!(line[name].as_f64(), Some(f64::from(expected)), "{name}: {line}");
        }
        let error = model::environment::ConfigError::Missing { variable: "X" }.into();
        let failed = measure(&Err(error), &Invocation::default());
        assert_eq!((failed.syncs, failed.syncs_failed, failed.syncs_incomplete), (0, 1, 1));
    }
}
