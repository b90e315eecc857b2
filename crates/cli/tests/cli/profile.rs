//! `--profile` and `--region`, as the AWS CLI has them.

use std::path::Path;
use std::process::Output;

use serde_json::json;
use sim::{Service, Simulator};
use testing::simulator;

use crate::commands::{home, program, run, stderr, stdout};

const HUB: &str = "111111111111";

/// Two profiles, each of which leaves a mark when its credentials are asked for.
fn profiles(home: &Path) {
    let profile = |name: &str, region: &str| {
        let mark = home.join(name).display().to_string();
        let keys =
            r#"{\"Version\":1,\"AccessKeyId\":\"AKIAIOSFODNN7EXAMPLE\",\"SecretAccessKey\":\"x\"}"#;
        format!(
            "[profile {name}]\nregion = {region}\ncredential_process = sh -c 'touch {mark}; echo \"{keys}\"'\n"
        )
    };
    std::fs::create_dir_all(home.join(".aws")).unwrap();
    let config = profile("dr", "eu-west-1") + &profile("other", "eu-west-2");
    std::fs::write(home.join(".aws/config"), config).unwrap();
}

/// A sync between a simulated AWS and the store of this home, and nothing else of AWS set up.
fn sync(home: &Path, sim: &Simulator, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    program(home)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("AWS_ENDPOINT_URL", sim.endpoint())
        .env("DRS_REGIONS", "us-east-1")
        .envs(variables.iter().copied())
        .args(arguments)
        .output()
        .unwrap()
}

/// The regions in which STS was asked.
fn regions(sim: &Simulator) -> Vec<String> {
    let sts = sim.calls().into_iter().filter(|call| call.service == Service::Sts);
    sts.map(|call| call.region).collect()
}

#[test]
fn a_profile_that_was_typed_wins_over_profile_and_keys_of_the_environment() {
    let home = home();
    profiles(home.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = json!({ "hubAccountId": HUB, "accounts": { HUB: {} } });
    let sim = runtime.block_on(simulator(&world));
    run(home.path(), &["accounts", "add", HUB]);
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "y")];
    let variables = [keys[0], keys[1], ("AWS_PROFILE", "other")];
    let is_asked = |name: &str| home.path().join(name).exists();

    // Without an argument the keys of the environment are used, as by the AWS CLI.
    let synced = sync(home.path(), &sim, &["sync"], &variables);
    assert_eq!(synced.status.code(), Some(0), "{}", stderr(&synced));
    assert!(!is_asked("dr") && !is_asked("other"));
    assert_eq!(regions(&sim), ["eu-west-2"]);

    sim.clear_calls();
    let synced = sync(home.path(), &sim, &["--profile", "dr", "sync"], &variables);
    assert_eq!(synced.status.code(), Some(0), "{}", stderr(&synced));
    assert!(is_asked("dr") && !is_asked("other"));
    assert_eq!(regions(&sim), ["eu-west-1"]);

    // A region that was typed wins over that of the profile and of the environment; on either side.
    for arguments in [["sync", "--region", "us-west-2"], ["--region", "us-west-2", "sync"]] {
        sim.clear_calls();
        let variables = [keys[0], keys[1], ("AWS_REGION", "eu-north-1")];
        let synced = sync(home.path(), &sim, &arguments, &variables);
        assert_eq!(synced.status.code(), Some(0), "{}", stderr(&synced));
        assert_eq!(regions(&sim), ["us-west-2"]);
    }
}

#[test]
fn profile_and_region_of_the_settings_file_stand_in_for_those_of_the_environment() {
    let home = home();
    profiles(home.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = json!({ "hubAccountId": HUB, "accounts": { HUB: {} } });
    let sim = runtime.block_on(simulator(&world));
    run(home.path(), &["accounts", "add", HUB]);
    let file = home.path().join("mine.toml");
    std::fs::write(&file, "profile = \"dr\"\nregion = \"ca-central-1\"\n").unwrap();
    let settings = [("DRS_INVENTORY_SETTINGS", file.to_str().unwrap())];
    let synced = sync(home.path(), &sim, &["sync"], &settings);
    assert_eq!(synced.status.code(), Some(0), "{}", stderr(&synced));
    assert!(home.path().join("dr").exists());
    assert_eq!(regions(&sim), ["ca-central-1"]);
    let variables = [settings[0], ("AWS_PROFILE", "other"), ("AWS_REGION", "us-east-2")];
    sim.clear_calls();
    sync(home.path(), &sim, &["sync"], &variables);
    assert!(home.path().join("other").exists());
    assert_eq!(regions(&sim), ["us-east-2"]);
}

#[test]
fn a_profile_that_is_not_there_is_named_with_those_that_are() {
    let home = home();
    profiles(home.path());
    run(home.path(), &["accounts", "add", HUB]);
    for arguments in [
        &["sync", "--profile", "dx"][..],
        &["--profile", "dx", "servers", "--store", "dynamodb"],
        &["serve", "--profile", "dx"],
    ] {
        let output = run(home.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = stderr(&output);
        assert!(said.contains("\"dx\"") && said.contains("dr, other"), "{said}");
    }
    // What is in a file needs none.
    let list = run(home.path(), &["accounts", "list", "--profile", "dx"]);
    assert!(stdout(&list).contains(HUB));
    for arguments in [["sync", "--profile", ""], ["sync", "--region", "Ireland"]] {
        assert_eq!(run(home.path(), &arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_command_that_filters_by_region_takes_that_of_the_hub_before_its_name() {
    let home = home();
    run(home.path(), &["accounts", "add", HUB]);
    let filtered =
        ["--region", "eu-west-1", "servers", "--region", "!us-east-1", "--output", "json"];
    let output = run(home.path(), &filtered);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "[]\n");
}
