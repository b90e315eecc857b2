//! The policy of the installation, and those of protection groups.

use super::*;

fn lagging(number: u32, lag: &str) -> Value {
    let mut server = ready(number);
    server["dataReplicationInfo"]["lagDuration"] = json!(lag);
    server
}

fn drilled(number: u32, days_ago: i64) -> Value {
    let mut server = ready(number);
    server["lastLaunchResult"] = json!("SUCCEEDED");
    server["lifeCycle"]["lastLaunch"] = json!({ "status": "LAUNCHED", "initiated": {
        "type": "DRILL", "jobID": "drsjob-1", "apiCallDateTime": minutes_ago(days_ago * 24 * 60) } });
    server
}

async fn group(lab: &Lab, id: &str, what: Value) {
    let mut row = json!({ "groupId": id, "groupName": id, "region": REGION, "version": 1 });
    row.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
    lab.put(&lab.groups(), &row).await;
}

/// Verdict and reasons of each server.
async fn judged(lab: &Lab, count: u32) -> Vec<(String, Vec<String>)> {
    let rows = lab.servers().await;
    let verdict = |row: &Value| row["readiness"].as_str().unwrap().to_owned();
    (1..=count).map(|n| &rows[&server_id(n)]).map(|row| (verdict(row), reasons(row))).collect()
}

fn is(verdict: &str, reasons: &[&str]) -> (String, Vec<String>) {
    (verdict.to_owned(), reasons.iter().map(|it| (*it).to_owned()).collect())
}

#[tokio::test]
async fn the_settings_are_the_policy_of_all() {
    let mut silent = ready(3);
    silent["lifeCycle"]["lastSeenByServiceDateTime"] = json!(minutes_ago(20));
    let servers = [lagging(1, "PT6M"), drilled(2, 40), silent];
    let variables =
        [("RPO_MINUTES", "5"), ("AGENT_SILENT_MINUTES", "10"), ("DRILL_MAX_AGE_DAYS", "30")];
    let lab = synced_with(&servers, &variables).await;
    let expected = [
        is("AT_RISK", &["LAG_ABOVE_RPO", "NEVER_DRILLED"]),
        is("AT_RISK", &["DRILL_TOO_OLD"]),
        is("AT_RISK", &["AGENT_NOT_SEEN", "NEVER_DRILLED"]),
    ];
    assert_eq!(judged(&lab, 3).await, expected);
    let counts = entry(&lab).await["counts"].clone();
    assert_eq!(counts["lag"], json!({ "WITHIN": 2, "TWICE": 1 }));
    assert_eq!(counts["drills"], json!({ "NEVER": 2, "OLD": 1 }));
    assert_eq!(counts["drillAges"], json!({ "NEVER": 2, "UNDER_90_DAYS": 1 }));
    ledger_agrees_with_rows(&lab).await;
    assert!(judged(&synced(&servers).await, 3).await.iter().all(|it| it.0 == "READY"));
}

#[tokio::test]
async fn a_group_that_names_servers_is_the_policy_of_these() {
    let servers = [lagging(1, "PT10M"), lagging(2, "PT10M"), drilled(3, 40), drilled(4, 40)];
    let lab = Lab::of(world(&servers)).await;
    group(&lab, "strict", json!({ "sourceServerIds": [server_id(1)], "rpoMinutes": 5 })).await;
    group(&lab, "drilled", json!({ "sourceServerIds": [server_id(3)], "drillMaxAgeDays": 30 }))
        .await;
    let elsewhere =
        json!({ "sourceServerIds": [server_id(2)], "rpoMinutes": 5, "region": "eu-west-1" });
    group(&lab, "elsewhere", elsewhere).await;
    let of_other =
        json!({ "sourceServerIds": [server_id(4)], "drillMaxAgeDays": 30, "accountId": OTHER });
    group(&lab, "of-other", of_other).await;
    lab.run().await;
    let expected = [
        is("AT_RISK", &["LAG_ABOVE_RPO"]),
        is("READY", &[]),
        is("AT_RISK", &["DRILL_TOO_OLD"]),
        is("READY", &[]),
    ];
    assert_eq!(judged(&lab, 4).await, expected);
    assert_eq!(entry(&lab).await["counts"]["lag"], json!({ "WITHIN": 3, "TWICE": 1 }));
    ledger_agrees_with_rows(&lab).await;
}

#[tokio::test]
async fn a_group_that_selects_by_tags_is_the_policy_of_those_that_have_them_all() {
    let mut world = world(&[lagging(1, "PT10M"), lagging(2, "PT10M"), lagging(3, "PT10M")]);
    let tags = |tags: &[(&str, &str)]| -> Value {
        tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
    };
    let instances = &mut world["accounts"][MEMBER]["ec2"][REGION]["instances"];
    instances[0]["Tags"] = tags(&[("tier", "1"), ("team", "payments"), ("Name", "a")]);
    instances[1]["Tags"] = tags(&[("tier", "1"), ("team", "claims")]);
    instances[2]["Tags"] = tags(&[("tier", "1")]);
    let lab = Lab::of(world).await;
    let wanted = json!({ "tier": "1", "team": "payments" });
    group(&lab, "tagged", json!({ "serverSelectionTags": wanted, "rpoMinutes": 5 })).await;
    lab.run().await;
    let expected = [is("AT_RISK", &["LAG_ABOVE_RPO"]), is("READY", &[]), is("READY", &[])];
    assert_eq!(judged(&lab, 3).await, expected);
}

#[tokio::test]
async fn a_group_may_be_less_strict_and_of_several_the_strictest_counts() {
    let lab =
        Lab::of(world(&[lagging(1, "PT40M"), lagging(2, "PT40M"), lagging(3, "PT40M")])).await;
    let both = json!([server_id(1), server_id(2)]);
    group(&lab, "slow", json!({ "sourceServerIds": both, "rpoMinutes": 60 })).await;
    group(&lab, "faster", json!({ "sourceServerIds": [server_id(2)], "rpoMinutes": 30 })).await;
    lab.run().await;
    let late = is("AT_RISK", &["LAG_ABOVE_RPO"]);
    assert_eq!(judged(&lab, 3).await, [is("READY", &[]), late.clone(), late]);
}

#[tokio::test]
async fn another_policy_is_another_verdict_at_the_next_sync() {
    let servers = [lagging(1, "PT10M"), ready(2)];
    let lab = synced(&servers).await;
    group(&lab, "strict", json!({ "sourceServerIds": [server_id(1)], "rpoMinutes": 5 })).await;
    let report = next(&lab, &servers).await;
    assert_eq!((report.servers_written, report.servers_unchanged), (1, 1));
    assert_eq!(judged(&lab, 2).await, [is("AT_RISK", &["LAG_ABOVE_RPO"]), is("READY", &[])]);
    assert_eq!(told(&lab, "readiness").await.len(), 1);
    assert!(told(&lab, "changed").await.is_empty(), "the lag is what it was");
}

#[tokio::test]
async fn where_groups_cannot_be_read_the_installation_s_policy_is_that_of_all() {
    let lab = Lab::of(world(&[lagging(1, "PT10M")])).await;
    group(&lab, "strict", json!({ "sourceServerIds": [server_id(1)], "rpoMinutes": 5 })).await;
    deny(&lab, "Scan", "protection-groups", 100);
    let report = report(&lab).await;
    assert_eq!((judged(&lab, 1).await, report.complete), (vec![is("READY", &[])], true));
}
