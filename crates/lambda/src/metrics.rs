//! The metrics of a sync, in CloudWatch's embedded format: one line of the log each.

use std::io::{Write, stdout};
use std::time::{Duration, SystemTime};

use inventory::config::{Environment, Implementation};
use inventory::model::RegionStatus;
use inventory::sync::SyncError;
use inventory::sync::response::Response;
use metrique::emf::Emf;
use metrique::emf::flags::NoMetric;
use metrique::unit::Millisecond;
use metrique::unit_of_work::metrics;
use metrique::writer::{EntryIoStream, FormatExt};
use metrique::{CloseValue, RootEntry};
use serde_json::Value;

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
    result: &Result<Response, SyncError>,
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
    result: &Result<Response, SyncError>,
    took: Duration,
    environment: &Environment,
    call: &Invocation,
) -> SyncMetrics {
    let implementation = Implementation::from_environment(environment);
    let body = result.as_ref().map_or(&Value::Null, |response| &response.body);
    let details = &body["details"];
    let number = |name: &str| details[name].as_u64().unwrap_or(0);
    let not_in_use = details["notInUse"].as_object();
    let not_in_use = not_in_use.map_or(0, |counts| counts.values().filter_map(Value::as_u64).sum());
    let failed = |status: RegionStatus| failed_regions(details, status);
    let regions_failed: u64 = FAILED_STATUSES.into_iter().map(failed).sum();
    let answered = result.as_ref().is_ok_and(|response| response.status_code == 200);
    SyncMetrics {
        timestamp: SystemTime::now(),
        implementation: implementation.map_or("unknown", Implementation::name),
        request_id: call.request_id.clone(),
        syncs: u64::from(answered),
        syncs_failed: u64::from(!answered),
        syncs_incomplete: u64::from(!result.as_ref().is_ok_and(Response::is_complete)),
        duration: took,
        servers_found: number("serversFound"),
        servers_written: body["totalSynced"].as_u64().unwrap_or(0),
        rows_failed: number("serversFailed"),
        failures: body["totalErrors"].as_u64().unwrap_or(0),
        accounts_asked: number("accountsAsked"),
        accounts_skipped: details["accountsSkipped"].as_array().map_or(0, Vec::len) as u64,
        regions_asked: number("regionsAsked"),
        regions_skipped: number("regionsSkipped"),
        regions_active: number("regionsAsked").saturating_sub(not_in_use + regions_failed),
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

fn failed_regions(details: &Value, status: RegionStatus) -> u64 {
    let failed = details["failed"].as_array().into_iter().flatten();
    failed.filter(|it| it["kind"] == "region" && it["status"] == status.name()).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_sync_is_one_line_that_cloudwatch_reads() {
        let failed = |status| json!({ "kind": "region", "status": status });
        let body = json!({
            "totalSynced": 7, "totalErrors": 2,
            "details": {
                "complete": false, "serversFound": 8, "serversFailed": 1,
                "accountsAsked": 3, "accountsSkipped": [{}], "regionsAsked": 10,
                "regionsSkipped": 90, "notInUse": { "NOT_INITIALIZED": 5 },
                "failed": [failed("THROTTLED"), failed("IAM_PERMISSION_DENIED")],
            },
        });
        let call = Invocation { request_id: "r-1".to_owned(), ..Invocation::default() };
        let mut output = Vec::new();
        let (took, response) = (Duration::from_millis(1500), Ok(Response::new(200, body)));
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
        let error = SyncError::Config(inventory::config::ConfigError::Missing { variable: "X" });
        let metrics =
            measure(&Err(error), Duration::ZERO, &Environment::of([]), &Invocation::default());
        assert_eq!((metrics.syncs, metrics.syncs_failed, metrics.syncs_incomplete), (0, 1, 1));
    }
}
