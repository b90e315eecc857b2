//! What is only counted: syncs that left the work to another one, events that were sent or lost, accounts
//! that were never added.

use std::time::SystemTime;

use metrique::emf::flags::NoMetric;
use metrique::unit_of_work::metrics;
use metrique::{CloseValue, RootEntry};

use crate::installation::Installation;
use crate::runtime::Invocation;

/// What an invocation counts; what did not happen is absent.
#[metrics(rename_all = "PascalCase", emf::dimension_sets = [[]])]
struct Counts {
    #[metrics(timestamp)]
    timestamp: SystemTime,
    #[metrics(flags(NoMetric))]
    request_id: String,
    syncs_refused: Option<u64>,
    events_sent: Option<u64>,
    events_failed: Option<u64>,
    accounts_never_added: Option<u64>,
}

impl Counts {
    fn of(call: &Invocation) -> Self {
        Self {
            timestamp: SystemTime::now(),
            request_id: call.request_id.clone(),
            syncs_refused: None,
            events_sent: None,
            events_failed: None,
            accounts_never_added: None,
        }
    }
}

/// Counts an invocation that found the lock taken.
pub fn emit_refused(call: &Invocation, installation: Option<&Installation>) {
    emit(Counts { syncs_refused: Some(1), ..Counts::of(call) }, installation);
}

/// Counts changes of verdicts that the bus took, and those that it did not.
pub fn emit_events(sent: u64, failed: u64, call: &Invocation, installation: Option<&Installation>) {
    let counts =
        Counts { events_sent: Some(sent), events_failed: Some(failed), ..Counts::of(call) };
    emit(counts, installation);
}

/// Counts the accounts of the organization that are in no row.
pub fn emit_never_added(accounts: u64, call: &Invocation, installation: Option<&Installation>) {
    emit(Counts { accounts_never_added: Some(accounts), ..Counts::of(call) }, installation);
}

fn emit(counts: Counts, installation: Option<&Installation>) {
    super::emit(&RootEntry::new(counts.close()), installation);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::tests::line_of;
    use serde_json::json;

    #[test]
    fn a_sync_that_finds_the_lock_taken_is_counted() {
        let call = Invocation { request_id: "r-1".to_owned(), ..Invocation::default() };
        let line = line_of(Counts { syncs_refused: Some(1), ..Counts::of(&call) }.close(), None);
        assert_eq!((&line["SyncsRefused"], &line["RequestId"]), (&json!(1), &json!("r-1")));
        assert_eq!(line.get("EventsFailed"), None);
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Metrics"].as_array().map(Vec::len), Some(1), "{line}");
    }
}
