//! What is rolled up from the ledger: a region's row, the summary of a whole sync, and what is not
//! known now.

use sync::{AccountsSynced, finish_inventory_sync};

use super::*;

const ACCOUNTS: [&str; 2] = [MEMBER, OTHER];

/// The member has four servers, one of them stalled, and the other account three; all in one region.
fn two_accounts() -> Value {
    let mine = [ready(1), ready(2), ready(3), in_state(4, "STALLED")];
    let theirs: Vec<Value> = (11..=13).map(|n| ready_in(OTHER, REGION, n)).collect();
    let instances: Vec<Value> = (1..=20).map(running).collect();
    let account = |servers: &[Value]| {
        json!({ "roles": roles(), "drs": { REGION: { "sourceServers": servers } },
                "ec2": { REGION: { "instances": instances } } })
    };
    json!({
        "hubAccountId": HUB, "targetAccounts": [target(MEMBER), target(OTHER)],
        "accounts": { MEMBER: account(&mine), OTHER: account(&theirs) },
    })
}

async fn verdicts(lab: &Lab) -> Value {
    lab.regions().await[REGION]["counts"]["verdicts"].clone()
}

async fn last_summary(lab: &Lab) -> Value {
    told(lab, "summary").await.pop().unwrap_or_default()["after"].clone()
}

#[tokio::test]
async fn a_region_s_row_sums_its_places_and_a_summary_sums_its_regions() {
    let lab = Lab::of(two_accounts()).await;
    let report = report(&lab).await;
    let expected = json!({ "READY": 6, "NOT_READY": 1 });
    assert_eq!(verdicts(&lab).await, expected);
    assert_eq!(json!(report.readiness), expected);
    let region = &lab.regions().await[REGION]["counts"];
    assert_eq!(region["reasons"], json!({ "STALLED": 1 }));
    assert_eq!((&region["lag"], &region["replicating"]), (&json!({ "WITHIN": 7 }), &json!(7)));
    let summary = last_summary(&lab).await;
    assert_eq!((&summary["servers"], &summary["notKnown"]), (&json!(7), &json!(0)));
    assert_eq!(&summary["counts"], region);

    advance(FIVE_MINUTES).await;
    lab.run().await;
    assert_eq!(told(&lab, "summary").await.len(), 2, "one a whole sync");
    assert_eq!(last_summary(&lab).await["counts"], *region);
    report_of(&lab, OTHER).await;
    assert_eq!(told(&lab, "summary").await.len(), 2, "none for one account");
}

#[tokio::test]
async fn servers_of_a_place_that_fails_are_unknown() {
    let lab = Lab::of(two_accounts()).await;
    lab.run().await;
    advance(FIVE_MINUTES).await;
    let mut world = two_accounts();
    world["accounts"][MEMBER]["drs"][REGION] = json!({ "fault": denied() });
    lab.set_world(world);
    let report = report(&lab).await;
    let expected = json!({ "READY": 3, "UNKNOWN": 4 });
    assert_eq!((verdicts(&lab).await, json!(report.readiness)), (expected.clone(), expected));
    let region = &lab.regions().await[REGION];
    assert_eq!(
        (&region["serverCount"], region["counts"].get("reasons")),
        (&json!(7), Some(&json!({})))
    );
    let entry = entry(&lab).await;
    assert_eq!(
        entry["counts"]["verdicts"],
        json!({ "READY": 3, "NOT_READY": 1 }),
        "as it was last"
    );
    assert!(report.verdict_changes.is_empty(), "nobody knows of any");
    let summary = last_summary(&lab).await;
    assert_eq!(summary["notKnownPlaces"], json!([place()]));
    assert_eq!(summary["counts"]["verdicts"]["UNKNOWN"], 4);
    // What the other account's own sync rolls up knows it, too.
    report_of(&lab, OTHER).await;
    assert_eq!(verdicts(&lab).await, json!({ "READY": 3, "UNKNOWN": 4 }));

    advance(FIVE_MINUTES).await;
    lab.set_world(two_accounts());
    lab.run().await;
    assert_eq!(verdicts(&lab).await, json!({ "READY": 6, "NOT_READY": 1 }));
}

#[tokio::test]
async fn servers_of_an_account_that_cannot_be_entered_are_unknown() {
    let lab = Lab::of(two_accounts()).await;
    lab.run().await;
    advance(Duration::from_secs(2 * 3600)).await;
    let mut world = two_accounts();
    world["accounts"][MEMBER]["roles"] = json!({});
    for server in world["accounts"][OTHER]["drs"][REGION]["sourceServers"].as_array_mut().unwrap() {
        server["lifeCycle"]["lastSeenByServiceDateTime"] = json!(minutes_ago(-120));
    }
    lab.set_world(world);
    let report = report(&lab).await;
    let expected = json!({ "READY": 3, "UNKNOWN": 4 });
    assert_eq!(
        (verdicts(&lab).await, json!(report.readiness)),
        (expected.clone(), expected.clone())
    );
    assert_eq!(last_summary(&lab).await["notKnownPlaces"], json!([MEMBER]));
    report_of(&lab, OTHER).await;
    assert_eq!(verdicts(&lab).await, expected, "the other account's sync knows it, too");
}

/// The member is claimed by another sync for an hour from now on.
async fn sync_while_the_member_is_busy(lab: &Lab) -> Box<Report> {
    let mut account = lab.places().await[&format!("{MEMBER}/#account")].clone();
    account["claimedBy"] = json!("another");
    account["claimedUntil"] = json!(minutes_ago(-24 * 60));
    lab.put(&lab.ledger(), &account).await;
    let calls = lab.store.calls().len();
    let skip_the_wait = async {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            if lab.store.calls()[calls..].iter().any(|call| call.operation == "UpdateItem") {
                advance(Duration::from_secs(2)).await;
            }
        }
    };
    tokio::select! {
        report = report_of(lab, MEMBER) => report,
        () = skip_the_wait => unreachable!("it has no end"),
    }
}

/// What the member's servers count as where it is busy so long after they were read.
async fn busy_after(minutes: u64) -> Value {
    let lab = Lab::of(two_accounts()).await;
    lab.run().await;
    advance(Duration::from_secs(minutes * 60)).await;
    let report = sync_while_the_member_is_busy(&lab).await;
    assert!(!report.complete);
    let readiness = json!(report.readiness);
    let mut with_the_other = readiness.clone();
    with_the_other["READY"] = json!(number(&with_the_other, "/READY") + 3);
    assert_eq!(verdicts(&lab).await, with_the_other);
    readiness
}

// Two tests: the clock may stand still once a sync has ended while it was being moved.
#[tokio::test]
async fn servers_of_a_busy_account_count_as_they_were_left() {
    assert_eq!(busy_after(5).await, json!({ "READY": 3, "NOT_READY": 1 }));
}

#[tokio::test]
async fn servers_of_a_busy_account_are_unknown_after_stale_after_minutes() {
    assert_eq!(busy_after(40).await, json!({ "UNKNOWN": 4 }));
}

#[tokio::test]
async fn the_state_machine_rolls_up_the_same() {
    let mut world = two_accounts();
    world["accounts"][OTHER]["drs"]["eu-west-1"] =
        json!({ "sourceServers": [ready_in(OTHER, "eu-west-1", 21)] });
    let mut failing = world.clone();
    failing["accounts"][OTHER]["drs"][REGION] = json!({ "fault": denied() });
    let (one, many) = (Lab::of(world.clone()).await, Lab::of(world.clone()).await);
    for world in [world, failing] {
        one.set_world(world.clone());
        many.set_world(world);
        one.run().await;
        let started_at = Some(sync::time::now(&many.sync.clock));
        for account in ACCOUNTS {
            let accounts = vec![account.to_owned()];
            many.run_with(&SyncRequest { accounts, rolls_up: false, ..SyncRequest::default() })
                .await;
        }
        let synced = AccountsSynced { started_at, ..AccountsSynced::default() };
        finish_inventory_sync(&many.sync, &SyncRequest::default(), synced).await.unwrap();
        let (of_one, of_many) = (one.regions().await, many.regions().await);
        assert_eq!(of_one[REGION]["counts"], of_many[REGION]["counts"]);
        assert_eq!(of_one["eu-west-1"]["counts"], of_many["eu-west-1"]["counts"]);
        let (mut of_one, mut of_many) = (last_summary(&one).await, last_summary(&many).await);
        for summary in [&mut of_one, &mut of_many] {
            assert!(summary.as_object_mut().unwrap().remove("startedAt").is_some());
        }
        assert_eq!(of_one, of_many);
        advance(FIVE_MINUTES).await;
    }
    assert_eq!(verdicts(&many).await, json!({ "READY": 3, "NOT_READY": 1, "UNKNOWN": 3 }));
}
