//! A sync, or one account of a sync that is spread over many calls.

use std::time::{Duration, SystemTime};

use api::Scope;
use inventory::Outcome;
use inventory::outcome::{Completeness, OutcomeError};
use inventory::switch::Implementation;
use legacy::Totals;
use metrique::emf::flags::NoMetric;
use metrique::unit::{Millisecond, Second};
use metrique::unit_of_work::metrics;
use metrique::{CloseValue, RootEntry};
use model::environment::Environment;
use model::{FailureKind, RegionStatus};
use sync::Report;

use crate::installation::Installation;
use crate::runtime::Invocation;

/// Every number is a metric, filed under the implementation and once more without. What only a whole
/// sync can tell is absent for one account: [`super::finished`] tells it.
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
    /// Of one account, too: the longest of all is the maximum of the metric.
    #[metrics(unit = Second)]
    max_lag_seconds: Option<u64>,
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

/// A sync that was done, or could not be.
#[derive(Clone, Copy)]
pub struct Synced<'a> {
    /// What was synced.
    pub scope: Scope,
    /// What came of it.
    pub result: &'a Result<Outcome, OutcomeError>,
    /// How long it took.
    pub took: Duration,
}

/// Writes the metrics of a sync to the log. `environment` says which implementation it was.
pub fn emit(
    synced: Synced<'_>,
    environment: &Environment,
    call: &Invocation,
    installation: Option<&Installation>,
) {
    let metrics = measure(synced, environment, call);
    super::emit(&RootEntry::new(metrics.close()), installation);
}

fn measure(synced: Synced<'_>, environment: &Environment, call: &Invocation) -> SyncMetrics {
    let Synced { scope, result, took } = synced;
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
        max_lag_seconds: report.max_lag_seconds,
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
    use crate::metrics::NAMESPACE;
    use crate::metrics::tests::line_of;
    use serde_json::json;
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
        let (took, response) = (Duration::from_millis(1500), Ok(report.into()));
        let synced = Synced { scope: Scope::AllAccounts, result: &response, took };
        let line = line_of(measure(synced, &Environment::of([]), &call).close(), None);
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
        let error = Err(model::environment::ConfigError::Missing { variable: "X" }.into());
        let synced = Synced { scope: Scope::AllAccounts, result: &error, took: Duration::ZERO };
        let metrics = measure(synced, &Environment::of([]), &Invocation::default());
        assert_eq!((metrics.syncs, metrics.syncs_failed), (Some(0), 1));
        assert_eq!(metrics.syncs_incomplete, Some(1));
    }

    #[test]
    fn one_account_of_many_is_no_sync() {
        let report = Report { servers_found: 8, servers_written: 7, ..Report::default() };
        let result = Ok(report.into());
        let synced = Synced { scope: Scope::OneAccount, result: &result, took: Duration::ZERO };
        let metrics = measure(synced, &Environment::of([]), &Invocation::default());
        let line = line_of(metrics.close(), None);
        for absent in ["Syncs", "SyncsIncomplete", "Duration", "ServersFound", "AccountsAsked"] {
            assert_eq!(line.get(absent), None, "{absent}: {line}");
        }
        assert_eq!((&line["ServersWritten"], &line["SyncsFailed"]), (&json!(7), &json!(0)));
    }

    #[test]
    fn every_metric_is_of_its_installation_where_it_has_a_name() {
        let environment = Environment::of([("INSTALLATION", "drs-inventory-test")]);
        let installation = Installation::from_environment(&environment).unwrap();
        let result = Ok(Report::default().into());
        let synced = Synced { scope: Scope::AllAccounts, result: &result, took: Duration::ZERO };
        let metrics = measure(synced, &environment, &Invocation::default());
        let line = line_of(metrics.close(), installation.as_ref());
        let dimensions = &line["_aws"]["CloudWatchMetrics"][0]["Dimensions"];
        assert_eq!(*dimensions, json!([["Installation"], ["Installation", "Implementation"]]));
    }
}
