//! One look at the whole installation, against the list of its servers.

use std::collections::BTreeMap;
use std::time::Duration;

use inventory::overview::{Overview, OverviewTables, Verdicts, read_overview};
use inventory::picture::{Freshness, PictureTables, picture_of_servers};
use inventory::readiness::verdict;
use inventory::servers::{ServerFilter, Terms, query_judged_servers, query_servers, worst_first};
use jiff::{SignedDuration, Timestamp};
use model::environment::Environment;
use serde_json::{Value, json};
use sim::world::build::WorldBuilder;
use store::{Item, text};

use testing::*;

/// A server that is ready; its number is its id.
fn ready(account: &str, region: &str, number: u32) -> Value {
    let mut server = server(account, region, number);
    let seen = Timestamp::now().to_string();
    server["lifeCycle"]["lastSeenByServiceDateTime"] = json!(seen);
    // No EC2 machine: nothing is to be asked about it.
    server["sourceProperties"]["identificationHints"]["awsInstanceID"] = json!(null);
    server
}

fn in_state(mut server: Value, state: &str, lag: &str) -> Value {
    server["dataReplicationInfo"] = json!({ "dataReplicationState": state, "lagDuration": lag });
    server
}

/// Two accounts: in one seven servers that are ready, two at risk, one that is not; in the other three.
fn fleet() -> Value {
    let mut servers: Vec<Value> = (1..=7).map(|n| ready(MEMBER, "us-east-1", n)).collect();
    servers.push(in_state(ready(MEMBER, "us-east-1", 8), "CONTINUOUS", "PT2H"));
    servers.push(in_state(ready(MEMBER, "us-east-1", 9), "PAUSED", "PT1M"));
    servers.push(in_state(ready(MEMBER, "us-east-1", 10), "STALLED", "PT9H"));
    let others: Vec<Value> = (11..=13).map(|n| ready(OTHER, "eu-west-1", n)).collect();
    let one = member(MEMBER).drs("us-east-1", json!({ "sourceServers": servers }));
    let another = member(OTHER).drs("eu-west-1", json!({ "sourceServers": others }));
    WorldBuilder::new(HUB).target(one).target(another).json()
}

fn freshness(minutes: i64) -> Freshness {
    let now = Timestamp::now() + SignedDuration::from_mins(minutes);
    Freshness { now, ..Freshness::from_environment(&Environment::of([])).unwrap() }
}

async fn overview(lab: &Lab, minutes: i64) -> Overview {
    let tables = OverviewTables::of(&lab.sync.store).unwrap();
    read_overview(&tables, &freshness(minutes)).await.unwrap()
}

/// Every server of the list with its verdict.
async fn listed(lab: &Lab, minutes: i64) -> Vec<Item> {
    let mut rows = query_servers(&lab.inventory(), &ServerFilter::default()).await.unwrap();
    let tables = PictureTables::of(&lab.sync.store).unwrap();
    picture_of_servers(&tables, &mut rows, &freshness(minutes)).await.unwrap();
    worst_first(&mut rows);
    rows
}

fn counted(rows: &[Item]) -> Verdicts {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(verdict(row)).or_default() += 1);
    let of = |name: &str| counts.get(name).copied().unwrap_or_default();
    Verdicts {
        ready: of("READY"),
        at_risk: of("AT_RISK"),
        not_ready: of("NOT_READY"),
        unknown: of("UNKNOWN"),
    }
}

fn verdicts(ready: u64, at_risk: u64, not_ready: u64, unknown: u64) -> Verdicts {
    Verdicts { ready, at_risk, not_ready, unknown }
}

async fn filled() -> Lab {
    let lab = Lab::of(fleet()).await;
    lab.run().await;
    lab
}

#[tokio::test]
async fn the_overview_adds_up_to_the_list_and_reads_no_server() {
    let lab = filled().await;
    lab.store.clear_units();
    let overview = overview(&lab, 0).await;
    let read: Vec<_> = lab.store.units().into_iter().map(|it| it.table).collect();
    assert!(!read.iter().any(|table| table == "source-server-inventory"), "{read:?}");
    assert_eq!(overview.verdicts, verdicts(10, 2, 1, 0));
    assert_eq!(overview.verdicts, counted(&listed(&lab, 0).await));
    assert_eq!(overview.over_rpo(), 2);
    assert!(!overview.is_proven() && overview.picture.is_complete());
    assert_eq!(overview.places, overview.places_known);

    let first = &overview.next[0];
    assert_eq!((first.code, first.servers, first.region.as_str()), ("STALLED", 1, "us-east-1"));
    assert_eq!((first.account_id.as_deref(), first.accounts), (Some(MEMBER), 1));
    let codes: Vec<&str> = overview.next.iter().map(|step| step.code).collect();
    assert_eq!(codes, ["STALLED", "LAG_ABOVE_RPO", "PAUSED"]);
    let regions: Vec<&str> = overview.regions.iter().map(|it| it.region.as_str()).collect();
    assert_eq!(regions, ["us-east-1", "eu-west-1"]);
    let fullest = &overview.capacity.places[0];
    assert_eq!((fullest.account_id.as_str(), fullest.replicating), (MEMBER, Some(10)));
}

#[tokio::test]
async fn servers_of_a_place_that_fails_are_unknown_with_their_last_verdict() {
    let lab = filled().await;
    let mut world = fleet();
    world["accounts"][MEMBER]["drs"]["us-east-1"]["fault"] = denied();
    lab.set_world(world);
    advance(Duration::from_secs(300)).await;
    lab.run().await;
    let overview = overview(&lab, 5).await;
    assert_eq!(overview.verdicts, verdicts(3, 0, 0, 10));
    let rows = listed(&lab, 5).await;
    assert_eq!(overview.verdicts, counted(&rows));
    assert_eq!(text(&rows[0], "readiness"), "UNKNOWN");
    assert!(rows.iter().any(|row| text(row, "lastReadiness") == "NOT_READY"));
    assert_eq!(overview.places - overview.places_known, 1);
    assert!(!overview.next.iter().any(|step| step.region == "us-east-1"), "{:?}", overview.next);
}

#[tokio::test]
async fn servers_of_an_account_that_lets_nobody_in_are_unknown_until_it_does() {
    let lab = filled().await;
    let mut world = fleet();
    world["accounts"][OTHER]["roles"] = json!({});
    lab.set_world(world);
    advance(Duration::from_secs(300)).await;
    // The session of before is good for an hour.
    lab.another().run().await;
    assert_eq!(overview(&lab, 5).await.verdicts, verdicts(7, 2, 1, 3));
    assert_eq!(counted(&listed(&lab, 5).await), verdicts(7, 2, 1, 3));
    lab.set_world(fleet());
    advance(Duration::from_secs(300)).await;
    lab.run().await;
    assert_eq!(overview(&lab, 10).await.verdicts, verdicts(10, 2, 1, 0));
}

#[tokio::test]
async fn where_no_sync_came_for_too_long_nothing_is_known() {
    let lab = filled().await;
    assert_eq!(overview(&lab, 29).await.verdicts, verdicts(10, 2, 1, 0));
    let overview = overview(&lab, 31).await;
    assert_eq!(overview.verdicts, verdicts(0, 0, 0, 13));
    assert_eq!(counted(&listed(&lab, 31).await), verdicts(0, 0, 0, 13));
    assert_eq!(overview.places_known, 0);
    assert!(overview.next.is_empty());
}

#[tokio::test]
async fn a_server_that_is_no_longer_listed_is_not_ready() {
    let lab = filled().await;
    let mut world = fleet();
    world["accounts"][OTHER]["drs"]["eu-west-1"]["sourceServers"].as_array_mut().unwrap().remove(0);
    lab.set_world(world);
    advance(Duration::from_secs(300)).await;
    lab.run().await;
    let overview = overview(&lab, 5).await;
    assert_eq!(overview.verdicts, verdicts(9, 2, 2, 0));
    assert_eq!(overview.verdicts, counted(&listed(&lab, 5).await));
    assert_eq!(overview.counts.missing(), 1);
}

#[tokio::test]
async fn rows_of_the_legacy_sync_are_unknown() {
    let lab = Lab::with(fleet(), &[("USE_REFACTORED_INVENTORY_SYNC", "false")]).await;
    lab.run().await;
    let overview = overview(&lab, 0).await;
    // The legacy row of a region counts the servers of one account.
    assert!(overview.verdicts.unknown > 0, "{overview:?}");
    assert_eq!(overview.verdicts.unknown, overview.verdicts.total());
    assert_eq!(counted(&listed(&lab, 0).await).unknown, 13);
}

#[tokio::test]
async fn a_filter_that_only_the_troubled_fit_reads_no_other_row() {
    let lab = filled().await;
    let table = lab.inventory();
    let hosts = |rows: Vec<Item>| -> Vec<String> {
        rows.iter().map(|row| text(row, "hostname").to_owned()).collect()
    };
    let all = ServerFilter::default();
    for (filter, expected) in [
        (ServerFilter { state: Terms::parse(["stalled"]), ..all.clone() }, vec!["host-10"]),
        (
            ServerFilter { reason: Terms::parse(["LAG_ABOVE_RPO"]), ..all.clone() },
            vec!["host-10", "host-8"],
        ),
        (
            ServerFilter { verdict: Terms::parse(["not_ready,at_risk"]), ..all.clone() },
            vec!["host-10", "host-8", "host-9"],
        ),
        (
            ServerFilter {
                reason: Terms::parse(["LAG_ABOVE_RPO"]),
                hostname: Terms::parse(["!host-1"]),
                ..all.clone()
            },
            vec!["host-8"],
        ),
    ] {
        lab.store.clear_units();
        let found = query_judged_servers(&table, &filter).await.unwrap();
        let read: f64 =
            lab.store.units().iter().filter(|it| it.index.is_none()).map(|it| it.read).sum();
        assert!(read <= 3.0, "{read}: {filter:?}");
        assert_eq!(hosts(found), expected, "{filter:?}");
        let scanned = query_servers(&table, &filter).await.unwrap();
        let scanned: Vec<Item> =
            scanned.into_iter().filter(|row| filter.verdict_fits(row)).collect();
        assert_eq!(hosts(scanned), expected, "{filter:?}");
    }
    let lag = ServerFilter { min_lag: Some(3600), ..all };
    assert_eq!(hosts(query_judged_servers(&table, &lag).await.unwrap()), ["host-10", "host-8"]);
}
