//! What is said of a wrong world file.

use serde_json::{Value, json};
use sim::World;

fn error(world: &Value) -> String {
    World::from_json(&world.to_string()).unwrap_err().to_string()
}

fn with_drs(region: &Value) -> Value {
    json!({ "hubAccountId": "111111111111",
            "accounts": { "222222222222": { "drs": { "us-east-1": region } } } })
}

#[test]
fn an_unknown_key_is_named_with_its_path() {
    let text = error(&with_drs(&json!({ "pagesize": 3 })));
    assert!(
        text.contains("accounts.222222222222.drs.us-east-1") && text.contains("pagesize"),
        "{text}"
    );
    let ec2 = json!({ "hubAccountId": "111111111111", "accounts": { "222222222222": { "ec2": {
        "us-east-1": { "instances": [{ "InstanceId": "i-1", "Vpc": "x" }] } } } } });
    let text = error(&ec2);
    assert!(text.contains("instances[0]") && text.contains("Vpc"), "{text}");
}

#[test]
fn a_wrong_value_is_named_with_its_path_and_what_was_expected() {
    for (world, path, expected) in [
        (json!({ "hubAccountId": "1" }), "hubAccountId", "12 digits"),
        (
            json!({ "hubAccountId": "111111111111", "accounts": { "x": {} } }),
            "accounts.x",
            "12 digits",
        ),
        (
            json!({ "hubAccountId": "111111111111", "targetAccounts": [{ "accountName": "a" }] }),
            "targetAccounts[0].accountId",
            "12 digits",
        ),
        (with_drs(&json!({ "pageSize": 0 })), "us-east-1.pageSize", "1 or more"),
        (with_drs(&json!({ "sourceServers": [1] })), "sourceServers[0]", "an object"),
        (with_drs(&json!({ "fault": {} })), "us-east-1.fault", "status and code"),
        (
            with_drs(&json!({ "fault": { "connection": "reset", "status": 500, "code": "X" } })),
            "us-east-1.fault",
            "not both",
        ),
        (
            with_drs(&json!({ "fault": { "status": 200, "code": "X" } })),
            "fault.status",
            "400 to 599",
        ),
        (with_drs(&json!({ "fault": { "connection": "slow" } })), "fault.connection", "hang"),
        (
            with_drs(&json!({ "fault": { "status": 400, "code": "a\nb", "message": "x" } })),
            "fault.code",
            "one word",
        ),
        (with_drs(&json!({ "jobs": ["x"] })), "us-east-1.jobs[0]", "an object"),
        (
            with_drs(&json!({ "recoveryInstances": [{}, null] })),
            "us-east-1.recoveryInstances[1]",
            "an object",
        ),
        (
            with_drs(&json!({ "fault": { "connection": "hang", "operation": "DescribeNothing" } })),
            "us-east-1.fault.operation",
            "DescribeJobs",
        ),
    ] {
        let text = error(&world);
        assert!(text.contains(path) && text.contains(expected), "{text}");
    }
    let role = json!({ "hubAccountId": "111111111111", "accounts": { "222222222222": { "roles": {
        "R": { "fault": { "connection": "hang", "afterPages": 1 } } } } } });
    assert!(error(&role).contains("roles.R.fault.afterPages"));
}

#[test]
fn the_two_open_places_take_anything() {
    let world = json!({ "hubAccountId": "111111111111",
        "targetAccounts": [{ "accountId": "222222222222", "stagingAccounts": null, "new": [1] }],
        "accounts": { "222222222222": { "drs": { "us-east-1": {
            "sourceServers": [{ "unheard": { "of": null } }] } } } } });
    assert!(World::from_json(&world.to_string()).is_ok());
}

#[test]
fn times_are_told_from_now() {
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let resolved = |time: &str| {
        let world = with_drs(&json!({ "sourceServers": [{ "at": ["x", time] }] }));
        let world = World::from_json_at(&world.to_string(), now);
        world.map(|it| {
            it.accounts["222222222222"].drs["us-east-1"].source_servers[0]["at"][1].clone()
        })
    };
    for (told, time) in [
        ("@-5m", "2026-11-20T11:55:00.000000+00:00"),
        ("@-31d", "2026-10-20T12:00:00.000000+00:00"),
        ("@-2h14m", "2026-11-20T09:46:00.000000+00:00"),
        ("@+1d2h3m4s", "2026-11-21T14:03:04.000000+00:00"),
        ("@home", "@home"),
        ("@", "@"),
        ("-5m", "-5m"),
    ] {
        assert_eq!(resolved(told).unwrap(), time, "{told}");
    }
    for wrong in ["@-", "@-5", "@-5x", "@-m", "@+1d 2h", "@-0m", "@-9999999999999d"] {
        let text = resolved(wrong).unwrap_err().to_string();
        assert!(text.contains("us-east-1.sourceServers[0].at[1]"), "{text}");
        assert!(text.contains(wrong) && text.contains("@-2h14m"), "{text}");
    }
    let world = with_drs(&json!({ "pagesize": "@-5m" })).to_string();
    let text = World::from_json(&world).unwrap_err().to_string();
    assert!(text.contains("accounts.222222222222.drs.us-east-1") && text.contains("pagesize"));
}

#[test]
fn a_file_that_is_not_there_or_no_json_is_named() {
    let text = World::from_file("/nowhere/world.json".as_ref()).unwrap_err().to_string();
    assert!(text.contains("/nowhere/world.json"), "{text}");
    assert!(World::from_json("{").is_err());
    assert!(World::from_json(r#"{"hubAccountId":"111111111111"} x"#).is_err());
}

#[test]
fn the_demo_world_is_valid() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../worlds/demo.json");
    assert!(World::from_file(file.as_ref()).is_ok());
}
