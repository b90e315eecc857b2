//! What is written and told of a verdict, and what is not.

use super::*;

#[tokio::test]
async fn figures_that_move_within_their_class_write_nothing() {
    let of = |lag: &str, replicated: u64, backlog: u64| {
        let mut server = ready(1);
        server["dataReplicationInfo"] = json!({
            "dataReplicationState": "BACKLOG", "lagDuration": lag, "etaDateTime": minutes_ago(-5),
            "replicatedDisks": [{ "deviceName": "sda", "totalStorageBytes": 1000,
                "replicatedStorageBytes": replicated, "backloggedStorageBytes": backlog }],
        });
        server
    };
    let lab = synced(&[of("PT1M", 910, 10)]).await;
    let first = row(&lab, 1).await;
    let report = next(&lab, &[of("PT14M", 990, 90)]).await;
    assert_eq!((report.servers_written, report.servers_unchanged), (0, 1));
    assert_eq!(row(&lab, 1).await, first);
    assert_eq!(entry(&lab).await["counts"]["verdicts"], json!({ "READY": 1 }));

    let report = next(&lab, &[of("PT16M", 990, 90)]).await;
    assert_eq!(report.servers_written, 1);
    let kinds: Vec<String> = lab.history().await.iter().map(|it| kind_of(it)).collect();
    assert_eq!(kinds.iter().filter(|it| *it == "changed").count(), 1, "{kinds:?}");
    let verdict = &told(&lab, "readiness").await[0];
    assert_eq!(
        (&verdict["before"]["readiness"], &verdict["after"]["readiness"]),
        (&json!("READY"), &json!("AT_RISK"))
    );
    assert_eq!(reasons(&verdict["after"]), ["LAG_ABOVE_RPO"]);
    // Bytes alone are never told, even where a tenth more is there.
    next(&lab, &[of("PT16M", 1000, 0)]).await;
    assert_eq!(told(&lab, "changed").await.len(), 1);
    assert_eq!(row(&lab, 1).await["replicatedBytes"], 1000);
}

fn kind_of(line: &str) -> String {
    line.split(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_verdict_that_changes_by_time_alone_is_written_and_told() {
    let servers = [ready(1), ready(2)];
    let lab = synced(&servers).await;
    advance(Duration::from_secs(56 * 60)).await;
    let mut seen = ready(2);
    seen["lifeCycle"]["lastSeenByServiceDateTime"] = json!(minutes_ago(-56));
    let report = next(&lab, &[servers[0].clone(), seen]).await;
    assert_eq!((report.servers_written, report.servers_unchanged), (1, 1), "{report:?}");
    let silent = row(&lab, 1).await;
    assert_eq!(
        (&silent["readiness"], reasons(&silent)),
        (&json!("AT_RISK"), vec!["AGENT_NOT_SEEN".to_owned()])
    );
    let told_of = told(&lab, "readiness").await;
    assert_eq!(told_of.len(), 1);
    assert_eq!(told_of[0]["subject"], silent["sourceServerArn"]);
    assert!(told(&lab, "changed").await.is_empty());
    let change = &report.verdict_changes[0];
    assert_eq!((report.verdict_changes.len(), change.after.name()), (1, "AT_RISK"));
    assert_eq!(change.before.map(|it| it.name()), Some("READY"));
    assert_eq!(change.listed_in.to_string(), place());
    ledger_agrees_with_rows(&lab).await;
}

#[tokio::test]
async fn a_change_is_reported_only_where_its_row_was_stored() {
    let lab = synced(&ready_servers(2)).await;
    deny(&lab, "BatchWriteItem", "source-server-inventory", 100);
    let report = next(&lab, &[in_state(1, "STALLED"), ready(2)]).await;
    assert!(report.verdict_changes.is_empty(), "{report:?}");
    assert!(!report.complete);
    assert_eq!(row(&lab, 1).await["readiness"], "READY");
    adds_up(&entry(&lab).await);
    lab.store.clear_faults();
    let report = next(&lab, &[in_state(1, "STALLED"), ready(2)]).await;
    assert_eq!(report.verdict_changes.len(), 1);
    assert_eq!(row(&lab, 1).await["readiness"], "NOT_READY");
    ledger_agrees_with_rows(&lab).await;
}

#[tokio::test]
async fn a_row_that_is_flagged_is_not_ready_until_it_is_listed_again() {
    let lab = synced(&ready_servers(3)).await;
    let report = next(&lab, &ready_servers(2)).await;
    assert_eq!(report.readiness["NOT_READY"], 1);
    assert_eq!(report.verdict_changes.len(), 1);
    let flagged = row(&lab, 3).await;
    assert_eq!(
        (&flagged["readiness"], reasons(&flagged)),
        (&json!("NOT_READY"), vec!["NO_LONGER_LISTED".to_owned()])
    );
    let missing = &told(&lab, "missing").await[0];
    assert_eq!(
        (&missing["before"]["readiness"], &missing["after"]["readiness"]),
        (&json!("READY"), &json!("NOT_READY"))
    );
    assert!(told(&lab, "readiness").await.is_empty(), "one entry says both");
    ledger_agrees_with_rows(&lab).await;

    let report = next(&lab, &ready_servers(3)).await;
    assert_eq!(report.verdict_changes.len(), 1);
    assert_eq!(report.readiness, BTreeMap::from([("READY".to_owned(), 3)]));
    let found = &told(&lab, "found-again").await[0];
    assert_eq!(
        (&found["before"]["readiness"], &found["after"]["readiness"]),
        (&json!("NOT_READY"), &json!("READY"))
    );
    let row = row(&lab, 3).await;
    assert_eq!((&row["readiness"], row.get("missingSince")), (&json!("READY"), None));
    ledger_agrees_with_rows(&lab).await;
}

/// Takes away what an earlier version did not know.
async fn of_an_earlier_version(lab: &Lab) {
    for mut row in rows(scan(&lab.inventory()).await) {
        let map = row.as_object_mut().unwrap();
        for name in [
            "readiness",
            "readinessReasons",
            "drill",
            "attention",
            "tags",
            "lastLaunch",
            "lastLaunchResult",
            "replicationDirection",
            "stagingStatus",
            "contentHash",
        ] {
            map.remove(name);
        }
        lab.put(&lab.inventory(), &row).await;
    }
}

#[tokio::test]
async fn rows_of_an_earlier_version_are_judged_without_a_flood() {
    let mut servers = ready_servers(20);
    for server in &mut servers {
        server["tags"] = json!({ "team": "payments" });
        server["lastLaunchResult"] = json!("SUCCEEDED");
        server["lifeCycle"]["lastLaunch"] = json!({ "status": "LAUNCHED", "initiated": {
            "type": "DRILL", "jobID": "drsjob-1", "apiCallDateTime": minutes_ago(60) } });
    }
    let lab = synced(&servers).await;
    of_an_earlier_version(&lab).await;
    let before = lab.history().await;
    let report = next(&lab, &servers).await;
    assert_eq!(report.servers_written, 20);
    assert_eq!(lab.history().await, before, "nothing happened");
    assert!(report.verdict_changes.is_empty());
    let row = row(&lab, 7).await;
    assert_eq!((&row["readiness"], row.get("factsAtLaunch")), (&json!("READY"), None));
    ledger_agrees_with_rows(&lab).await;
}
