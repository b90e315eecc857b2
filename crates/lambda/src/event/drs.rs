//! Events of DRS, as EventBridge brings them: word that something happened to a source server.
//!
//! Nothing of such an event is believed but where to look. The server is in `resources`; `detail` does
//! not name it. Source: DRS user guide, "Sample events for AWS Elastic Disaster Recovery".

use model::region::is_region;
use model::{Place, is_account_id};
use serde_json::Value;

/// The source of every event of DRS. Nobody but AWS may send one with it.
const SOURCE: &str = "aws.drs";
/// The kinds of events that change whether a server can be recovered.
const DETAIL_TYPES: [&str; 2] =
    ["DRS Source Server Data Replication Stalled Change", "DRS Source Server Launch Result"];
/// Length of an ARN. Source: IAM API reference, `arnType`.
const LONGEST_ARN: usize = 2048;

/// What an event of DRS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrsEvent {
    /// Something happened to a server of this account and region.
    In(Place),
    /// Nothing that can be used, for this reason.
    Unusable(&'static str),
}

/// Reads an event of DRS; none where it is another one.
pub fn read(event: &Value) -> Option<DrsEvent> {
    let is_of_drs = event.get("source").and_then(Value::as_str) == Some(SOURCE);
    let is_request = ["operation", "action", "httpMethod", "requestContext"]
        .iter()
        .any(|name| event.get(name).is_some());
    if !is_of_drs || is_request {
        return None;
    }
    let kind = event.get("detail-type")?.as_str()?;
    if !DETAIL_TYPES.contains(&kind) {
        return Some(DrsEvent::Unusable("the event is of a kind that is not waited for"));
    }
    let resources = event.get("resources").and_then(Value::as_array);
    let place = resources.into_iter().flatten().filter_map(Value::as_str).find_map(place_of);
    let unusable = DrsEvent::Unusable("the event names no source server in resources");
    Some(place.map_or(unusable, DrsEvent::In))
}

/// The account and region of a source server's ARN, as in
/// `arn:aws:drs:us-east-1:222222222222:source-server/s-1`.
fn place_of(arn: &str) -> Option<Place> {
    if arn.len() > LONGEST_ARN {
        return None;
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", partition, "drs", region, account, resource]
            if partition.starts_with("aws")
                && is_region(region)
                && is_account_id(account)
                && resource.strip_prefix("source-server/").is_some_and(|id| !id.is_empty()) =>
        {
            Some(Place::new(account, region))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(kind: &str, resources: Value) -> Value {
        json!({
            "version": "0", "id": "9da9af57-9253-4406-87cb-7cc400e43465", "detail-type": kind,
            "source": "aws.drs", "account": "999999999999", "time": "2026-11-28T01:00:00Z",
            "region": "eu-west-3", "resources": resources, "detail": { "state": "STALLED" },
        })
    }

    #[test]
    fn the_place_is_that_of_the_server_in_resources() {
        let arn = "arn:aws:drs:us-west-2:222222222222:source-server/s-12345678901234567";
        let expected = Some(DrsEvent::In(Place::new("222222222222", "us-west-2")));
        for kind in DETAIL_TYPES {
            assert_eq!(read(&event(kind, json!([arn]))), expected);
        }
        assert_eq!(read(&event(DETAIL_TYPES[0], json!([7, "nonsense", arn]))), expected);
        let gov = arn.replace("aws:drs:us-west-2", "aws-us-gov:drs:us-gov-west-1");
        let expected = Some(DrsEvent::In(Place::new("222222222222", "us-gov-west-1")));
        assert_eq!(read(&event(DETAIL_TYPES[1], json!([gov]))), expected);
    }

    #[test]
    fn an_event_without_a_readable_server_names_no_place() {
        let long = format!("arn:aws:drs:us-west-2:222222222222:source-server/{}", "s".repeat(2048));
        for resources in [
            json!(null),
            json!([]),
            json!({}),
            json!("arn:aws:drs:us-west-2:222222222222:source-server/s-1"),
            json!([null]),
            json!([""]),
            json!(["arn:aws:drs:us-west-2:222222222222:source-server/"]),
            json!(["arn:aws:drs:us-west-2:222222222222:recovery-instance/i-1"]),
            json!(["arn:aws:ec2:us-west-2:222222222222:source-server/s-1"]),
            json!(["arn:aws:drs:us-west-2:22222222222:source-server/s-1"]),
            json!(["arn:aws:drs:evil.example/:222222222222:source-server/s-1"]),
            json!(["arn:aws:drs::222222222222:source-server/s-1"]),
            json!(["arn:evil:drs:us-west-2:222222222222:source-server/s-1"]),
            json!([long]),
        ] {
            let read = read(&event(DETAIL_TYPES[0], resources.clone()));
            assert!(matches!(read, Some(DrsEvent::Unusable(_))), "{resources}: {read:?}");
        }
        let other = read(&event("DRS PIT Snapshot Taken", json!([])));
        assert!(matches!(other, Some(DrsEvent::Unusable(_))), "{other:?}");
    }

    #[test]
    fn what_is_another_event_or_a_request_is_none_of_drs() {
        let mut request = event(DETAIL_TYPES[0], json!([]));
        request["operation"] = json!("health");
        for other in [
            request,
            json!(null),
            json!([]),
            json!({ "source": "aws.events", "detail-type": "Scheduled Event" }),
            json!({ "source": "aws.drs" }),
            json!({ "source": "aws.drs", "detail-type": 7 }),
            json!({ "source": ["aws.drs"], "detail-type": DETAIL_TYPES[0] }),
        ] {
            assert_eq!(read(&other), None, "{other}");
        }
    }
}
