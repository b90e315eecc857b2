//! How full accounts and regions are.

use inventory::capacity::PlaceCapacity;
use inventory::overview::{OverviewTables, read_overview};
use inventory::picture::Freshness;
use model::environment::Environment;
use serde_json::{Value, json};
use testing::*;

fn place(account: &str, region: &str, servers: u64, replicating: Option<u64>) -> Value {
    let mut entry = json!({ "accountId": account, "region": region, "serverCount": servers });
    if let Some(replicating) = replicating {
        entry["counts"] = json!({ "replicating": replicating });
    }
    entry
}

#[tokio::test]
async fn the_fullest_come_first_and_what_nobody_counted_is_not_known() {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    for entry in [
        place(MEMBER, "us-east-1", 120, Some(100)),
        place(MEMBER, "eu-west-1", 300, Some(290)),
        place(OTHER, "us-east-1", 500, None),
        place(OTHER, "eu-west-1", 0, Some(0)),
        json!({ "accountId": MEMBER, "region": "#account", "serverCount": 7 }),
    ] {
        lab.put(&lab.ledger(), &entry).await;
    }
    for region in ["us-east-1", "eu-west-1"] {
        let row = json!({ "region": region, "serverCount": 1 });
        lab.put(&lab.region_status(), &row).await;
    }
    let tables = OverviewTables::of(&lab.sync.store).unwrap();
    let freshness = Freshness::from_environment(&Environment::of([])).unwrap();
    let capacity = read_overview(&tables, &freshness).await.unwrap().capacity;
    let full = |account: &str, region: &str, replicating| PlaceCapacity {
        account_id: account.to_owned(),
        region: region.to_owned(),
        replicating,
        of: 300,
    };
    assert_eq!(
        capacity.places,
        [
            full(MEMBER, "eu-west-1", Some(290)),
            full(MEMBER, "us-east-1", Some(100)),
            full(OTHER, "us-east-1", None),
        ]
    );
    let accounts =
        capacity.accounts.iter().map(|it| (it.account_id.as_str(), it.source_servers, it.of));
    assert_eq!(accounts.collect::<Vec<_>>(), [(OTHER, 500, 4000), (MEMBER, 420, 4000)]);
}
