//! What the ledger counts of a place, in every kind of look.

use super::*;

/// A server that cannot be read.
fn unreadable(number: u32) -> Value {
    let mut server = ready(number);
    server["sourceProperties"]["ramBytes"] = json!("many");
    server
}

/// A server whose row the table refuses: it is too large.
fn refused(number: u32) -> Value {
    let mut server = ready(number);
    server["tags"] = json!({ "note": "x".repeat(410_000) });
    server
}

fn without_arn(number: u32) -> Value {
    let mut server = ready(number);
    server.as_object_mut().unwrap().remove("arn");
    server
}

#[tokio::test]
async fn every_server_is_counted_once_by_its_verdict() {
    let mut lagging = ready(3);
    lagging["dataReplicationInfo"]["lagDuration"] = json!("PT40M");
    let mut extended = ready(5);
    extended["stagingArea"]["status"] = json!("EXTENDED");
    let servers =
        [ready(1), in_state(2, "STALLED"), lagging, in_state(4, "STOPPED"), extended, ready(1)];
    let lab = synced(&servers).await;
    let entry = entry(&lab).await;
    let counts = json!({
        "verdicts": { "READY": 2, "AT_RISK": 1, "NOT_READY": 2 },
        "reasons": { "STALLED": 1, "LAG_ABOVE_RPO": 1, "REPLICATION_STOPPED": 1 },
        "lag": { "WITHIN": 4, "FOUR_TIMES": 1 },
        "drills": { "NEVER": 5 },
        "drillAges": { "NEVER": 5 },
        "extended": 1,
        // The stopped one and the copy do not count against the quota, one listed twice does so once.
        "replicating": 3,
        "notHeld": 0,
    });
    assert_eq!((&entry["counts"], &entry["serverCount"]), (&counts, &json!(5)));
    ledger_agrees_with_rows(&lab).await;
}

#[tokio::test]
async fn what_cannot_be_stored_or_read_is_counted_beside_the_verdicts() {
    let servers = [ready(1), unreadable(2), refused(3), without_arn(4), in_state(5, "PAUSED")];
    let lab = Lab::of(world(&servers)).await;
    let report = report(&lab).await;
    let entry = entry(&lab).await;
    assert_eq!(entry["counts"]["verdicts"], json!({ "READY": 1, "AT_RISK": 1 }));
    assert_eq!((&entry["rowsNotStored"]["count"], &entry["serverCount"]), (&json!(3), &json!(5)));
    let expected = [("AT_RISK", 1), ("READY", 1), ("UNKNOWN", 3)];
    assert_eq!(report.readiness, expected.map(|(name, n)| (name.to_owned(), n)).into());
    ledger_agrees_with_rows(&lab).await;
    // The same in a look that writes nothing, and in one after which they can be stored.
    next(&lab, &servers).await;
    ledger_agrees_with_rows(&lab).await;
    next(&lab, &ready_servers(5)).await;
    let entry = super::entry(&lab).await;
    assert_eq!(entry["counts"]["verdicts"], json!({ "READY": 5 }));
    ledger_agrees_with_rows(&lab).await;
}

#[tokio::test]
async fn a_row_that_another_place_holds_is_not_counted_by_this_one() {
    let listed = |account: &str| {
        json!({ REGION: { "sourceServers": [
        ready(1), ready_in(account, REGION, if account == MEMBER { 2 } else { 3 })] } })
    };
    let world = json!({
        "hubAccountId": HUB, "targetAccounts": [target(MEMBER), target(OTHER)],
        "accounts": {
            MEMBER: { "roles": roles(), "drs": listed(MEMBER) },
            OTHER: { "roles": roles(), "drs": listed(OTHER) },
        },
    });
    let lab = Lab::of(world).await;
    lab.run().await;
    for _ in 0..2 {
        advance(FIVE_MINUTES).await;
        lab.run().await;
        ledger_agrees_with_rows(&lab).await;
    }
    let places = lab.places().await;
    let entries = [MEMBER, OTHER].map(|account| &places[&format!("{account}/{REGION}")]);
    let not_held: u64 = entries.iter().map(|it| number(it, "/counts/notHeld")).sum();
    let judged: u64 = entries.iter().map(|it| sum(&it["counts"]["verdicts"])).sum();
    assert_eq!((not_held, judged), (1, 3));
    let region = &lab.regions().await[REGION];
    assert_eq!((&region["serverCount"], sum(&region["counts"]["verdicts"])), (&json!(4), 3));
}

#[tokio::test]
async fn a_look_whose_rows_cannot_be_compared_or_written_adds_up() {
    for (operation, mark) in [
        ("BatchGetItem", "source-server-inventory"),
        ("BatchWriteItem", "source-server-inventory"),
        ("BatchWriteItem", "inventory-changes"),
        ("Query", "ListingIndex"),
    ] {
        let lab = synced(&[ready(1), ready(2), unreadable(3), ready(4)]).await;
        deny(&lab, operation, mark, 1000);
        let servers = [in_state(1, "STALLED"), ready(2), unreadable(3), without_arn(4), ready(5)];
        next(&lab, &servers).await;
        lab.store.clear_faults();
        adds_up(&entry(&lab).await);
        next(&lab, &[in_state(1, "STALLED"), ready(2), ready(3), ready(5)]).await;
        ledger_agrees_with_rows(&lab).await;
    }
}

#[tokio::test]
async fn more_than_280_replicating_servers_are_near_the_quota() {
    let lab = synced(&ready_servers(280)).await;
    assert_eq!(entry(&lab).await["counts"]["replicating"], 280);
    assert_eq!(number(&entry(&lab).await, "/counts/reasons/NEAR_QUOTA"), 0);
    next(&lab, &ready_servers(281)).await;
    let entry = entry(&lab).await;
    assert_eq!(
        (&entry["counts"]["reasons"]["NEAR_QUOTA"], &entry["counts"]["replicating"]),
        (&json!(281), &json!(281))
    );
    ledger_agrees_with_rows(&lab).await;
}
