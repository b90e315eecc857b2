//! What a sync costs on DynamoDB, as the store's own record says. `docs/scaling.py` calculates with the
//! same numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use sim::world::build::WorldBuilder;
use sync::{AccountsSynced, SyncRequest, finish_inventory_sync};

use testing::*;

const INTERVAL: Duration = Duration::from_secs(300);
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

/// Accounts with ten servers in each of two regions.
fn world(accounts: u32) -> Value {
    let mut world = WorldBuilder::new(HUB);
    for number in 0..accounts {
        let id = format!("{:012}", 200_000_000_000_u64 + u64::from(number));
        let mut account = member(&id);
        for (place, region) in (0..).zip(REGIONS) {
            let numbers = (0..10).map(|n| number * 100 + place * 10 + n);
            let servers: Vec<_> = numbers.clone().map(|n| server(&id, region, n)).collect();
            account = account
                .drs(region, json!({ "sourceServers": servers }))
                .ec2(region, numbers.map(instance).collect());
        }
        world = world.target(account);
    }
    world.json()
}

/// Write units by table and index, then read units likewise.
fn units(lab: &Lab) -> [BTreeMap<String, f64>; 2] {
    let [mut written, mut read] = [BTreeMap::new(), BTreeMap::new()];
    for it in lab.store.units() {
        let index = it.index.map(|index| format!("/{index}")).unwrap_or_default();
        let name = format!("{}{index}", it.table);
        *written.entry(name.clone()).or_default() += it.write;
        *read.entry(name).or_default() += it.read;
    }
    [written, read].map(|mut units: BTreeMap<String, f64>| {
        units.retain(|_, units| *units > 0.0);
        units
    })
}

async fn sync_by_state_machine(lab: &Lab, accounts: u32) {
    let started_at = Some(sync::time::now(&lab.sync.clock));
    for number in 0..accounts {
        let accounts = vec![format!("{:012}", 200_000_000_000_u64 + u64::from(number))];
        let request = SyncRequest { accounts, rolls_up: false, ..SyncRequest::default() };
        lab.run_with(&request).await;
    }
    let synced = AccountsSynced { started_at, ..AccountsSynced::default() };
    let request = SyncRequest::default();
    let finished = finish_inventory_sync(&lab.sync, &request, synced).await.unwrap();
    assert!(finished.complete, "{finished:?}");
}

#[tokio::test]
async fn a_sync_of_unchanged_servers_writes_a_unit_a_place_and_two_an_account() {
    for accounts in [2, 4] {
        let lab = Lab::of(world(accounts)).await;
        lab.run().await;
        advance(INTERVAL).await;
        lab.store.clear_units();
        let body = lab.run().await;
        assert_eq!(body["details"]["serversUnchanged"], 20 * accounts);
        let [written, read] = units(&lab);
        let accounts = f64::from(accounts);
        // When it was last looked at, and three units of what is known of it.
        assert_eq!(read["account-region-status"], 3.5 * accounts + 1.0, "{read:?}");
        assert_eq!(read["target-accounts"], 0.5, "{read:?}");
        let expected = [
            // Two places and two writes of the claim each, and the end of the sync.
            ("account-region-status", (2.0 + 2.0) * accounts + 1.0),
            ("drs-region-status", 2.0),
            // The summary of the sync.
            ("inventory-changes", 1.0),
            ("inventory-changes/DayIndex", 1.0),
        ];
        assert_eq!(written, expected.map(|(name, units)| (name.to_owned(), units)).into());
    }
}

#[tokio::test]
async fn the_state_machine_writes_the_same_and_every_region_once() {
    for accounts in [2, 4] {
        let lab = Lab::of(world(accounts)).await;
        sync_by_state_machine(&lab, accounts).await;
        advance(INTERVAL).await;
        lab.store.clear_units();
        sync_by_state_machine(&lab, accounts).await;
        let [written, read] = units(&lab);
        let accounts = f64::from(accounts);
        // Each call reads how the last sync ended, too.
        assert_eq!(read["account-region-status"], 5.0 * accounts + 1.0, "{read:?}");
        assert_eq!(read["target-accounts"], 1.0, "the calls of a minute read it once: {read:?}");
        let expected = [
            ("account-region-status", (2.0 + 2.0) * accounts + 1.0),
            ("drs-region-status", 34.0),
            ("inventory-changes", 1.0),
            ("inventory-changes/DayIndex", 1.0),
        ];
        assert_eq!(written, expected.map(|(name, units)| (name.to_owned(), units)).into());
    }
}
