//! The metrics of a sync, in CloudWatch's embedded format: one line of the log each.

use std::io::{Write, stdout};
use std::time::{Duration, SystemTime};

use inventory::Outcome;
use inventory::outcome::{Completeness, OutcomeError};
use inventory::switch::Implementation;
use legacy::Totals;
use metrique::emf::Emf;
use metrique::emf::flags::NoMetric;
use metrique::unit::Millisecond;
use metrique::unit_of_work::metrics;
use metrique::writer::{EntryIoStream, FormatExt};
use metrique::{CloseValue, RootEntry};
use model::environment::Environment;
use model::{FailureKind, RegionStatus};
use sync::Report;

use crate::runtime::Invocation;

/// Where CloudWatch files the metrics.
pub const NAMESPACE: &str = "DrsInventory";

/// One sync. Every number is a metric, filed under the implementation and once more without.
#[metrics(rename_all = "PascalCase", emf::dimension_sets = [[], ["Implementation"]])]
struct SyncMetrics {
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
    servers_written: u64,
    rows_failed: u64,
    failures: u64,
    accounts_asked: u64,
    accounts_skipped: u64,
    regions_asked: u64,
    regions_skipped: u64,
    regions_active: u64,
    regions_access_denied: u64,
    regions_throttled: u64,
    regions_unreachable: u64,
    regions_error: u64,
    regions_not_in_use: u64,
}

/// Writes the metrics of a sync to the log. Outside Lambda nobody reads them.
pub fn emit(
    result: &Result<Outcome, OutcomeError>,
    took: Duration,
    environment: &Environment,
    call: &Invocation,
) {
    if call.deadline.is_some() {
        write(measure(result, took, environment, call), stdout().lock());
    }
}

fn write(metrics: SyncMetrics, output: impl Write) {
    let format = Emf::all_validations(NAMESPACE.to_owned(), vec![vec![]]);
    if let Err(error) = format.output_to(output).next(&RootEntry::new(metrics.close())) {
        tracing::warn!(cause = error.to_string(), "the metrics of the sync are lost");
    }
}

fn measure(
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
    let failed = |status: RegionStatus| failed_regions(report, status) as u64;
    let regions_failed: u64 = FAILED_STATUSES.into_iter().map(failed).sum();
    let not_in_use = report.not_in_use.values().sum::<usize>() as u64;
    SyncMetrics {
        timestamp: SystemTime::now(),
        implementation: implementation.map_or("unknown", Implementation::name),
        request_id: call.request_id.clone(),
        syncs: u64::from(answered),
        syncs_failed: u64::from(!answered),
        syncs_incomplete: u64::from(completeness != Completeness::Complete),
        duration: took,
        servers_found: report.servers_found as u64,
        servers_written: written,
        rows_failed: report.servers_failed as u64,
        failures,
        accounts_asked: report.accounts_asked as u64,
        accounts_skipped: report.accounts_skipped.len() as u64,
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
    use serde_json::{Value, json};
    use sync::report::{Missing, SkippedAccount};

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
        let mut output = Vec::new();
        let (took, response) = (Duration::from_millis(1500), Ok(report.into()));
        write(measure(&response, took, &Environment::of([]), &call), &mut output);
        let text = String::from_utf8(output).unwrap();
        assert_eq!(text.trim_end().lines().count(), 1);
        let line: Value = serde_json::from_str(&text).unwrap();
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
        let metrics =
            measure(&Err(error), Duration::ZERO, &Environment::of([]), &Invocation::default());
        assert_eq!((metrics.syncs, metrics.syncs_failed, metrics.syncs_incomplete), (0, 1, 1));
    }
}
