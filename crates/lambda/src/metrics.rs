//! The metrics of a sync, in CloudWatch's embedded format: one line of the log each.

use std::io::{Write, stdout};
use std::time::{Duration, SystemTime};

use api::Scope;
use inventory::Outcome;
use inventory::outcome::{Completeness, OutcomeError};
use inventory::switch::Implementation;
use legacy::Totals;
use metrique::emf::Emf;
use metrique::emf::flags::NoMetric;
use metrique::unit::Millisecond;
use metrique::unit_of_work::metrics;
use metrique::writer::{Entry, EntryIoStream, FormatExt};
use metrique::{CloseValue, RootEntry};
use model::environment::Environment;
use model::{FailureKind, RegionStatus};
use sync::{Finished, Report};

use crate::runtime::Invocation;

/// Where CloudWatch files the metrics.
pub const NAMESPACE: &str = "DrsInventory";

/// One sync, or one account of a sync that is spread over many calls. Every number is a metric, filed
/// under the implementation and once more without. What only a whole sync can tell is absent for one
/// account: [`FinishedMetrics`] tells it.
#[metrics(rename_all = "PascalCase", emf::dimension_sets = [[], ["Implementation"]])]
struct SyncMetrics {
    #[metrics(timestamp)]
    timestamp: SystemTime,
    implementation: &'static str,
    #[metrics(flags(NoMetric))]
    request_id: String,
    syncs: Option<u64>,
    syncs_failed: u64,
    syncs_incomplete: Option<u64>,
    #[metrics(unit = Millisecond)]
    duration: Option<Duration>,
    servers_found: Option<u64>,
    servers_written: u64,
    servers_unchanged: u64,
    servers_missing: Option<u64>,
    servers_removed: u64,
    removals_held: Option<u64>,
    rows_failed: u64,
    failures: u64,
    accounts_asked: Option<u64>,
    accounts_skipped: Option<u64>,
    regions_asked: u64,
    regions_skipped: u64,
    regions_active: u64,
    regions_access_denied: u64,
    regions_throttled: u64,
    regions_unreachable: u64,
    regions_error: u64,
    regions_not_in_use: u64,
}

/// The end of a sync that was spread over many calls.
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
    removals_held: u64,
    accounts_asked: u64,
    accounts_skipped: u64,
    accounts_without_answer: u64,
    places_failed: u64,
}

/// A sync that left the work to another one.
#[metrics(rename_all = "PascalCase", emf::dimension_sets = [[]])]
struct RefusedMetrics {
    #[metrics(timestamp)]
    timestamp: SystemTime,
    #[metrics(flags(NoMetric))]
    request_id: String,
    syncs_refused: u64,
}

/// Writes the metrics of a sync to the log. Outside Lambda nobody reads them.
pub fn emit(
    scope: Scope,
    result: &Result<Outcome, OutcomeError>,
    took: Duration,
    environment: &Environment,
    call: &Invocation,
) {
    if call.deadline.is_some() {
        let metrics = measure(scope, result, took, environment, call);
        write(RootEntry::new(metrics.close()), stdout().lock());
    }
}

/// Writes the metrics of the end of a sync that was spread over many calls.
pub fn emit_finished(result: &Result<Finished, OutcomeError>, call: &Invocation) {
    if call.deadline.is_some() {
        write(RootEntry::new(measure_finished(result, call).close()), stdout().lock());
    }
}

/// Counts an invocation that found the lock taken.
pub fn emit_refused(call: &Invocation) {
    if call.deadline.is_some() {
        write(RootEntry::new(measure_refused(call).close()), stdout().lock());
    }
}

fn write(entry: impl Entry, output: impl Write) {
    let format = Emf::all_validations(NAMESPACE.to_owned(), vec![vec![]]);
    if let Err(error) = format.output_to(output).next(&entry) {
        tracing::warn!(cause = error.to_string(), "the metrics of the sync are lost");
    }
}

fn measure(
    scope: Scope,
    result: &Result<Outcome, OutcomeError>,
    took: Duration,
    environment: &Environment,
    call: &Invocation,
) -> SyncMetrics {
    let implementation = Implementation::from_environment(environment);
    let completeness = result.as_ref().map_or(Completeness::Nothing, Outcome::completeness);
    let answered = completeness != Completeness::Nothing;
    let nothing = Report::default();
    let (report, written, failures) = match result {
        Ok(Outcome::Refactored(report)) => {
            (&**report, report.servers_written as u64, report.failed.len() as u64)
        }
        Ok(Outcome::Legacy(Totals::Done { synced, errors, .. })) => (&nothing, *synced, *errors),
        Ok(Outcome::Legacy(Totals::NotConfigured)) | Err(_) => (&nothing, 0, 0),
    };
    let of_all = |number: u64| (scope == Scope::AllAccounts).then_some(number);
    let failed = |status: RegionStatus| failed_regions(report, status) as u64;
    let regions_failed: u64 = FAILED_STATUSES.into_iter().map(failed).sum();
    let not_in_use = report.not_in_use.values().sum::<usize>() as u64;
    SyncMetrics {
        timestamp: SystemTime::now(),
        implementation: implementation.map_or("unknown", Implementation::name),
        request_id: call.request_id.clone(),
        syncs: of_all(answered.into()),
        syncs_failed: u64::from(!answered),
        syncs_incomplete: of_all((completeness != Completeness::Complete).into()),
        duration: (scope == Scope::AllAccounts).then_some(took),
        servers_found: of_all(report.servers_found as u64),
        servers_written: written,
        servers_unchanged: report.servers_unchanged as u64,
        servers_missing: of_all(report.servers_missing),
        servers_removed: report.servers_removed,
        removals_held: of_all(removals_held(report)),
        rows_failed: report.servers_failed as u64,
        failures,
        accounts_asked: of_all(report.accounts_asked as u64),
        accounts_skipped: of_all(report.accounts_skipped.len() as u64),
        regions_asked: report.regions_asked as u64,
        regions_skipped: report.regions_skipped as u64,
        regions_active: (report.regions_asked as u64).saturating_sub(not_in_use + regions_failed),
        regions_access_denied: failed(RegionStatus::IamPermissionDenied),
        regions_throttled: failed(RegionStatus::Throttled),
        regions_unreachable: failed(RegionStatus::EndpointUnreachable),
        regions_error: failed(RegionStatus::Error),
        regions_not_in_use: not_in_use,
    }
}

fn measure_finished(result: &Result<Finished, OutcomeError>, call: &Invocation) -> FinishedMetrics {
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
        removals_held: finished.removals_held,
        accounts_asked: asked as u64,
        accounts_skipped: skipped as u64,
        accounts_without_answer: finished.accounts_without_answer as u64,
        places_failed: finished.places_failed,
    }
}

fn measure_refused(call: &Invocation) -> RefusedMetrics {
    let (timestamp, request_id) = (SystemTime::now(), call.request_id.clone());
    RefusedMetrics { timestamp, request_id, syncs_refused: 1 }
}

/// What is held in a place is part of what is held in all.
fn removals_held(report: &Report) -> u64 {
    let mut held = report.removals_held.clone();
    let in_all = held.remove("installation").unwrap_or_default();
    in_all.max(held.values().sum())
}

/// The statuses of a region that hides servers.
const FAILED_STATUSES: [RegionStatus; 4] = [
    RegionStatus::IamPermissionDenied,
    RegionStatus::Throttled,
    RegionStatus::EndpointUnreachable,
    RegionStatus::Error,
];

fn failed_regions(report: &Report, status: RegionStatus) -> usize {
    let regions = report.failed.iter().filter(|missing| missing.kind == FailureKind::Region);
    regions.filter(|missing| missing.status == status.name()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrique::InflectableEntry;
    use serde_json::{Value, json};
    use sync::report::{Missing, SkippedAccount};

    fn line_of(metrics: impl InflectableEntry) -> Value {
        let mut output = Vec::new();
        write(RootEntry::new(metrics), &mut output);
        let text = String::from_utf8(output).unwrap();
        assert_eq!(text.trim_end().lines().count(), 1);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_sync_is_one_line_that_cloudwatch_reads() {
        let failed = |status: RegionStatus| Missing {
            kind: FailureKind::Region,
            account: String::new(),
            region: None,
            row: None,
            status: status.name(),
            code: String::new(),
            message: String::new(),
            retryable: false,
            what_to_do: String::new(),
        };
        let skipped = SkippedAccount { account: String::new(), reason: String::new() };
        let report = Report {
            servers_written: 7,
            servers_found: 8,
            servers_failed: 1,
            accounts_asked: 3,
            accounts_skipped: vec![skipped],
            regions_asked: 10,
            regions_skipped: 90,
            not_in_use: [("NOT_INITIALIZED", 5)].into(),
            failed: vec![
                failed(RegionStatus::Throttled),
                failed(RegionStatus::IamPermissionDenied),
            ],
            ..Report::default()
        };
        let call = Invocation { request_id: "r-1".to_owned(), ..Invocation::default() };
        let (took, response) = (Duration::from_millis(1500), Ok(report.into()));
        let scope = Scope::AllAccounts;
        let line = line_of(measure(scope, &response, took, &Environment::of([]), &call).close());
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], NAMESPACE);
        assert_eq!(directive["Dimensions"], json!([[], ["Implementation"]]));
        for (name, expected) in [
            ("Syncs", 1),
            ("SyncsFailed", 0),
            ("SyncsIncomplete", 1),
            ("Duration", 1500),
            ("ServersFound", 8),
            ("ServersWritten", 7),
            ("RowsFailed", 1),
            ("Failures", 2),
            ("AccountsAsked", 3),
            ("AccountsSkipped", 1),
            ("RegionsSkipped", 90),
            ("RegionsActive", 3),
            ("RegionsThrottled", 1),
            ("RegionsAccessDenied", 1),
            ("RegionsNotInUse", 5),
        ] {
            assert_eq!(line[name].as_f64(), Some(f64::from(expected)), "{name}: {line}");
            let metrics = directive["Metrics"].as_array().unwrap();
            assert!(metrics.iter().any(|metric| metric["Name"] == name), "{name}");
        }
        assert_eq!(
            (&line["Implementation"], &line["RequestId"]),
            (&json!("refactored"), &json!("r-1"))
        );
    }

    #[test]
    fn a_sync_that_could_not_be_done_counts_as_failed_and_incomplete() {
        let error = model::environment::ConfigError::Missing { variable: "X" }.into();
        let (scope, took) = (Scope::AllAccounts, Duration::ZERO);
        let metrics =
            measure(scope, &Err(error), took, &Environment::of([]), &Invocation::default());
        assert_eq!((metrics.syncs, metrics.syncs_failed), (Some(0), 1));
        assert_eq!(metrics.syncs_incomplete, Some(1));
    }

    #[test]
    fn one_account_of_many_is_no_sync() {
        let report = Report { servers_found: 8, servers_written: 7, ..Report::default() };
        let (scope, call) = (Scope::OneAccount, Invocation::default());
        let metrics =
            measure(scope, &Ok(report.into()), Duration::ZERO, &Environment::of([]), &call);
        let line = line_of(metrics.close());
        for absent in ["Syncs", "SyncsIncomplete", "Duration", "ServersFound", "AccountsAsked"] {
            assert_eq!(line.get(absent), None, "{absent}: {line}");
        }
        assert_eq!((&line["ServersWritten"], &line["SyncsFailed"]), (&json!(7), &json!(0)));
    }

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
        let line = line_of(measure_finished(&Ok(finished), &Invocation::default()).close());
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
        let failed = measure_finished(&Err(error), &Invocation::default());
        assert_eq!((failed.syncs, failed.syncs_failed, failed.syncs_incomplete), (0, 1, 1));
    }

    #[test]
    fn a_sync_that_finds_the_lock_taken_is_counted() {
        let call = Invocation { request_id: "r-1".to_owned(), ..Invocation::default() };
        let line = line_of(measure_refused(&call).close());
        assert_eq!((&line["SyncsRefused"], &line["RequestId"]), (&json!(1), &json!("r-1")));
    }
}
