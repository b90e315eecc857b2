//! Changes of verdicts as entries of `PutEvents`, as many in a call as it takes.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::json;
use sync::report::VerdictChange;

/// Who says so.
const SOURCE: &str = "drs-inventory";
/// What it is.
const DETAIL_TYPE: &str = "DRS Inventory Readiness Change";

/// Entries of a call. Source: EventBridge API reference, `PutEvents`.
const MOST_ENTRIES: usize = 10;
/// Bytes of a call. Source: EventBridge user guide, "Calculating PutEvents event entry size".
const MOST_BYTES: usize = 256 * 1024;

/// The calls to make.
pub(super) struct Batches {
    /// The entries of each.
    pub(super) batches: Vec<Vec<PutEventsRequestEntry>>,
    /// Changes that no call takes.
    pub(super) too_large: u64,
}

pub(super) fn batches_of(changes: &[VerdictChange], as_of: &str, bus: &str) -> Batches {
    let mut batches: Vec<Vec<PutEventsRequestEntry>> = Vec::new();
    let (mut bytes, mut too_large) = (0, 0);
    for change in changes {
        let entry = entry_of(change, as_of, bus);
        let size = size_of(&entry);
        if size > MOST_BYTES {
            too_large += 1;
            continue;
        }
        match batches.last_mut() {
            Some(batch) if batch.len() < MOST_ENTRIES && bytes + size <= MOST_BYTES => {
                bytes += size;
                batch.push(entry);
            }
            Some(_) | None => {
                bytes = size;
                batches.push(vec![entry]);
            }
        }
    }
    Batches { batches, too_large }
}

fn entry_of(change: &VerdictChange, as_of: &str, bus: &str) -> PutEventsRequestEntry {
    let detail = json!({
        "sourceServerArn": change.source_server_arn,
        "hostname": change.hostname,
        "accountId": change.listed_in.account_id,
        "region": change.listed_in.region,
        "before": change.before,
        "after": change.after,
        "reasons": change.reasons,
        "asOf": as_of,
    });
    PutEventsRequestEntry::builder()
        .source(SOURCE)
        .detail_type(DETAIL_TYPE)
        .resources(&change.source_server_arn)
        .detail(detail.to_string())
        .event_bus_name(bus)
        .build()
}

/// As EventBridge counts.
fn size_of(entry: &PutEventsRequestEntry) -> usize {
    let texts = [entry.source(), entry.detail_type(), entry.detail()];
    let texts = texts.into_iter().flatten().map(str::len).sum::<usize>();
    texts + entry.resources().iter().map(String::len).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Place;
    use model::readiness::Verdict;

    fn change(hostname: String) -> VerdictChange {
        VerdictChange {
            source_server_arn: "arn".to_owned(),
            hostname,
            listed_in: Place::new("222222222222", "us-east-1"),
            before: None,
            after: Verdict::Ready,
            reasons: Vec::new(),
        }
    }

    #[test]
    fn a_call_has_ten_entries_and_256_kilobytes_at_most() {
        let small: Vec<VerdictChange> = (0..23).map(|_| change("host".to_owned())).collect();
        let Batches { batches, too_large } = batches_of(&small, "now", "bus");
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 3]);
        assert_eq!(too_large, 0);

        let sizes = [100, 100, 100, 300, 200, 50].map(|size| change("x".repeat(size * 1024)));
        let Batches { batches, too_large } = batches_of(&sizes, "now", "bus");
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 2]);
        assert_eq!(too_large, 1);
        let bytes = |batch: &Vec<_>| batch.iter().map(size_of).sum::<usize>();
        assert!(batches.iter().all(|batch| bytes(batch) <= MOST_BYTES));
    }
}
