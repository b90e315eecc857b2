//! Lists of servers page by page, and one server by its id, without a scan of the inventory.

mod one;
mod pages;

use inventory::picture::{Freshness, PictureTables, picture_of_servers};
use inventory::servers::page::{Budget, Page, query_servers_page};
use inventory::servers::{ServerFilter, query_servers};
use jiff::{SignedDuration, Timestamp};
use model::environment::Environment;
use serde_json::{Value, json};
use sim::world::build::WorldBuilder;
use store::{Item, text};

use testing::*;

const THIRD: &str = "444444444444";
const STAGING: &str = "555555555555";

fn freshness(minutes: i64) -> Freshness {
    let now = Timestamp::now() + SignedDuration::from_mins(minutes);
    Freshness { now, ..Freshness::from_environment(&Environment::of([])).unwrap() }
}

/// A server whose verdict and staging account depend on its number.
fn of_number(account: &str, region: &str, number: u32) -> Value {
    let mut server = server(account, region, number);
    let seen = Timestamp::now().to_string();
    server["lifeCycle"]["lastSeenByServiceDateTime"] = json!(seen);
    server["sourceProperties"]["identificationHints"]["awsInstanceID"] = json!(null);
    let (state, lag) = match number % 5 {
        0 => ("STALLED", "PT9H"),
        1 => ("PAUSED", "PT1M"),
        2 => ("CONTINUOUS", "PT2H"),
        _ => ("CONTINUOUS", "PT0S"),
    };
    server["dataReplicationInfo"] = json!({ "dataReplicationState": state, "lagDuration": lag });
    if number.is_multiple_of(7) {
        server["stagingArea"]["stagingAccountID"] = json!(STAGING);
    }
    server
}

/// Three accounts in three regions, one of which the built-in list lacks.
fn fleet() -> Value {
    let listed = |account: &str, region: &str, numbers: std::ops::Range<u32>| {
        json!({ "sourceServers":
            numbers.map(|n| of_number(account, region, n)).collect::<Vec<_>>() })
    };
    let one = member(MEMBER)
        .drs("us-east-1", listed(MEMBER, "us-east-1", 0..14))
        .drs("eu-west-1", listed(MEMBER, "eu-west-1", 20..26));
    let another = member(OTHER).drs("eu-west-1", listed(OTHER, "eu-west-1", 40..51));
    let third = member(THIRD).drs("xx-test-1", listed(THIRD, "xx-test-1", 60..65));
    WorldBuilder::new(HUB).target(one).target(another).target(third).json()
}

async fn filled() -> Lab {
    let regions = "us-east-1,eu-west-1,sa-east-1,xx-test-1";
    let lab = Lab::with(fleet(), &[("DRS_REGIONS", regions)]).await;
    lab.run().await;
    lab
}

/// A place that fails, and an account that lets nobody in.
async fn with_unknown() -> Lab {
    let lab = filled().await;
    let mut world = fleet();
    world["accounts"][MEMBER]["drs"]["us-east-1"]["fault"] = denied();
    world["accounts"][OTHER]["roles"] = json!({});
    lab.set_world(world);
    advance(std::time::Duration::from_secs(300)).await;
    // The session of before is good for an hour.
    lab.another().run().await;
    lab
}

async fn page(lab: &Lab, filter: &ServerFilter, page: (usize, Option<&str>)) -> Page {
    let budget = Budget::default();
    let tables = lab.server_tables();
    query_servers_page(&tables, filter, page, (&budget, None), &freshness(5)).await.unwrap()
}

/// The keys of every page.
async fn paged(lab: &Lab, filter: &ServerFilter, limit: usize, budget: &Budget) -> Vec<String> {
    let (mut keys, mut token) = (Vec::new(), None::<String>);
    for turn in 0.. {
        assert!(turn < 1000, "the pages do not end: {filter:?}");
        let page = (limit, token.as_deref());
        let page =
            query_servers_page(&lab.server_tables(), filter, page, (budget, None), &freshness(5))
                .await;
        let page = page.unwrap();
        assert!(page.rows.len() <= limit);
        assert!(page.next.is_none() || page.stopped.is_some() || page.rows.len() == limit);
        keys.extend(page.rows.iter().map(key));
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    keys
}

/// The keys of the whole list.
async fn listed(lab: &Lab, filter: &ServerFilter) -> Vec<String> {
    let mut rows = query_servers(&lab.inventory(), filter).await.unwrap();
    let tables = PictureTables::of(&lab.sync.store).unwrap();
    picture_of_servers(&tables, &mut rows, &freshness(5)).await.unwrap();
    rows.retain(|row| filter.verdict_fits(row));
    let mut keys: Vec<String> = rows.iter().map(key).collect();
    keys.sort_unstable();
    keys
}

fn key(row: &Item) -> String {
    format!("{} {}", text(row, "sourceServerArn"), text(row, "stagingAccountId"))
}

/// Fails where the inventory, or an index of it, was scanned since the units were cleared.
fn assert_no_scan(lab: &Lab) {
    let scans = lab.store.units().into_iter();
    let scans: Vec<_> = scans
        .filter(|it| it.operation == "Scan" && it.table == "source-server-inventory")
        .collect();
    assert!(scans.is_empty(), "{scans:?}");
}
