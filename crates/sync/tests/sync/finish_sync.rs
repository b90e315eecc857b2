//! A sync that is spread over many calls, and ended by one.

use std::collections::BTreeMap;
use std::time::Duration;

use embedded::Fault;
use jiff::Timestamp;
use serde_json::{Value, json};
use sim::world::build::WorldBuilder;
use sync::{AccountsSynced, Finished, SyncRequest, finish_inventory_sync};

use testing::*;

const ACCOUNTS: [&str; 2] = [MEMBER, OTHER];

/// Two servers in one account, one in another.
fn world() -> Value {
    let listed = |account, numbers: &[u32]| {
        let servers: Vec<_> = numbers.iter().map(|n| server(account, "us-east-1", *n)).collect();
        json!({ "sourceServers": servers })
    };
    let account = |id, numbers: &[u32]| {
        let instances = numbers.iter().map(|n| instance(*n)).collect();
        member(id).drs("us-east-1", listed(id, numbers)).ec2("us-east-1", instances)
    };
    let world = WorldBuilder::new(HUB).target(account(MEMBER, &[1, 2]));
    world.target(account(OTHER, &[3])).json()
}

async fn sync_each(lab: &Lab, accounts: &[&str]) {
    for account in accounts {
        let accounts = vec![(*account).to_owned()];
        let request = SyncRequest { accounts, rolls_up: false, ..SyncRequest::default() };
        lab.run_with(&request).await;
    }
}

async fn finish(lab: &Lab, synced: AccountsSynced) -> Finished {
    finish_inventory_sync(&lab.sync, &SyncRequest::default(), synced).await.unwrap()
}

fn since(started_at: Timestamp) -> AccountsSynced {
    AccountsSynced { started_at: Some(started_at), ..AccountsSynced::default() }
}

/// The rolled-up rows without their times.
async fn regions(lab: &Lab) -> BTreeMap<String, Value> {
    let mut regions: BTreeMap<_, _> = lab.regions().await.into_iter().collect();
    for row in regions.values_mut() {
        let row = row.as_object_mut().unwrap();
        assert!(row.remove("lastUpdated").is_some() && row.remove("lastChecked").is_some());
    }
    regions
}

async fn last(lab: &Lab) -> Value {
    lab.places().await.remove("#sync/#last").unwrap_or_default()
}

#[tokio::test]
async fn many_calls_and_their_end_come_to_what_one_sync_comes_to() {
    let mut world = world();
    world["accounts"][MEMBER]["drs"]["eu-west-1"] = json!({ "fault": denied() });
    world["accounts"][OTHER]["drs"]["eu-west-2"] = json!({ "fault": denied() });
    let (one, many) = (Lab::of(world.clone()).await, Lab::of(world).await);
    one.run().await;
    let started = Timestamp::now();
    sync_each(&many, &ACCOUNTS).await;
    assert!(many.regions().await.is_empty(), "a call for one account rolls nothing up");
    let finished = finish(&many, since(started)).await;
    assert_eq!(regions(&many).await, regions(&one).await);
    assert_eq!(many.regions().await.len(), 34);
    let not_known = [format!("{MEMBER}/eu-west-1"), format!("{OTHER}/eu-west-2")];
    let expected = Finished {
        complete: false,
        accounts: 2,
        places_failed: 2,
        servers: 3,
        not_known: not_known.to_vec(),
        duration_ms: finished.duration_ms,
        ..Finished::default()
    };
    assert_eq!(finished, expected);
    let (one, many) = (last(&one).await, last(&many).await);
    for name in ["notKnown", "notKnownPlaces", "removalHeld"] {
        assert_eq!(one.get(name), many.get(name), "{name}");
    }
    assert_eq!(many["startedAt"], sync::time::iso(started));
}

#[tokio::test]
async fn an_account_without_a_call_is_missed_by_name() {
    let lab = Lab::of(world()).await;
    let started = Timestamp::now();
    sync_each(&lab, &[MEMBER]).await;
    let finished = finish(&lab, since(started)).await;
    assert_eq!((finished.accounts, finished.accounts_without_answer), (2, 1));
    assert_eq!((finished.complete, &finished.not_known), (false, &vec![OTHER.to_owned()]));
    assert_eq!(last(&lab).await["notKnown"], 1);
    assert_eq!(lab.regions().await["us-east-1"]["serverCount"], 2);

    sync_each(&lab, &[OTHER]).await;
    let finished = finish(&lab, AccountsSynced::default()).await;
    assert_eq!((finished.accounts_without_answer, finished.complete), (0, true));
    assert_eq!(finished.servers, 3);
    assert_eq!(lab.regions().await["us-east-1"]["serverCount"], 3);
}

#[tokio::test]
async fn an_account_that_was_last_looked_at_before_the_sync_has_not_answered() {
    let lab = Lab::of(world()).await;
    sync_each(&lab, &ACCOUNTS).await;
    finish(&lab, AccountsSynced::default()).await;
    let rows = lab.regions().await;
    advance(Duration::from_secs(300)).await;
    let finished = finish(&lab, since(Timestamp::now() + Duration::from_secs(200))).await;
    assert_eq!((finished.accounts_without_answer, finished.complete), (2, false));
    assert_eq!(finished.not_known, ACCOUNTS);
    assert_eq!(lab.regions().await, rows, "nobody saw anything new");
}

#[tokio::test]
async fn an_account_that_cannot_be_entered_has_answered() {
    let mut world = world();
    world["accounts"][OTHER]["roles"] = json!({});
    let lab = Lab::of(world).await;
    let started = Timestamp::now();
    sync_each(&lab, &ACCOUNTS).await;
    let finished = finish(&lab, since(started)).await;
    assert_eq!((finished.accounts_without_answer, finished.accounts_not_entered), (0, 1));
    assert_eq!((finished.complete, finished.not_known), (false, vec![OTHER.to_owned()]));
}

#[tokio::test]
async fn an_account_whose_entry_is_left_unread_for_a_while_has_answered() {
    let lab = Lab::of(world()).await;
    sync_each(&lab, &ACCOUNTS).await;
    lab.store.inject(Fault::Unread { count: 2, keep: 0 });
    let finished = finish(&lab, AccountsSynced::default()).await;
    assert_eq!((finished.accounts_without_answer, finished.complete), (0, true));
}

#[tokio::test]
async fn what_a_call_could_not_do_is_not_forgotten_at_the_end() {
    let lab = Lab::of(world()).await;
    sync_each(&lab, &ACCOUNTS).await;
    let complete = |incomplete| AccountsSynced { incomplete, ..AccountsSynced::default() };
    assert!(!finish(&lab, complete(1)).await.complete);
    assert!(finish(&lab, complete(0)).await.complete);
}

#[tokio::test]
async fn removals_of_the_calls_count_once_however_often_the_end_is_tried() {
    let lab = Lab::of(world()).await;
    let started = Timestamp::now();
    sync_each(&lab, &ACCOUNTS).await;
    let synced = AccountsSynced { servers_removed: 3, ..since(started) };
    for _ in 0..2 {
        finish(&lab, synced).await;
    }
    let removals = &last(&lab).await["removals"];
    assert_eq!(removals.as_array().unwrap().len(), 1, "{removals}");
    assert_eq!(removals[0]["count"], 3);
}

#[tokio::test]
async fn an_account_that_left_goes_the_way_of_its_servers() {
    let lab = Lab::of(world()).await;
    sync_each(&lab, &ACCOUNTS).await;
    finish(&lab, AccountsSynced::default()).await;
    let accounts = lab.accounts();
    let key = aws_sdk_dynamodb::types::AttributeValue::S(OTHER.to_owned());
    let delete = accounts.client.delete_item().table_name(&accounts.name).key("accountId", key);
    delete.send().await.unwrap();
    sync_each(&lab, &[MEMBER]).await;
    let finished = finish(&lab, AccountsSynced::default()).await;
    assert_eq!((finished.accounts, finished.complete), (1, true));
    assert!(lab.servers().await[&server_id(3)]["missingSince"].is_string());
    advance(Duration::from_secs(25 * 3600)).await;
    sync_each(&lab, &[MEMBER]).await;
    finish(&lab, AccountsSynced::default()).await;
    assert!(!lab.servers().await.contains_key(&server_id(3)));
    assert!(lab.places().await.keys().all(|place| !place.starts_with(OTHER)));
    assert_eq!(lab.regions().await["us-east-1"]["serverCount"], 2);
}

#[tokio::test]
async fn an_accounts_table_that_was_emptied_is_no_complete_picture() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    assert!(finish(&lab, AccountsSynced::default()).await.complete, "there never was an account");
    let lab = Lab::of(world()).await;
    sync_each(&lab, &ACCOUNTS).await;
    finish(&lab, AccountsSynced::default()).await;
    let rows = lab.regions().await;
    let accounts = lab.accounts();
    for account in ACCOUNTS {
        let key = aws_sdk_dynamodb::types::AttributeValue::S(account.to_owned());
        let delete = accounts.client.delete_item().table_name(&accounts.name);
        delete.key("accountId", key).send().await.unwrap();
    }
    assert!(!finish(&lab, AccountsSynced::default()).await.complete);
    assert_eq!(lab.regions().await, rows);
    assert!(lab.servers().await.values().all(|row| row.get("missingSince").is_none()));
}
