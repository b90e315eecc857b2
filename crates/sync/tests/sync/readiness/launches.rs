//! Drills and recoveries: the history keeps each, and a row what its machine was then.

use super::*;

/// The start of a day.
fn day(days_ago: i64) -> String {
    format!("{}T00:00:00Z", &minutes_ago(days_ago * 24 * 60)[..10])
}

/// The server with a launch of this job.
fn launched(number: u32, job: &str, days_ago: i64) -> Value {
    let mut server = ready(number);
    server["lastLaunchResult"] = json!("SUCCEEDED");
    server["lifeCycle"]["lastLaunch"] = json!({ "status": "LAUNCHED", "initiated": {
        "type": "DRILL", "jobID": job, "apiCallDateTime": day(days_ago) } });
    server["sourceProperties"]["ramBytes"] = json!(8_000);
    server["sourceProperties"]["disks"] = json!([{ "deviceName": "sda", "bytes": 100 }]);
    server
}

fn with_ram(mut server: Value, bytes: u64) -> Value {
    server["sourceProperties"]["ramBytes"] = json!(bytes);
    server
}

/// After a first look at a server that was never launched, a drill of today.
async fn drilled_today(variables: &[(&str, &str)]) -> Lab {
    let lab = synced_with(&[ready(1)], variables).await;
    next(&lab, &[launched(1, "drsjob-1", 0)]).await;
    lab
}

#[tokio::test]
async fn a_launch_is_one_entry_and_the_row_keeps_the_machine() {
    let lab = drilled_today(&[]).await;
    let told = told(&lab, "launch").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].get("before"), None);
    assert_eq!(told[0]["after"]["lastLaunch"]["jobId"], "drsjob-1");
    assert_eq!(told[0]["after"]["lastLaunch"]["type"], "DRILL");
    assert_eq!(told[0]["after"]["lastLaunchResult"], "SUCCEEDED");
    let row = row(&lab, 1).await;
    assert_eq!((&row["drill"], &row["readiness"]), (&json!("CURRENT"), &json!("READY")));
    let facts = json!({
        "jobId": "drsjob-1", "disks": [{ "deviceName": "sda", "bytes": 100 }], "osName": "",
        "cpuModel": "", "cpuCores": 0, "ramBytes": 8_000,
        "network": { "primaryIp": "", "macAddress": "" },
    });
    assert_eq!(row["factsAtLaunch"], facts);
    ledger_agrees_with_rows(&lab).await;
}

#[tokio::test]
async fn a_machine_that_changes_later_is_another_one_than_was_drilled() {
    for (drill_age, verdict, expected) in
        [("90", "AT_RISK", vec!["CHANGED_SINCE_DRILL(ramBytes)"]), ("", "READY", Vec::new())]
    {
        let variables = [("DRILL_MAX_AGE_DAYS", drill_age)];
        let lab = drilled_today(&variables[usize::from(drill_age.is_empty())..]).await;
        let larger = with_ram(launched(1, "drsjob-1", 0), 16_000);
        let report = next(&lab, std::slice::from_ref(&larger)).await;
        assert_eq!(report.servers_written, 1);
        let changed = row(&lab, 1).await;
        assert_eq!(
            (&changed["drill"], &changed["readiness"]),
            (&json!("CHANGED_SINCE"), &json!(verdict))
        );
        assert_eq!(reasons(&changed), expected);
        assert_eq!(changed["factsAtLaunch"]["ramBytes"], 8_000, "of the machine that was drilled");
        ledger_agrees_with_rows(&lab).await;

        // The same once more writes nothing, and is counted as what it is.
        let report = next(&lab, std::slice::from_ref(&larger)).await;
        assert_eq!((report.servers_written, report.servers_unchanged), (0, 1));
        assert_eq!(row(&lab, 1).await, changed);
        assert_eq!(entry(&lab).await["counts"]["drills"], json!({ "CHANGED_SINCE": 1 }));
        ledger_agrees_with_rows(&lab).await;

        // When all rows are written again, it stays what it is.
        advance(Duration::from_secs(3 * 3600)).await;
        let mut seen = larger;
        seen["lifeCycle"]["lastSeenByServiceDateTime"] = json!(minutes_ago(-200));
        lab.set_world(world(&[seen]));
        let report = super::report(&lab).await;
        assert_eq!(report.servers_written, 1);
        let again = row(&lab, 1).await;
        assert_eq!(
            (&again["drill"], again["factsAtLaunch"]["ramBytes"].as_u64()),
            (&json!("CHANGED_SINCE"), Some(8_000))
        );
        ledger_agrees_with_rows(&lab).await;
        assert_eq!(told(&lab, "launch").await.len(), 1);
    }
}

#[tokio::test]
async fn a_machine_that_is_as_it_was_is_proved_again() {
    let lab = drilled_today(&[("DRILL_MAX_AGE_DAYS", "90")]).await;
    next(&lab, &[with_ram(launched(1, "drsjob-1", 0), 16_000)]).await;
    next(&lab, &[launched(1, "drsjob-1", 0)]).await;
    let row = row(&lab, 1).await;
    assert_eq!((&row["drill"], &row["readiness"]), (&json!("CURRENT"), &json!("READY")));
    assert_eq!(in_attention_index(&lab).await.len(), 0);
    let verdicts: Vec<Value> =
        told(&lab, "readiness").await.iter().map(|it| it["after"]["readiness"].clone()).collect();
    // Never drilled, drilled, changed, and as it was.
    assert_eq!(verdicts, ["READY", "AT_RISK", "READY"]);
    ledger_agrees_with_rows(&lab).await;
}

#[tokio::test]
async fn another_drill_is_of_the_machine_as_it_is_then() {
    let lab = drilled_today(&[]).await;
    next(&lab, &[with_ram(launched(1, "drsjob-1", 0), 16_000)]).await;
    next(&lab, &[with_ram(launched(1, "drsjob-2", 0), 16_000)]).await;
    let row = row(&lab, 1).await;
    assert_eq!(row["drill"], "CURRENT");
    assert_eq!(row["factsAtLaunch"]["jobId"], "drsjob-2");
    assert_eq!(row["factsAtLaunch"]["ramBytes"], 16_000);
    assert_eq!(told(&lab, "launch").await.len(), 2);
}

#[tokio::test]
async fn a_launch_from_before_the_first_look_is_never_compared_with() {
    let lab = synced_with(&[launched(1, "drsjob-0", 10)], &[("DRILL_MAX_AGE_DAYS", "90")]).await;
    next(&lab, &[with_ram(launched(1, "drsjob-0", 10), 16_000)]).await;
    let row = row(&lab, 1).await;
    assert_eq!((&row["drill"], &row["readiness"]), (&json!("CURRENT"), &json!("READY")));
    assert_eq!(row.get("factsAtLaunch"), None);
    assert!(told(&lab, "launch").await.is_empty());
    assert_eq!(told(&lab, "changed").await.len(), 1);
}

#[tokio::test]
async fn a_launch_under_way_is_told_again_when_it_ends() {
    let lab = synced(&[ready(1)]).await;
    let mut under_way = launched(1, "drsjob-1", 0);
    under_way["lastLaunchResult"] = json!("PENDING");
    under_way["lifeCycle"]["lastLaunch"]["status"] = json!("IN_PROGRESS");
    next(&lab, &[under_way.clone()]).await;
    assert_eq!(row(&lab, 1).await.get("drill"), None);
    assert_eq!(entry(&lab).await["counts"]["drills"], json!({ "UNDER_WAY": 1 }));
    let mut failed = under_way;
    failed["lastLaunchResult"] = json!("FAILED");
    failed["lifeCycle"]["lastLaunch"]["status"] = json!("FAILED");
    next(&lab, &[failed]).await;
    let row = row(&lab, 1).await;
    assert_eq!((&row["drill"], &row["readiness"]), (&json!("FAILED"), &json!("NOT_READY")));
    assert_eq!(reasons(&row), ["LAST_LAUNCH_FAILED"]);
    let told = told(&lab, "launch").await;
    let results: Vec<&Value> = told.iter().map(|it| &it["after"]["lastLaunchResult"]).collect();
    assert_eq!(results, ["PENDING", "FAILED"]);
}
