//! A world file made on the fly, one account at a time, so that the largest takes no memory.

mod server;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use fastrand::Rng;
use model::region::REFACTORED_REGIONS;
use serde_json::{Value, json};
use sim::world::build::{AccountBuilder, ROLE};

use crate::change::Change;
use crate::shape::Shape;
use server::{Names, falls_behind, instance, source_server};

const HUB: &str = "111111111111";
const EXTERNAL_ID: &str = "drs-orchestration-cross-account";
/// Milliseconds before each answer, as measured against AWS when the legacy sync was profiled.
pub(crate) const LATENCY_DRS: u64 = 100;
/// As [`LATENCY_DRS`].
pub(crate) const LATENCY_EC2: u64 = 100;
/// As [`LATENCY_DRS`].
pub(crate) const LATENCY_STS: u64 = 50;

/// Writes the world of `shape`; the same seed makes the same file, but for the servers that changed.
pub(crate) fn write(path: &Path, shape: Shape, seed: u64, change: Change) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let latency = json!({ "drs": LATENCY_DRS, "ec2": LATENCY_EC2, "sts": LATENCY_STS });
    write!(file, r#"{{"hubAccountId":"{HUB}","latencyMs":{latency},"targetAccounts":"#)?;
    serde_json::to_writer(&mut file, &target_accounts(shape))?;
    file.write_all(br#","accounts":{"#)?;
    for place in 0..shape.accounts {
        if place > 0 {
            file.write_all(b",")?;
        }
        write!(file, r#""{}":"#, account_id(place))?;
        let mut random = Rng::with_seed(seed.wrapping_add(place as u64));
        serde_json::to_writer(&mut file, &account(shape, place, change, &mut random))?;
    }
    file.write_all(b"}}")?;
    file.flush()
}

/// The items of the target-accounts table.
pub(crate) fn target_accounts(shape: Shape) -> Vec<Value> {
    (0..shape.accounts).map(|place| target(place).row()).collect()
}

/// The ids of all accounts.
pub(crate) fn account_ids(shape: Shape) -> impl Iterator<Item = String> {
    (0..shape.accounts).map(account_id)
}

/// ARN and id of the first server of the first account.
pub(crate) fn first_server() -> (String, String) {
    Names::new(&account_id(0), REFACTORED_REGIONS[0], 0, 0).arn_and_id()
}

/// The first account.
pub(crate) fn first_account() -> String {
    account_id(0)
}

fn account_id(place: usize) -> String {
    format!("{}", 200_000_000_000 + place)
}

fn target(place: usize) -> AccountBuilder {
    AccountBuilder::new(account_id(place))
        .attribute("accountName", format!("account-{place:04}"))
        .role(ROLE, Some(EXTERNAL_ID))
        .attribute("stagingAccounts", json!([]))
}

fn account(shape: Shape, place: usize, change: Change, random: &mut Rng) -> Value {
    let id = account_id(place);
    let mut account = target(place);
    let mut number = 0;
    for (region, count) in shape.servers_by_region() {
        let (mut servers, mut instances) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let names = Names::new(&id, region, place, number);
            let mut server = source_server(&names, random);
            if change.has(place * shape.servers + number) {
                falls_behind(&mut server);
            }
            servers.push(server);
            instances.push(instance(&names, random));
            number += 1;
        }
        account = account.drs(region, json!({ "sourceServers": servers })).ec2(region, instances);
    }
    account.json()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim::World;

    #[test]
    fn the_simulator_takes_it_and_a_seed_makes_it_again() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("1.json"), folder.path().join("2.json"));
        let shape = Shape::new(2, 3, 7);
        write(&one, shape, 5, Change::Nothing).unwrap();
        write(&two, shape, 5, Change::Nothing).unwrap();
        assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
        let world = World::from_file(&one).unwrap();
        assert_eq!((world.accounts.len(), world.target_accounts.len()), (2, 2));
        for account in world.accounts.values() {
            let servers = account.drs.values().map(|region| region.source_servers.len());
            let instances = account.ec2.values().map(|region| region.instances.len());
            assert_eq!((servers.sum::<usize>(), instances.sum::<usize>()), (7, 7));
        }
    }

    #[test]
    fn what_changed_is_in_another_class_of_lag_and_the_rest_is_as_it_was() {
        let (shape, change) = (Shape::new(2, 3, 50), Change::TwentyPercent);
        let lags = |change| -> Vec<Value> {
            let accounts = (0..shape.accounts)
                .map(|place| account(shape, place, change, &mut Rng::with_seed(place as u64)));
            let replication = |server: &Value| server["dataReplicationInfo"].clone();
            let regions = accounts.flat_map(|it| it["drs"].as_object().unwrap().clone());
            let of_region = |region: Value| -> Vec<Value> {
                region["sourceServers"].as_array().unwrap().iter().map(replication).collect()
            };
            regions.flat_map(|(_, region)| of_region(region)).collect()
        };
        let (before, after) = (lags(Change::Nothing), lags(change));
        let differ = before.iter().zip(&after).filter(|(before, after)| before != after);
        assert_eq!(differ.count(), change.servers(shape.all_servers()));
        let same_lag =
            |(before, after): (&Value, &Value)| before["lagDuration"] == after["lagDuration"];
        let same = before.iter().zip(&after).filter(|pair| same_lag(*pair)).count();
        assert_eq!(same, shape.all_servers() - change.servers(shape.all_servers()));
    }
}
