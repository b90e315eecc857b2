//! Tables that do not answer while something is told, flagged, removed, adopted, retired or rolled up:
//! nothing happens untold, what was not done is said, and the next sync does it.

use std::time::Duration;

use embedded::Fault;
use inventory::handle_sync_source_server_inventory;
use model::environment::Environment;
use serde_json::{Value, json};
use sync::SyncRequest;
use sync::ledger::{Unread, last_looks, lock_sync};

use testing::*;

const HOUR: Duration = Duration::from_secs(3600);
const FIVE_MINUTES: Duration = Duration::from_secs(300);
const DENIED: &str = "AccessDeniedException";
/// How the ARN of the tenth server ends.
const GONE: &str = "s-0000000000000000a";

/// The member with so many servers in us-east-1, and another account with servers of its own.
fn world(servers: u32) -> Value {
    let mut world = one_account(servers);
    world["targetAccounts"].as_array_mut().unwrap().push(target(OTHER));
    let of_other: Vec<Value> = (101..131).map(|n| server(OTHER, "us-east-1", n)).collect();
    let drs = json!({ "us-east-1": { "sourceServers": of_other } });
    world["accounts"][OTHER] = json!({ "roles": roles(), "drs": drs });
    world
}

fn place() -> String {
    format!("{MEMBER}/us-east-1")
}

/// After a sync of ten servers, the last of which is gone now.
async fn one_is_gone() -> Lab {
    let lab = Lab::of(world(10)).await;
    lab.run().await;
    lab.set_world(world(9));
    advance(FIVE_MINUTES).await;
    lab
}

/// The same a sync and a day later: its removal is due.
async fn one_is_due() -> Lab {
    let lab = one_is_gone().await;
    lab.run().await;
    advance(25 * HOUR).await;
    lab
}

/// The next `count` calls of this kind are denied.
fn deny(lab: &Lab, operation: &'static str, mark: &'static str, count: usize) {
    lab.store.inject(Fault::ErrorOn { operation, mark, count, code: DENIED });
}

async fn next(lab: &Lab) -> Value {
    advance(FIVE_MINUTES).await;
    lab.run().await["details"].clone()
}

async fn is_flagged(lab: &Lab, number: u32) -> bool {
    lab.servers().await[&server_id(number)].get("missingSince").is_some()
}

async fn told(lab: &Lab, kind: &str) -> usize {
    lab.history().await.iter().filter(|it| it.starts_with(&format!("{kind} "))).count()
}

async fn delete_account(lab: &Lab, account: &str) {
    let table = lab.accounts();
    let key = aws_sdk_dynamodb::types::AttributeValue::S(account.to_owned());
    let delete = table.client.delete_item().table_name(&table.name).key("accountId", key);
    delete.send().await.unwrap();
}

/// Whether the look at the member's place is as of before, and the sync says that it is not stored.
async fn is_not_recorded(lab: &Lab, before: &Value, details: &Value) {
    let after = &lab.places().await[&place()];
    assert_eq!(after["lastSuccess"], before["lastSuccess"], "{details}");
    assert_eq!(details["complete"], false, "{details}");
    let failed = details["failed"].as_array().unwrap();
    let of_look = failed.iter().find(|it| it["region"] == "us-east-1").unwrap();
    assert_eq!((&of_look["kind"], &of_look["code"]), (&json!("row"), &json!(DENIED)), "{details}");
}

#[tokio::test]
async fn what_cannot_be_flagged_is_flagged_by_the_next_sync() {
    let lab = one_is_gone().await;
    let before = lab.places().await[&place()].clone();
    deny(&lab, "UpdateItem", "missingSince = :since", 1);
    let details = lab.run().await["details"].clone();
    assert!(!is_flagged(&lab, 10).await);
    is_not_recorded(&lab, &before, &details).await;
    assert_eq!(next(&lab).await["complete"], true);
    assert!(is_flagged(&lab, 10).await);
}

#[tokio::test]
async fn what_cannot_be_told_is_not_flagged_and_not_removed() {
    let lab = one_is_gone().await;
    let before = lab.places().await[&place()].clone();
    deny(&lab, "BatchWriteItem", "inventory-changes", 1);
    let details = lab.run().await["details"].clone();
    assert!(!is_flagged(&lab, 10).await);
    is_not_recorded(&lab, &before, &details).await;
    next(&lab).await;
    assert!(is_flagged(&lab, 10).await);

    advance(25 * HOUR).await;
    deny(&lab, "BatchWriteItem", "inventory-changes", 1);
    let details = lab.run().await["details"].clone();
    assert_eq!((&details["serversRemoved"], &details["complete"]), (&json!(0), &json!(false)));
    assert!(is_flagged(&lab, 10).await);
    assert_eq!(next(&lab).await["serversRemoved"], 1);
    assert_eq!((told(&lab, "missing").await, told(&lab, "removed").await), (1, 1));
}

#[tokio::test]
async fn what_cannot_be_removed_is_removed_by_the_next_sync() {
    let lab = one_is_due().await;
    let before = lab.places().await[&place()].clone();
    deny(&lab, "DeleteItem", "source-server-inventory", 1);
    let details = lab.run().await["details"].clone();
    assert_eq!((&details["serversMissing"], &details["serversRemoved"]), (&json!(1), &json!(0)));
    is_not_recorded(&lab, &before, &details).await;
    assert_eq!(next(&lab).await["serversRemoved"], 1);
    assert!(!lab.servers().await.contains_key(&server_id(10)));
}

#[tokio::test]
async fn a_row_whose_staging_account_moved_is_left_until_it_can_be_removed() {
    let lab = Lab::of(world(10)).await;
    lab.run().await;
    advance(FIVE_MINUTES).await;
    let before = lab.places().await[&place()].clone();
    let mut moved = world(10);
    let server = &mut moved["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"][1];
    server["stagingArea"]["stagingAccountID"] = json!(OTHER);
    lab.set_world(moved);
    deny(&lab, "DeleteItem", "source-server-inventory", 1);
    let details = lab.run().await["details"].clone();
    is_not_recorded(&lab, &before, &details).await;
    let details = next(&lab).await;
    assert_eq!((&details["complete"], scan(&lab.inventory()).await.len()), (&json!(true), 40));
}

#[tokio::test]
async fn rows_that_cannot_be_compared_are_not_written_and_nothing_is_flagged() {
    let lab = one_is_gone().await;
    let before = lab.places().await[&place()].clone();
    // The row that is gone is read to be compared, and for nothing else.
    deny(&lab, "BatchGetItem", GONE, 1);
    let details = lab.run().await["details"].clone();
    assert!(!is_flagged(&lab, 10).await);
    assert_eq!(lab.places().await[&place()]["lastSuccess"], before["lastSuccess"], "{details}");
    next(&lab).await;
    assert!(is_flagged(&lab, 10).await);
}

#[tokio::test]
async fn without_the_end_of_the_last_sync_nothing_is_removed() {
    let lab = one_is_due().await;
    deny(&lab, "GetItem", "#last", 1);
    let details = lab.run().await["details"].clone();
    assert_eq!((&details["serversRemoved"], is_flagged(&lab, 10).await), (&json!(0), true));
    assert!(lab.places().await["#sync/#last"].get("removalHeld").is_none());
    assert_eq!(next(&lab).await["serversRemoved"], 1);
}

#[tokio::test]
async fn an_end_that_cannot_be_recorded_leaves_that_of_the_sync_before() {
    let lab = Lab::of(world(3)).await;
    lab.run().await;
    let before = lab.places().await["#sync/#last"].clone();
    advance(FIVE_MINUTES).await;
    deny(&lab, "UpdateItem", "finishedAt", 1);
    assert_eq!(lab.run().await["totalSynced"], 33);
    assert_eq!(lab.places().await["#sync/#last"], before);
}

/// A region that DRS says is not in use any more, with the approval that its rows go.
async fn closed_and_approved() -> Lab {
    let lab = Lab::of(world(8)).await;
    lab.run().await;
    let mut closed = world(8);
    closed["accounts"][MEMBER]["drs"] = json!({});
    lab.set_world(closed);
    next(&lab).await;
    let mut approved = lab.places().await[&place()].clone();
    approved["removalApproved"] = json!({ "count": 8, "since": approved["failingSince"] });
    lab.put(&lab.ledger(), &approved).await;
    advance(FIVE_MINUTES).await;
    lab
}

#[tokio::test]
async fn rows_of_a_closed_region_that_cannot_be_read_stay_with_their_approval() {
    for (operation, mark) in
        [("Query", "ListingIndex"), ("BatchGetItem", "source-server-inventory")]
    {
        let lab = closed_and_approved().await;
        // The other account asks the same.
        deny(&lab, operation, mark, 2);
        let details = lab.run().await["details"].clone();
        assert_eq!(details["serversRemoved"], 0, "{operation}");
        assert!(lab.places().await[&place()]["removalApproved"].is_object(), "{operation}");
        next(&lab).await;
        let left = lab.servers().await;
        assert!(!left.contains_key(&server_id(1)), "{operation} {:?}", left.keys());
    }
}

#[tokio::test]
async fn a_closed_region_whose_rows_cannot_all_be_removed_keeps_the_rest_in_sight() {
    let lab = closed_and_approved().await;
    deny(&lab, "DeleteItem", "source-server-inventory", 3);
    let details = lab.run().await["details"].clone();
    assert_eq!((&details["serversRemoved"], &details["complete"]), (&json!(5), &json!(false)));
    let entry = &lab.places().await[&place()];
    assert_eq!(entry["counts"]["reasons"]["NO_LONGER_LISTED"], 3, "{entry}");
    let rows = lab.servers().await;
    let flagged = rows.values().filter(|row| row.get("missingSince").is_some()).count();
    assert_eq!((rows.len(), flagged), (33, 3));
}

#[tokio::test]
async fn a_row_that_somebody_else_took_meanwhile_is_counted_once() {
    let lab = closed_and_approved().await;
    let (operation, code) = ("UpdateItem", "ConditionalCheckFailedException");
    lab.store.inject(Fault::ErrorOn { operation, mark: "missingSince = :since", count: 1, code });
    let details = lab.run().await["details"].clone();
    assert_eq!((&details["serversRemoved"], &details["serversMissing"]), (&json!(7), &json!(0)));
}

#[tokio::test]
async fn rows_without_a_place_are_left_to_the_next_sync_where_the_table_does_not_answer() {
    for (operation, mark) in
        [("Scan", "attribute_not_exists(listedIn)"), ("UpdateItem", "SET listedIn = :place")]
    {
        let lab = Lab::of(world(3)).await;
        lab.run().await;
        let legacy = Environment::of([("USE_REFACTORED_INVENTORY_SYNC", "false")]);
        let request = SyncRequest::default();
        handle_sync_source_server_inventory(&lab.sync, &legacy, &request).await.unwrap();
        // Only rows of servers that are gone by then are adopted: the others are written.
        lab.set_world(world(2));
        advance(FIVE_MINUTES).await;
        let before = lab.places().await["#sync/#last"]["adoptedAt"].clone();
        deny(&lab, operation, mark, 1);
        lab.run().await;
        let of_three = lab.servers().await[&server_id(3)].clone();
        assert!(of_three.get("listedIn").is_none(), "{operation} {of_three}");
        assert_eq!(lab.places().await["#sync/#last"]["adoptedAt"], before, "{operation}");
        advance(25 * HOUR).await;
        lab.run().await;
        assert_eq!(lab.servers().await[&server_id(3)]["listedIn"], place(), "{operation}");
        next(&lab).await;
        assert!(is_flagged(&lab, 3).await, "{operation}");
    }
}

/// What must not answer while the account retires, and whether its rows are flagged all the same.
const WHILE_RETIRING: [(&str, &str, usize, bool); 6] = [
    ("Query", "RegionIndex", 1, false),
    ("UpdateItem", "claimedUntil", 2, false),
    ("Query", "ListingIndex", 2, false),
    ("BatchWriteItem", "inventory-changes", 1, false),
    ("UpdateItem", "missingSince = :since", 1, false),
    ("UpdateItem", "lastChecked", 100, true),
];

#[tokio::test]
async fn an_account_that_left_is_left_to_the_next_sync_where_a_table_does_not_answer() {
    for (operation, mark, count, flags) in WHILE_RETIRING {
        let lab = Lab::of(world(1)).await;
        lab.run().await;
        delete_account(&lab, MEMBER).await;
        advance(FIVE_MINUTES).await;
        deny(&lab, operation, mark, count);
        lab.run().await;
        assert_eq!(is_flagged(&lab, 1).await, flags, "{operation} {mark}");
        let entry = lab.places().await[&format!("{MEMBER}/#account")].clone();
        assert!(entry.get("leftSince").is_none(), "{operation} {mark} {entry}");
        lab.store.clear_faults();
        // The claim of a sync that could not give it back ends by itself.
        advance(FIVE_MINUTES).await;
        lab.run().await;
        assert!(is_flagged(&lab, 1).await, "{operation} {mark}");
        advance(25 * HOUR).await;
        assert_eq!(lab.run().await["details"]["serversRemoved"], 1, "{operation} {mark}");
    }
}

#[tokio::test]
async fn an_account_is_forgotten_whole_or_again_by_the_next_sync() {
    let lab = Lab::of(world(1)).await;
    lab.run().await;
    delete_account(&lab, MEMBER).await;
    next(&lab).await;
    advance(25 * HOUR).await;
    // The first of its entries, and of the rows.
    deny(&lab, "DeleteItem", "account-region-status", 1);
    assert_eq!(lab.run().await["details"]["serversRemoved"], 1);
    let account = format!("{MEMBER}/#account");
    assert!(lab.places().await.contains_key(&account));
    next(&lab).await;
    let places = lab.places().await;
    assert!(!places.keys().any(|place| place.starts_with(MEMBER)), "{:?}", places.keys());
    assert_eq!(lab.regions().await["us-east-1"]["serverCount"], 30);
}

#[tokio::test]
async fn a_region_that_cannot_be_rolled_up_is_named_and_its_row_stays() {
    for (operation, mark) in [("PutItem", "us-east-1"), ("Query", "us-east-1")] {
        let lab = Lab::of(world(3)).await;
        lab.run().await;
        lab.set_world(world(4));
        advance(FIVE_MINUTES).await;
        if operation == "Query" {
            // Also the rows of both accounts are asked for by their place.
            deny(&lab, operation, "\"S\":\"us-east-1\"", 1);
        } else {
            deny(&lab, operation, mark, 1);
        }
        let details = lab.run().await["details"].clone();
        let failed = &details["failed"][0];
        assert_eq!(details["complete"], false, "{operation} {details}");
        assert_eq!((&failed["kind"], &failed["region"]), (&json!("row"), &json!("us-east-1")));
        assert_eq!(lab.regions().await["us-east-1"]["serverCount"], 33, "{operation}");
        assert_eq!(next(&lab).await["complete"], true, "{operation}");
        assert_eq!(lab.regions().await["us-east-1"]["serverCount"], 34, "{operation}");
    }
}

#[tokio::test]
async fn a_change_that_is_too_large_for_an_entry_is_told_without_its_values() {
    let with = |letter: &str| {
        let mut world = one_account(2);
        let server = &mut world["accounts"][MEMBER]["drs"]["us-east-1"]["sourceServers"][0];
        server["agentVersion"] = json!(letter.repeat(250_000));
        world
    };
    let lab = Lab::of(with("a")).await;
    lab.run().await;
    lab.set_world(with("b"));
    let details = next(&lab).await;
    assert_eq!((&details["complete"], &details["serversWritten"]), (&json!(true), &json!(1)));
    let row = lab.servers().await[&server_id(1)].clone();
    assert!(row["agentVersion"].as_str().unwrap().starts_with('b'));
    let history = rows(scan(&lab.changes()).await);
    let change = history.iter().find(|it| it["kind"] == "changed").unwrap();
    assert!(change.get("before").is_none() && change.get("after").is_none());
    assert_eq!(change["subject"], row["sourceServerArn"]);
}

#[tokio::test]
async fn a_row_that_the_history_does_not_take_is_not_removed() {
    let lab = one_is_due().await;
    let (operation, code) = ("BatchWriteItem", "ValidationException");
    lab.store.inject(Fault::ErrorOn { operation, mark: "\"removed\"", count: 1, code });
    let details = lab.run().await["details"].clone();
    assert_eq!((&details["serversRemoved"], &details["complete"]), (&json!(0), &json!(false)));
    assert!(is_flagged(&lab, 10).await);
    assert_eq!(next(&lab).await["serversRemoved"], 1);
}

#[tokio::test]
async fn a_place_that_failed_is_recorded_once_it_can_be_told() {
    let lab = Lab::of(world(3)).await;
    lab.run().await;
    let mut denied_now = world(3);
    denied_now["accounts"][MEMBER]["drs"]["us-east-1"]["fault"] = denied();
    lab.set_world(denied_now);
    advance(FIVE_MINUTES).await;
    deny(&lab, "BatchWriteItem", "region-failed", 1);
    let details = lab.run().await["details"].clone();
    assert_eq!(lab.places().await[&place()]["status"], "ACTIVE");
    let failed = details["failed"].as_array().unwrap();
    assert!(failed.iter().any(|it| it["kind"] == "row"), "the look is not stored {details}");
    next(&lab).await;
    let entry = &lab.places().await[&place()];
    assert_eq!((&entry["trouble"], told(&lab, "region-failed").await), (&json!("FAILED"), 1));
}

#[tokio::test]
async fn a_lock_that_cannot_be_made_longer_or_given_back_ends_by_itself() {
    let lab = Lab::of(world(1)).await;
    let (ledger, clock) = (lab.ledger(), lab.sync.clock.clone());
    let lock = lock_sync(&ledger, "first", &clock).await.unwrap();
    deny(&lab, "UpdateItem", "#lock", 2);
    let updates = || lab.store.calls().iter().filter(|call| call.operation == "UpdateItem").count();
    let before = updates();
    let work = async {
        tokio::task::yield_now().await;
        advance(Duration::from_secs(31)).await;
        while updates() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    lock.keep(work).await;
    let busy = lock_sync(&ledger, "second", &clock).await.err().unwrap().to_string();
    assert!(busy.starts_with("a sync has been running since"), "{busy}");
    advance(Duration::from_secs(120)).await;
    assert!(lock_sync(&ledger, "second", &clock).await.is_ok());
}

#[tokio::test]
async fn looks_that_stay_unread_are_an_error_and_no_account_without_an_answer() {
    let lab = Lab::of(world(1)).await;
    lab.run().await;
    let (ledger, accounts) = (lab.ledger(), [MEMBER.to_owned(), OTHER.to_owned()]);
    let skip_the_waits = async {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            advance(Duration::from_secs(2)).await;
        }
    };
    lab.store.inject(Fault::Unread { count: 100, keep: 0 });
    let error = tokio::select! {
        looks = last_looks(&ledger, &accounts, Unread::AskedForAgain) => looks.unwrap_err(),
        () = skip_the_waits => unreachable!("it has no end"),
    };
    assert!(error.to_string().contains("2 keys of a batch were left unread"), "{error}");
    assert_eq!(last_looks(&ledger, &accounts, Unread::LeftOut).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_row_stays_with_its_holder_where_nobody_knows_whether_that_is_read() {
    let lab = Lab::of(world(10)).await;
    lab.run().await;
    // Both list the server now, and its holder is not asked.
    let mut shared = world(10);
    let mut theirs = server(MEMBER, "us-east-1", 10);
    theirs["agentVersion"] = json!("theirs");
    let of_other = &mut shared["accounts"][OTHER]["drs"]["us-east-1"]["sourceServers"];
    of_other.as_array_mut().unwrap().push(theirs);
    shared["accounts"][MEMBER]["roles"] = json!({});
    lab.set_world(shared);
    // So long ago that the row could be taken over.
    advance(25 * HOUR).await;
    deny(&lab, "GetItem", "lastSuccess", 1);
    lab.run().await;
    assert_eq!(lab.servers().await[&server_id(10)]["listedIn"], place());
    next(&lab).await;
    let row = &lab.servers().await[&server_id(10)];
    assert_eq!(
        (&row["agentVersion"], &row["listedIn"]),
        (&json!("theirs"), &json!(format!("{OTHER}/us-east-1")))
    );
}

#[tokio::test]
async fn a_region_in_which_no_account_is_left_loses_its_row() {
    let mut world = world(1);
    world["accounts"][MEMBER]["drs"]["eu-west-3"] =
        json!({ "sourceServers": [server(MEMBER, "eu-west-3", 2)] });
    let lab = Lab::with(world, &[("DRS_REGIONS", "us-east-1")]).await;
    // Known from when the list of regions was longer.
    let entry =
        json!({ "accountId": MEMBER, "region": "eu-west-3", "status": "ACTIVE", "serverCount": 1 });
    lab.put(&lab.ledger(), &entry).await;
    lab.run().await;
    assert_eq!(lab.regions().await["eu-west-3"]["serverCount"], 1);
    delete_account(&lab, MEMBER).await;
    next(&lab).await;
    advance(25 * HOUR).await;
    deny(&lab, "DeleteItem", "drs-region-status", 1);
    let details = lab.run().await["details"].clone();
    assert_eq!(
        (&details["serversRemoved"], &details["failed"][0]["region"]),
        (&json!(2), &json!("eu-west-3"))
    );
    assert!(lab.regions().await.contains_key("eu-west-3"));
    // Where it was not, the next sync that looks for what others left finds it.
    advance(25 * HOUR).await;
    assert_eq!(lab.run().await["details"]["complete"], true);
    assert!(!lab.regions().await.contains_key("eu-west-3"));
}

#[tokio::test]
async fn rows_of_the_region_status_from_before_the_ledger_go_where_nobody_has_an_entry() {
    let lab = Lab::of(world(1)).await;
    let left_behind = [
        json!({ "region": "#sync-lock", "owner": "of a sync that was killed" }),
        json!({ "region": "xx-gone-1", "status": "ACTIVE", "serverCount": 3,
                "lastUpdated": "2026-01-01T00:00:00+00:00" }),
    ];
    for row in &left_behind {
        lab.put(&lab.region_status(), row).await;
    }
    lab.run().await;
    let regions = rows(scan(&lab.region_status()).await);
    assert_eq!(regions.len(), 34);
    assert!(regions.iter().all(|row| row.get("accountsAsked").is_some()));
    // Else every sync would look through the whole inventory.
    lab.store.clear_units();
    next(&lab).await;
    let scanned = lab
        .store
        .units()
        .into_iter()
        .any(|it| it.operation == "Scan" && it.table == "source-server-inventory");
    assert!(!scanned);
}

#[tokio::test]
async fn removals_of_the_installation_are_held_since_a_time_though_the_last_end_was_not_read() {
    let lab = Lab::of(world(10)).await;
    lab.run().await;
    lab.set_world(world(0));
    advance(FIVE_MINUTES).await;
    deny(&lab, "GetItem", "#last", 1);
    lab.run().await;
    let held = &lab.places().await["#sync/#last"]["removalHeld"];
    assert!(held["since"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{held}");
}
