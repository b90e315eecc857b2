//! Removals that wait: which, and letting go exactly what was seen.

use inventory::picture::HeldRemoval;
use inventory::removals::{
    Acknowledgement, RemovalError, Seen, Waiting, acknowledge_region, approve_removal,
    held_removal, list_removals,
};
use jiff::{SignedDuration, Timestamp};
use model::Place;
use serde_json::{Value, json};

use testing::*;

const SINCE: &str = "2026-11-24T00:00:00.000000+00:00";

fn entry(region: &str, extra: Value) -> Value {
    let mut entry = json!({ "accountId": MEMBER, "region": region, "status": "ACTIVE",
        "serverCount": 3, "lastSuccess": SINCE, "owner": "somebody" });
    entry.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    entry
}

/// A place with 290 missing rows, a closed one with four servers, and the installation's own hold.
async fn held() -> Lab {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    let too_many = json!({ "trouble": "HELD", "removalHeld": { "count": 290, "since": SINCE } });
    let closed = json!({ "status": "SCP_DENIED", "trouble": "FAILED", "failingSince": SINCE,
        "serverCount": 5, "counts": { "notHeld": 1 } });
    let failed = json!({ "status": "THROTTLED", "trouble": "FAILED", "failingSince": SINCE });
    let last = json!({ "accountId": "#sync", "region": "#last", "startedAt": SINCE,
        "removalHeld": { "count": 900, "since": SINCE } });
    for entry in [
        entry("us-east-1", too_many),
        entry("us-west-1", closed),
        entry("us-west-2", failed),
        entry("eu-west-1", json!({})),
        last,
    ] {
        lab.put(&lab.ledger(), &entry).await;
    }
    lab
}

fn place(region: &str) -> Waiting {
    Waiting::Place(Place::new(MEMBER, region))
}

fn seen(count: u64) -> Seen {
    Seen { count, since: SINCE.to_owned() }
}

#[tokio::test]
async fn what_waits_is_listed() {
    let lab = held().await;
    let held = list_removals(&lab.ledger()).await.unwrap();
    let held: Vec<_> =
        held.iter().map(|it| (it.region.as_deref(), it.count, it.since.as_str())).collect();
    let expected =
        [(None, 900, SINCE), (Some("us-east-1"), 290, SINCE), (Some("us-west-1"), 4, SINCE)];
    assert_eq!(held, expected);
}

#[tokio::test]
async fn what_was_seen_is_approved_and_nothing_else_changed() {
    let lab = held().await;
    let before = lab.places().await;
    for (waiting, key, count) in [
        (place("us-east-1"), format!("{MEMBER}/us-east-1"), 290),
        (place("us-west-1"), format!("{MEMBER}/us-west-1"), 4),
        (Waiting::Installation, "#sync/#last".to_owned(), 900),
    ] {
        let held = held_removal(&lab.ledger(), &waiting).await.unwrap();
        assert_eq!(held.count, count);
        approve_removal(&lab.ledger(), &waiting, &seen(count)).await.unwrap();
        let mut expected = before[&key].clone();
        expected["removalApproved"] = json!({ "count": count, "since": SINCE });
        assert_eq!(lab.places().await[&key], expected);
    }
}

#[tokio::test]
async fn a_set_that_has_grown_or_is_another_is_refused() {
    let lab = held().await;
    let waiting = place("us-east-1");
    let other = Seen { count: 290, since: "2026-11-23T00:00:00Z".to_owned() };
    for wrong in [seen(289), seen(0), other] {
        let refused = approve_removal(&lab.ledger(), &waiting, &wrong).await.unwrap_err();
        assert!(
            matches!(&refused, RemovalError::Changed { count: 290, .. }),
            "{wrong:?}: {refused}"
        );
    }
    for nothing in [place("eu-west-1"), place("us-west-2"), place("nowhere"), place("#account")] {
        let refused = approve_removal(&lab.ledger(), &nothing, &seen(1)).await.unwrap_err();
        assert!(matches!(refused, RemovalError::NothingHeld { .. }), "{nothing}: {refused}");
    }
    assert!(lab.places().await.values().all(|entry| entry.get("removalApproved").is_none()));
    // The same time, written in another way, and a set that has shrunk.
    let shorter = Seen { count: 300, since: "2026-11-24T00:00:00Z".to_owned() };
    approve_removal(&lab.ledger(), &waiting, &shorter).await.unwrap();
}

#[tokio::test]
async fn a_region_is_acknowledged_with_an_end_and_a_reason() {
    let lab = held().await;
    let now: Timestamp = Timestamp::now();
    let later = now + SignedDuration::from_hours(24);
    let of =
        |until: Timestamp, because: &str| Acknowledgement { until, because: because.to_owned() };
    let place = Place::new(MEMBER, "us-west-1");
    for (acknowledgement, name) in [
        (of(now, "closed"), "until"),
        (of(later, " "), "because"),
        (of(later, "two\nlines"), "because"),
        (of(later, &"x".repeat(501)), "because"),
    ] {
        let refused = acknowledge_region(&lab.ledger(), &place, &acknowledgement, now).await;
        assert!(refused.unwrap_err().to_string().starts_with(name));
    }
    for unknown in [Place::new(MEMBER, "ap-east-1"), Place::new("#sync", "#last")] {
        let refused = acknowledge_region(&lab.ledger(), &unknown, &of(later, "closed"), now).await;
        assert!(matches!(refused, Err(RemovalError::NotFound { .. })), "{refused:?}");
    }
    acknowledge_region(&lab.ledger(), &place, &of(later, "left Oregon"), now).await.unwrap();
    let entry = lab.places().await[&place.to_string()].clone();
    assert_eq!(
        (&entry["acknowledgedBecause"], &entry["owner"]),
        (&json!("left Oregon"), &json!("somebody"))
    );
    let until: Timestamp = entry["acknowledgedUntil"].as_str().unwrap().parse().unwrap();
    assert_eq!(until.as_second(), later.as_second());
}

/// The approval is what the sync acts on.
#[tokio::test]
async fn what_is_approved_leaves_with_the_next_sync() {
    let lab = Lab::of(one_account(20)).await;
    lab.run().await;
    lab.set_world(one_account(2));
    lab.run().await;
    let waiting = place("us-east-1");
    let held = held_removal(&lab.ledger(), &waiting).await.unwrap();
    assert_eq!(held.count, 18);
    assert_eq!(list_removals(&lab.ledger()).await.unwrap().last(), Some(&held));
    let seen = Seen { count: held.count, since: held.since.clone() };
    approve_removal(&lab.ledger(), &waiting, &seen).await.unwrap();
    let approved = HeldRemoval { is_approved: true, ..held };
    assert_eq!(list_removals(&lab.ledger()).await.unwrap().last(), Some(&approved));
    lab.run().await;
    assert_eq!(lab.servers().await.len(), 2);
    let after = held_removal(&lab.ledger(), &waiting).await;
    assert!(matches!(after, Err(RemovalError::NothingHeld { .. })), "{after:?}");
}
