//! From an empty installation to a checked one, as a platform engineer goes: an organization of thirty
//! accounts, some of which are closed, without a role, behind another external id, or denied.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use sim::{Simulator, World};

use crate::commands::{home, program, stderr, stdout};

const WORLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../worlds/organization.json");
const NO_ROLE: [&str; 2] = ["200000000023", "200000000024"];
const WRONG_ID: &str = "200000000006";
const DENIED: &str = "200000000008";
const EC2_DENIED: &str = "200000000010";

fn world() -> Value {
    serde_json::from_str(&std::fs::read_to_string(WORLD).unwrap()).unwrap()
}

async fn start(world: &Value) -> Simulator {
    Simulator::start(World::from_json(&world.to_string()).unwrap()).await.unwrap()
}

fn ask(home: &Path, sim: &Simulator, arguments: &[&str]) -> Output {
    ask_with(home, sim, &[], arguments)
}

fn ask_with(
    home: &Path,
    sim: &Simulator,
    variables: &[(&str, &str)],
    arguments: &[&str],
) -> Output {
    program(home)
        .env("AWS_ENDPOINT_URL", sim.endpoint())
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "us-east-1")
        .env("DRS_REGIONS", "us-east-1,eu-west-1")
        .envs(variables.iter().copied())
        .args(arguments)
        .output()
        .unwrap()
}

fn json_of(output: &Output) -> Value {
    assert!(!output.stdout.is_empty(), "{}", stderr(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|it| it["accountId"].as_str().unwrap()).collect()
}

fn failed(checked: &Value) -> Vec<&str> {
    let failed = checked.as_array().unwrap().iter().filter(|it| it["passed"] == false);
    failed.map(|it| it["accountId"].as_str().unwrap()).collect()
}

fn check(home: &Path, sim: &Simulator) -> (Option<i32>, Value) {
    let checked = ask(home, sim, &["accounts", "check", "--output", "json"]);
    (checked.status.code(), json_of(&checked))
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_empty_installation_to_a_checked_one() {
    let (home, mut world) = (home(), world());
    let (home, sim) = (home.path(), start(&world).await);
    let found = ask(home, &sim, &["accounts", "discover", "--output", "json"]);
    let found = json_of(&found);
    assert_eq!((ids(&found["new"]).len(), &found["notActive"]), (27, &json!(3)));
    let listed = json_of(&ask(home, &sim, &["accounts", "list", "--output", "json"]));
    assert_eq!(listed, json!([]), "a look adds nothing");

    let added = ask(home, &sim, &["accounts", "discover", "--apply"]);
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    let listed = json_of(&ask(home, &sim, &["accounts", "list", "--output", "json"]));
    assert_eq!(listed.as_array().unwrap().len(), 27);
    assert_eq!(listed[0].get("roleArn"), None, "the hub enters itself");
    assert_eq!(listed[1]["roleArn"], "arn:aws:iam::200000000001:role/DRSOrchestrationRole");
    let again = json_of(&ask(home, &sim, &["accounts", "discover", "--output", "json"]));
    assert_eq!((ids(&again["new"]).len(), ids(&again["known"]).len()), (0, 27));

    let synced = ask(home, &sim, &["sync"]);
    assert_eq!(synced.status.code(), Some(3));
    let command = format!("accounts check {WRONG_ID} {DENIED} {EC2_DENIED}");
    assert!(stdout(&synced).contains(&command), "{}", stdout(&synced));

    let (code, checked) = check(home, &sim);
    let wrong = [WRONG_ID, DENIED, EC2_DENIED, NO_ROLE[0], NO_ROLE[1]];
    assert_eq!((code, failed(&checked)), (Some(3), wrong.to_vec()));
    for account in checked.as_array().unwrap().iter().filter(|it| it["passed"] == false) {
        let steps = account["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["how"] == "failed").unwrap();
        let change = step["change"].as_str().unwrap();
        assert!(change.contains(account["accountId"].as_str().unwrap()), "{change}");
        assert!(change.contains("infra/member-account.yaml"), "{change}");
    }
    let shown = ask(home, &sim, &["accounts", "check"]);
    insta::assert_snapshot!("accounts-check", stdout(&shown));

    // What the changes say, carried out one after the other; each makes its account pass.
    let role =
        json!({ "DRSOrchestrationRole": { "externalId": "drs-orchestration-cross-account" } });
    for account in [NO_ROLE[0], NO_ROLE[1], WRONG_ID] {
        world["accounts"][account]["roles"] = role.clone();
    }
    sim.set_world(World::from_json(&world.to_string()).unwrap());
    assert_eq!(failed(&check(home, &sim).1), [DENIED, EC2_DENIED]);
    let denied = &mut world["accounts"][DENIED]["drs"]["us-east-1"];
    denied.as_object_mut().unwrap().remove("fault");
    let denied = &mut world["accounts"][EC2_DENIED]["ec2"]["us-east-1"];
    denied.as_object_mut().unwrap().remove("fault");
    sim.set_world(World::from_json(&world.to_string()).unwrap());
    let (code, checked) = check(home, &sim);
    assert_eq!((code, failed(&checked)), (Some(0), vec![]));

    let synced = ask(home, &sim, &["sync"]);
    assert_eq!(synced.status.code(), Some(0), "{}", stdout(&synced));
    let hub = ask(home, &sim, &["check"]);
    assert_eq!(hub.status.code(), Some(0), "{}", stdout(&hub));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_were_never_added_are_not_known() {
    let (home, world) = (home(), world());
    let (home, sim) = (home.path(), start(&world).await);
    let services = [("DISCOVER_OUS", "ou-sim0-services"), ("DISCOVER_TAGS", "dr=yes")];
    let added = ask_with(home, &sim, &services, &["accounts", "discover", "--apply"]);
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    ask(home, &sim, &["sync"]);
    let not_known = |home: &Path| {
        let overview = json_of(&ask(home, &sim, &["status", "--output", "json"]));
        let all = overview["notKnown"].as_array().unwrap().clone();
        let never = all.into_iter().filter(|it| it["why"] == "NEVER_ADDED");
        never.map(|it| it["accountId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(not_known(home), [""; 0]);
    // Somebody who looks for more changes no picture; the installation's own look does.
    ask(home, &sim, &["accounts", "discover", "--ou", "ou-sim0-sandboxes"]);
    assert_eq!(not_known(home), [""; 0]);
    let all =
        [("DISCOVER_OUS", "ou-sim0-services,ou-sim0-sandboxes"), ("DISCOVER_TAGS", "!dr=target")];
    ask_with(home, &sim, &all, &["accounts", "discover"]);
    assert_eq!(not_known(home), ["200000000028", "200000000029"]);
    let role = "arn:aws:iam::200000000028:role/DRSOrchestrationRole";
    ask(home, &sim, &["accounts", "add", "200000000028", "--role-arn", role]);
    assert_eq!(not_known(home), ["200000000029"]);
    let status = ask(home, &sim, &["status", "--fail-on", "unknown"]);
    assert_eq!(status.status.code(), Some(3));
    assert!(stdout(&status).contains("never added"), "{}", stdout(&status));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_left_or_are_closed_are_named_and_stay() {
    let (home, mut world) = (home(), world());
    let (home, sim) = (home.path(), start(&world).await);
    ask(home, &sim, &["accounts", "discover", "--apply"]);
    let accounts = world["organization"]["accounts"].as_array_mut().unwrap();
    accounts.retain(|account| account["id"] != "200000000001");
    accounts.iter_mut().find(|it| it["id"] == "200000000002").unwrap()["state"] = json!("CLOSED");
    let stateless = accounts.iter_mut().find(|it| it["id"] == "200000000003").unwrap();
    stateless.as_object_mut().unwrap().remove("state");
    sim.set_world(World::from_json(&world.to_string()).unwrap());
    let found = json_of(&ask(home, &sim, &["accounts", "discover", "--apply", "--output", "json"]));
    assert_eq!(ids(&found["gone"]), ["200000000001"]);
    assert_eq!(ids(&found["suspended"]), ["200000000002", "200000000003"]);
    let listed = json_of(&ask(home, &sim, &["accounts", "list", "--output", "json"]));
    assert_eq!(listed.as_array().unwrap().len(), 27);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_ask_the_organization_is_told_whom_to_name() {
    let (home, mut world) = (home(), world());
    let (home, sim) = (home.path(), start(&world).await);
    world["organization"]["managementAccountId"] = json!("200000000001");
    world["organization"]["delegatedAdministrators"] = json!(["200000000002"]);
    sim.set_world(World::from_json(&world.to_string()).unwrap());
    let refused = ask(home, &sim, &["accounts", "discover"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("ORGANIZATION_ROLE_ARN"), "{}", stderr(&refused));
    let secret = [("ORGANIZATION_EXTERNAL_ID", "drs-orchestration-cross-account")];
    for member in ["200000000001", "200000000002"] {
        let role = format!("arn:aws:iam::{member}:role/DRSOrchestrationRole");
        let arguments = ["accounts", "discover", "--role-arn", &role, "--output", "json"];
        let found = json_of(&ask_with(home, &sim, &secret, &arguments));
        assert_eq!(ids(&found["new"]).len(), 27);
        let refused = ask(home, &sim, &arguments);
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr(&refused).contains("cannot assume the role"), "{}", stderr(&refused));
    }
    world.as_object_mut().unwrap().remove("organization");
    sim.set_world(World::from_json(&world.to_string()).unwrap());
    let none = ask(home, &sim, &["accounts", "discover"]);
    assert!(stderr(&none).contains("belongs to no organization"), "{}", stderr(&none));
    for wrong in [["--ou", "unit"], ["--tag", "dr"], ["--account", "12"], ["--role-arn", "role"]] {
        let refused = ask(home, &sim, &[&["accounts", "discover"], &wrong[..]].concat());
        assert_eq!(refused.status.code(), Some(1), "{wrong:?}");
        assert!(stderr(&refused).contains(wrong[1]), "{}", stderr(&refused));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_is_checked_and_what_is_missing_is_named() {
    let (home, world) = (home(), world());
    let (home, sim) = (home.path(), start(&world).await);
    ask(home, &sim, &["tables", "create"]);
    let checked = ask(home, &sim, &["check", "--output", "json"]);
    assert_eq!(checked.status.code(), Some(3), "no account yet");
    let checked = json_of(&checked);
    let step = |what: &str| {
        let steps = checked["steps"].as_array().unwrap();
        steps.iter().find(|step| step["what"] == what).unwrap()["how"].clone()
    };
    assert_eq!((step("AWS credentials"), step("clock")), (json!("ok"), json!("ok")));
    assert_eq!(step("DRS_REGION_STATUS_TABLE"), "ok");
    assert_eq!((step("accounts"), step("last sync")), (json!("failed"), json!("optional")));
    let nobody = [("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), ("AWS_MAX_ATTEMPTS", "1")];
    let nobody = ask_with(home, &sim, &nobody, &["check"]);
    assert_eq!(nobody.status.code(), Some(3));
    assert!(stdout(&nobody).contains("FAILED      AWS credentials"), "{}", stdout(&nobody));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_account_without_servers_passes_in_all_regions() {
    let (home, mut world) = (home(), world());
    // Not enabled: neither DRS nor EC2 knows its sessions there.
    let unknown = json!({ "status": 403, "code": "UnrecognizedClientException",
        "message": "The security token included in the request is invalid." });
    let failed = json!({ "status": 401, "code": "AuthFailure", "message": "not able to validate" });
    world["accounts"]["200000000001"]["drs"]["af-south-1"] = json!({ "fault": unknown });
    world["accounts"]["200000000001"]["ec2"]["af-south-1"] = json!({ "fault": failed });
    let (home, sim) = (home.path(), start(&world).await);
    let role = "arn:aws:iam::200000000001:role/DRSOrchestrationRole";
    let id = "drs-orchestration-cross-account";
    ask(home, &sim, &["accounts", "add", "200000000001", "--role-arn", role, "--external-id", id]);
    let everywhere = [("DRS_REGIONS", "af-south-1,eu-west-1,us-east-1")];
    let checked = ask_with(home, &sim, &everywhere, &["accounts", "check", "--output", "json"]);
    assert_eq!(checked.status.code(), Some(0), "{}", stdout(&checked));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_two_rows_list_is_checked_through_the_one_that_lets_in() {
    let (home, world) = (home(), world());
    let (home, sim) = (home.path(), start(&world).await);
    let role = |name: &str| format!("arn:aws:iam::200000000001:role/{name}");
    let id = "drs-orchestration-cross-account";
    ask(home, &sim, &["accounts", "add", "200000000001", "--role-arn", &role("Gone")]);
    ask(home, &sim, &["accounts", "add", "200000000002"]);
    let staging = ["accounts", "add", "200000000001", "--staging-of", "200000000002"];
    let good = role("DRSOrchestrationRole");
    ask(home, &sim, &[&staging[..], &["--role-arn", &good, "--external-id", id]].concat());
    let (_, checked) = check(home, &sim);
    let steps = checked[0]["steps"].as_array().unwrap();
    assert_eq!((&checked[0]["passed"], &steps[0]["found"]), (&json!(true), &json!(good)));
    assert!(steps[2]["change"].as_str().unwrap().contains("role Gone"), "{}", steps[2]);
    // The other account has no role, and is told which to be given.
    let step = &checked[1]["steps"][0];
    assert_eq!(step["how"], "failed");
    assert!(step["change"].as_str().unwrap().contains("accounts update 200000000002 --role-arn"));
}

#[test]
fn an_exported_external_id_is_not_given_to_an_account_whose_name_changes() {
    let home = home();
    let home = home.path();
    let add = ["accounts", "add", "222222222222", "--external-id", "its-own-id"];
    program(home).args(add).output().unwrap();
    let exported = [("DRS_INVENTORY_EXTERNAL_ID", "another-id")];
    let rename = ["accounts", "update", "222222222222", "--name", "b"];
    let renamed = program(home).envs(exported).args(rename).output().unwrap();
    assert_eq!(stderr(&renamed), "updated 222222222222: name\n");
    let update = ["accounts", "update", "222222222222"];
    let replaced = program(home).envs(exported).args(update).output().unwrap();
    assert_eq!(stderr(&replaced), "updated 222222222222: external id\n");
    let nothing = program(home).args(update).output().unwrap();
    assert_eq!(nothing.status.code(), Some(1));
}
