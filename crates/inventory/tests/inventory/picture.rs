//! What a reader's answer says of what it does not know.

use std::time::Duration;

use inventory::picture::{
    Freshness, HeldBecause, NotKnown, Picture, PictureTables, Why, picture_of_servers, read_picture,
};
use inventory::servers::{ServerFilter, query_servers};
use jiff::{SignedDuration, Timestamp};
use model::environment::Environment;
use serde_json::{Value, json};
use store::{Item, text};

use testing::*;

/// Five servers of a member in us-east-1; sa-east-1 is denied, and another account lets nobody in.
async fn filled() -> Lab {
    let listed: Vec<Value> = (1..=5).map(|n| server(MEMBER, "us-east-1", n)).collect();
    let drs =
        json!({ "us-east-1": { "sourceServers": listed }, "sa-east-1": { "fault": denied() } });
    let lab = Lab::of(world_of(drs, json!({}))).await;
    lab.put(&lab.accounts(), &target(OTHER)).await;
    lab.run().await;
    lab
}

/// Of the lab's defaults, so many minutes from now.
fn freshness(minutes: i64) -> Freshness {
    let now = Timestamp::now() + SignedDuration::from_mins(minutes);
    Freshness { now, ..Freshness::from_environment(&Environment::of([])).unwrap() }
}

async fn servers(lab: &Lab, minutes: i64) -> (Vec<Item>, Picture) {
    let mut rows = query_servers(&lab.inventory(), &ServerFilter::default()).await.unwrap();
    let tables = PictureTables::of(&lab.sync.store).unwrap();
    let picture = picture_of_servers(&tables, &mut rows, &freshness(minutes)).await.unwrap();
    (rows, picture)
}

async fn picture(lab: &Lab) -> Picture {
    let tables = PictureTables::of(&lab.sync.store).unwrap();
    read_picture(&tables, &freshness(0)).await.unwrap()
}

fn named(picture: &Picture) -> Vec<(String, Why)> {
    let name = |it: &NotKnown| match (&it.account_id, &it.region) {
        (None, _) => "all".to_owned(),
        (Some(account), None) => account.clone(),
        (Some(account), Some(region)) => format!("{account}/{region}"),
    };
    picture.not_known.iter().map(|it| (name(it), it.why)).collect()
}

fn known(row: &Item) -> bool {
    *row["known"].as_bool().unwrap()
}

#[tokio::test]
async fn what_could_not_be_read_is_named_and_what_is_not_in_use_is_not() {
    let lab = filled().await;
    let (rows, picture) = servers(&lab, 0).await;
    let denied = (format!("{MEMBER}/sa-east-1"), Why::NeverRead);
    assert_eq!(named(&picture), [denied, (OTHER.to_owned(), Why::NotEntered)]);
    assert_eq!(picture.not_known[0].status.as_deref(), Some("IAM_PERMISSION_DENIED"));
    assert!(!picture.is_complete() && picture.as_of.is_some());
    let place = lab.places().await[&format!("{MEMBER}/us-east-1")].clone();
    for row in &rows {
        assert_eq!((text(row, "asOf"), known(row)), (place["lastSuccess"].as_str().unwrap(), true));
    }
}

#[tokio::test]
async fn an_account_that_was_never_asked_is_named() {
    let lab = filled().await;
    let new = "444444444444";
    let row = json!({ "accountId": new, "stagingAccounts": [{ "accountId": "555555555555" }] });
    lab.put(&lab.accounts(), &row).await;
    let picture = picture(&lab).await;
    for account in [new, "555555555555"] {
        assert!(named(&picture).contains(&(account.to_owned(), Why::NeverAsked)), "{picture:?}");
    }
}

#[tokio::test]
async fn nothing_synced_yet_and_no_accounts_is_complete() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    assert!(picture(&lab).await.is_complete());
}

#[tokio::test]
async fn what_was_read_too_long_ago_is_not_known() {
    let lab = filled().await;
    let (rows, _) = servers(&lab, 29).await;
    assert!(rows.iter().all(known));
    let (rows, picture) = servers(&lab, 31).await;
    assert!(!rows.iter().any(known));
    let names = named(&picture);
    for name in ["all", &format!("{MEMBER}/us-east-1")] {
        assert!(names.contains(&(name.to_owned(), Why::Stale)), "{names:?}");
    }
    let patient = Environment::of([("STALE_AFTER_MINUTES", "60")]);
    let patient = Freshness::from_environment(&patient).unwrap();
    assert_eq!(patient.stale_after, Duration::from_secs(3600));
    let wrong = Environment::of([("STALE_AFTER_MINUTES", "soon")]);
    assert!(Freshness::from_environment(&wrong).is_err());
}

#[tokio::test]
async fn a_row_of_a_failed_place_or_of_none_is_not_known() {
    let lab = filled().await;
    let mut world = one_account(5);
    world["accounts"][MEMBER]["drs"]["us-east-1"] = json!({ "fault": denied() });
    lab.set_world(world);
    lab.run().await;
    let row = json!({ "sourceServerArn": "arn:legacy", "stagingAccountId": MEMBER,
        "hostname": "host-0", "lastUpdated": "2026-11-01T00:00:00.000000+00:00" });
    lab.put(&lab.inventory(), &row).await;
    let (rows, picture) = servers(&lab, 0).await;
    assert!(!rows.iter().any(known));
    assert_eq!(text(&rows[0], "asOf"), "2026-11-01T00:00:00.000000+00:00");
    let names = named(&picture);
    assert!(names.contains(&("all".to_owned(), Why::NoPlace)), "{names:?}");
    assert!(names.contains(&(format!("{MEMBER}/us-east-1"), Why::Failed)), "{names:?}");
    let mut there = picture.clone();
    there.only_region("eu-west-1");
    assert!(!named(&there).contains(&(format!("{MEMBER}/us-east-1"), Why::Failed)));
}

#[tokio::test]
async fn a_sync_that_was_cut_short_is_named_until_a_later_one_reads_what_it_left() {
    let lab = filled().await;
    let last = json!({ "accountId": "#sync", "region": "#last",
        "startedAt": "2026-11-25T00:00:00.000000+00:00",
        "finishedAt": "2099-11-25T00:01:00.000000+00:00", "notKnown": 3,
        "notKnownPlaces": [MEMBER, format!("{MEMBER}/us-east-1"), "999999999999"] });
    lab.put(&lab.ledger(), &last).await;
    let place = (format!("{MEMBER}/us-east-1"), Why::NotRead);
    let unread = picture(&lab).await;
    assert!(named(&unread).contains(&place), "{unread:?}");
    let mut earlier = last.clone();
    earlier["finishedAt"] = json!("2026-11-25T00:01:00.000000+00:00");
    lab.put(&lab.ledger(), &earlier).await;
    assert!(!named(&picture(&lab).await).contains(&place));

    let lock = json!({ "accountId": "#sync", "region": "#lock", "owner": "killed",
        "since": "2026-11-25T00:05:00.000000+00:00", "expiresAt": "2026-11-25T00:07:00.000000+00:00" });
    lab.put(&lab.ledger(), &lock).await;
    assert!(named(&picture(&lab).await).contains(&("all".to_owned(), Why::CutShort)));
}

#[tokio::test]
async fn removals_that_wait_are_told() {
    let lab = filled().await;
    let held = json!({ "count": 12, "since": "2026-11-25T00:00:00.000000+00:00" });
    let last = json!({ "accountId": "#sync", "region": "#last", "startedAt": "2026-11-25T00:00:00Z",
        "finishedAt": "2026-11-25T00:00:00Z", "removalHeld": held });
    lab.put(&lab.ledger(), &last).await;
    let place = |region: &str, extra: Value| {
        let mut entry = json!({ "accountId": MEMBER, "region": region, "serverCount": 3 });
        entry.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        entry
    };
    let too_many =
        place("eu-west-1", json!({ "status": "ACTIVE", "trouble": "HELD", "removalHeld": held }));
    let closed = place(
        "eu-west-2",
        json!({ "status": "SCP_DENIED", "trouble": "FAILED", "failingSince": "2026-11-25T01:00:00Z",
            "lastSuccess": "2026-11-25T00:00:00Z", "counts": { "reasons": { "NO_LONGER_LISTED": 1 } } }),
    );
    lab.put(&lab.ledger(), &too_many).await;
    lab.put(&lab.ledger(), &closed).await;
    let picture = picture(&lab).await;
    let held: Vec<_> = picture
        .removals_held
        .iter()
        .map(|it| (it.region.as_deref(), it.because, it.count))
        .collect();
    let expected = [
        (None, HeldBecause::TooMany, 12),
        (Some("eu-west-1"), HeldBecause::TooMany, 12),
        (Some("eu-west-2"), HeldBecause::Closed, 4),
    ];
    assert_eq!(held, expected);
}

/// However many rows a place lists, its entry is read once, and the inventory never scanned.
#[tokio::test]
async fn a_picture_costs_a_few_calls() {
    let lab = filled().await;
    let mut rows = query_servers(&lab.inventory(), &ServerFilter::default()).await.unwrap();
    let tables = PictureTables::of(&lab.sync.store).unwrap();
    let before = lab.store.calls().len();
    picture_of_servers(&tables, &mut rows, &freshness(0)).await.unwrap();
    let calls = lab.store.calls().split_off(before);
    let mut operations: Vec<_> =
        calls.iter().map(|call| (call.operation.as_str(), call.items)).collect();
    operations.sort_unstable();
    let query = ("Query", 1);
    // Of the rows: one place and its account. Of the last sync: a place and an account that failed.
    let read = ("BatchGetItem", 2);
    assert_eq!(operations, [read, read, query, query, query, query, query, ("Scan", 1)]);
}
