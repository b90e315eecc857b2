//! Step 3: which regions are asked, from what the ledger has of an account.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use sync::ledger::{KnownPlaces, get_active_regions};

use testing::*;

const NOW: &str = "2026-11-01T12:00:00.000000+00:00";
const HOUR: Duration = Duration::from_secs(3600);

fn known(entries: &[Value]) -> KnownPlaces {
    KnownPlaces::from_items(entries.iter().map(|it| serde_dynamo::to_item(it).unwrap()).collect())
}

fn active(known: &KnownPlaces, all: &[&str]) -> Vec<String> {
    let all: Vec<String> = all.iter().map(|region| (*region).to_owned()).collect();
    let now: Timestamp = NOW.parse().unwrap();
    get_active_regions(known, &all, now, HOUR)
}

fn entry(region: &str, status: &str, servers: u32, checked: &str) -> Value {
    json!({ "accountId": MEMBER, "region": region, "status": status, "serverCount": servers,
            "lastChecked": checked })
}

#[test]
fn nothing_known_is_every_region() {
    assert_eq!(active(&KnownPlaces::default(), &["a", "b"]), ["a", "b"]);
}

#[test]
fn a_region_is_asked_where_it_must_be() {
    let recent = "2026-11-01T11:30:00+00:00";
    let old = "2026-11-01T10:59:59+00:00";
    let mut flagged = entry("flagged", "ACTIVE", 0, recent);
    flagged["counts"] = json!({ "reasons": { "NO_LONGER_LISTED": 2 } });
    let mut flagged_outside = flagged.clone();
    flagged_outside["region"] = json!("flagged-outside");
    let entries = [
        entry("servers", "ACTIVE", 3, recent),
        entry("empty", "ACTIVE", 0, recent),
        entry("empty-long-ago", "ACTIVE", 0, old),
        entry("from-the-future", "ACTIVE", 0, "2026-11-01T12:30:00Z"),
        entry("denied", "IAM_PERMISSION_DENIED", 0, recent),
        entry("unreachable", "ENDPOINT_UNREACHABLE", 0, recent),
        entry("not-in-use", "NOT_INITIALIZED", 0, recent),
        entry("not-in-use-any-more", "SCP_DENIED", 2, recent),
        entry("of-another-version", "WHATEVER", 0, recent),
        entry("outside-the-list", "ACTIVE", 1, old),
        entry("outside-and-empty", "ACTIVE", 0, old),
        entry("#account", "", 0, recent),
        flagged,
        flagged_outside,
    ];
    let all = [
        "servers",
        "empty",
        "empty-long-ago",
        "from-the-future",
        "denied",
        "unreachable",
        "not-in-use",
        "not-in-use-any-more",
        "of-another-version",
        "flagged",
        "never",
    ];
    assert_eq!(
        active(&known(&entries), &all),
        [
            "servers",
            "empty-long-ago",
            "from-the-future",
            "denied",
            "unreachable",
            "not-in-use-any-more",
            "of-another-version",
            "flagged",
            "never",
            "flagged-outside",
            "outside-the-list",
        ]
    );
}

proptest! {
    #[test]
    fn a_region_with_servers_is_always_asked_and_none_twice(
        entries in prop::collection::btree_map(0..8_u8, (0..3_u32, 0..48_i64, any::<bool>()), 0..8),
    ) {
        let now: Timestamp = NOW.parse().unwrap();
        let entries: Vec<Value> = entries.into_iter().map(|(region, (servers, hours, fails))| {
            let checked = (now - jiff::SignedDuration::from_hours(hours)).to_string();
            let status = if fails { "THROTTLED" } else { "ACTIVE" };
            entry(&format!("region-{region}"), status, servers, &checked)
        }).collect();
        let all: Vec<String> = (0..5).map(|n| format!("region-{n}")).collect();
        let due = get_active_regions(&known(&entries), &all, now, HOUR);
        for entry in &entries {
            let region = entry["region"].as_str().unwrap().to_owned();
            let listed = all.contains(&region);
            if entry["serverCount"] != 0 || (listed && entry["status"] == "THROTTLED") {
                prop_assert!(due.contains(&region));
            }
        }
        let mut once = due.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), due.len());
    }
}
