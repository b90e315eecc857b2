//! Organizations and Account Management as an AWS SDK sees them.

use aws_sdk_account::error::ProvideErrorMetadata;
use serde_json::{Value, json};
use sim::{Service, Simulator, World};

use crate::common::{config, hub};

const HUB: &str = "111111111111";

async fn start(world: &Value) -> Simulator {
    Simulator::start(World::from_json(&world.to_string()).unwrap()).await.unwrap()
}

fn world() -> Value {
    let accounts: Vec<Value> = (0..45)
        .map(|n| {
            json!({ "id": format!("{n:012}"), "name": "one <&>", "state": "ACTIVE",
                    "parentId": if n < 5 { "ou-sim0-services" } else { "r-sim0" },
                    "tags": { "dr": "yes" } })
        })
        .collect();
    json!({ "hubAccountId": HUB,
            "accounts": { HUB: { "regions": { "enabled": ["us-east-1"] } } },
            "organization": { "id": "o-simulated0", "managementAccountId": HUB,
                "organizationalUnits": [{ "id": "ou-sim0-services", "name": "services" }],
                "accounts": accounts } })
}

#[tokio::test]
async fn accounts_units_and_tags_are_listed_page_by_page() {
    let sim = start(&world()).await;
    let client = aws_sdk_organizations::Client::new(&config(&sim, hub()));
    let organization = client.describe_organization().send().await.unwrap().organization.unwrap();
    assert_eq!(organization.master_account_id(), Some(HUB));
    let first = client.list_accounts().send().await.unwrap();
    assert_eq!(first.accounts().len(), 20);
    let rest = client.list_accounts().set_next_token(first.next_token).send().await.unwrap();
    let last = client.list_accounts().set_next_token(rest.next_token).send().await.unwrap();
    assert_eq!((last.accounts().len(), last.next_token()), (5, None));
    let account = &last.accounts()[0];
    assert_eq!(account.name(), Some("one <&>"));
    assert_eq!(account.state().map(|state| state.as_str()), Some("ACTIVE"));
    let root = client.list_roots().send().await.unwrap().roots()[0].id().unwrap().to_owned();
    let units =
        client.list_organizational_units_for_parent().parent_id(&root).send().await.unwrap();
    let unit = units.organizational_units()[0].id().unwrap();
    let below = client.list_accounts_for_parent().parent_id(unit).send().await.unwrap();
    assert_eq!(below.accounts().len(), 5);
    let tags = client.list_tags_for_resource().resource_id("000000000003").send().await.unwrap();
    assert_eq!((tags.tags()[0].key(), tags.tags()[0].value()), ("dr", "yes"));
    let unknown = client.list_accounts_for_parent().parent_id("ou-sim0-nowhere1").send().await;
    assert_eq!(unknown.unwrap_err().code(), Some("ParentNotFoundException"));
    assert_eq!(sim.calls()[0].service, Service::Organizations);
}

#[tokio::test]
async fn only_the_management_account_and_delegated_administrators_are_told() {
    let mut world = world();
    world["organization"]["managementAccountId"] = json!("222222222222");
    let sim = start(&world).await;
    let client = aws_sdk_organizations::Client::new(&config(&sim, hub()));
    let refused = client.list_accounts().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    world["organization"]["delegatedAdministrators"] = json!([HUB]);
    sim.set_world(World::from_json(&world.to_string()).unwrap());
    assert_eq!(client.list_accounts().send().await.unwrap().accounts().len(), 20);
    world.as_object_mut().unwrap().remove("organization");
    sim.set_world(World::from_json(&world.to_string()).unwrap());
    let none = client.list_accounts().send().await.unwrap_err();
    assert_eq!(none.code(), Some("AWSOrganizationsNotInUseException"));
}

#[tokio::test]
async fn an_account_tells_its_regions_where_the_world_does() {
    let mut world = world();
    let sim = start(&world).await;
    let client = aws_sdk_account::Client::new(&config(&sim, hub()));
    let regions = client.list_regions().send().await.unwrap();
    assert_eq!(regions.regions()[0].region_name(), Some("us-east-1"));
    world["accounts"][HUB].as_object_mut().unwrap().remove("regions");
    sim.set_world(World::from_json(&world.to_string()).unwrap());
    let refused = client.list_regions().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
}

#[test]
fn a_world_names_what_is_wrong_with_its_organization() {
    for (wrong, path) in [
        (json!({ "id": "o", "managementAccountId": "1" }), "organization.managementAccountId"),
        (json!({ "id": "o", "managementAccountId": HUB, "pageSize": 0 }), "organization.pageSize"),
        (
            json!({ "id": "o", "managementAccountId": HUB, "accounts": [{ "id": "1", "name": "" }] }),
            "organization.accounts[0].id",
        ),
        (json!({ "id": "o", "managementAccountId": HUB, "fault": {} }), "organization.fault"),
    ] {
        let world = json!({ "hubAccountId": HUB, "organization": wrong });
        let error = World::from_json(&world.to_string()).unwrap_err().to_string();
        assert!(error.contains(path), "{error}");
    }
}
