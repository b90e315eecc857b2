//! Rows are judged, what came of it is counted, and the history tells of it.

mod attributes;
mod counts;
mod generated;
mod launches;
mod policies;
mod regions;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use embedded::Fault;
use inventory::Outcome;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::tables::{ATTENTION_INDEX, Listing};
use sync::report::Report;
use sync::{SyncRequest, time::iso};

use testing::*;

const REGION: &str = "us-east-1";
const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// So many minutes before now, as DRS writes it.
fn minutes_ago(minutes: i64) -> String {
    iso(Timestamp::now() - SignedDuration::from_mins(minutes))
}

/// A server that is ready: in step, and seen just now.
fn ready(number: u32) -> Value {
    ready_in(MEMBER, REGION, number)
}

fn ready_in(account: &str, region: &str, number: u32) -> Value {
    let mut server = server(account, region, number);
    server["lifeCycle"]["lastSeenByServiceDateTime"] = json!(minutes_ago(0));
    server["replicationDirection"] = json!("FAILOVER");
    server
}

fn ready_servers(count: u32) -> Vec<Value> {
    (1..=count).map(ready).collect()
}

/// The server of this number in this state of replication.
fn in_state(number: u32, state: &str) -> Value {
    let mut server = ready(number);
    server["dataReplicationInfo"]["dataReplicationState"] = json!(state);
    server
}

/// An instance that runs.
fn running(number: u32) -> Value {
    let mut instance = instance(number);
    instance["State"] = json!({ "Name": "running" });
    instance
}

/// The member lists these servers, and the instances 1 to 60 run.
fn world(servers: &[Value]) -> Value {
    let instances: Vec<Value> = (1..=60).map(running).collect();
    world_of(
        json!({ REGION: { "sourceServers": servers } }),
        json!({ REGION: { "instances": instances } }),
    )
}

async fn synced(servers: &[Value]) -> Lab {
    synced_with(servers, &[]).await
}

async fn synced_with(servers: &[Value], variables: &[(&str, &str)]) -> Lab {
    let lab = Lab::with(world(servers), variables).await;
    lab.run().await;
    lab
}

/// Five minutes later DRS lists these servers, and a sync looks.
async fn next(lab: &Lab, servers: &[Value]) -> Box<Report> {
    advance(FIVE_MINUTES).await;
    lab.set_world(world(servers));
    report(lab).await
}

async fn report(lab: &Lab) -> Box<Report> {
    report_as_asked(lab, &SyncRequest::default()).await
}

async fn report_of(lab: &Lab, account: &str) -> Box<Report> {
    let accounts = vec![account.to_owned()];
    report_as_asked(lab, &SyncRequest { accounts, ..SyncRequest::default() }).await
}

async fn report_as_asked(lab: &Lab, request: &SyncRequest) -> Box<Report> {
    match lab.outcome(request).await.unwrap() {
        Outcome::Refactored(report) => report,
        Outcome::Legacy(totals) => unreachable!("{totals:?}"),
    }
}

async fn row(lab: &Lab, number: u32) -> Value {
    lab.servers().await.remove(&server_id(number)).unwrap_or_default()
}

fn place() -> String {
    format!("{MEMBER}/{REGION}")
}

async fn entry(lab: &Lab) -> Value {
    lab.places().await.remove(&place()).unwrap_or_default()
}

/// Entries of the history of this kind.
async fn told(lab: &Lab, kind: &str) -> Vec<Value> {
    let mut told = rows(scan(&lab.changes()).await);
    told.retain(|it| it["kind"] == kind);
    told.sort_by_key(|it| it["at"].as_str().unwrap().to_owned());
    told
}

/// Codes of a row's reasons, with their fields in brackets.
fn reasons(row: &Value) -> Vec<String> {
    let reasons = row["readinessReasons"].as_array().cloned().unwrap_or_default();
    let name = |reason: &Value| match (reason["code"].as_str().unwrap(), reason["field"].as_str()) {
        (code, None) => code.to_owned(),
        (code, Some(field)) => format!("{code}({field})"),
    };
    reasons.iter().map(name).collect()
}

/// Keys of the rows that `AttentionIndex` holds, with their verdicts.
async fn in_attention_index(lab: &Lab) -> BTreeMap<String, String> {
    let mut held = BTreeMap::new();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    for verdict in ["READY", "AT_RISK", "NOT_READY"] {
        for shard in 0..8 {
            let partition = format!("{verdict}#{shard}");
            let table = lab.inventory();
            let listing = Listing::of_index(&table, ATTENTION_INDEX, "attention", &partition);
            for row in rows(listing.every_item().await.unwrap()) {
                assert_eq!(row["readiness"], verdict, "{row}");
                held.insert(text(&row, "sourceServerArn"), text(&row, "readiness"));
            }
        }
    }
    held
}

/// A number by its path, 0 where it is absent.
fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

/// The sum of a map of numbers.
fn sum(counts: &Value) -> u64 {
    counts.as_object().into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum()
}

/// That an entry of the ledger says what it must whatever was seen: its verdicts, what it does not
/// hold and what could not be stored are all servers that DRS lists.
fn adds_up(entry: &Value) {
    let counts = &entry["counts"];
    let all = sum(&counts["verdicts"])
        + number(counts, "/notHeld")
        + number(entry, "/rowsNotStored/count");
    assert_eq!(all, number(entry, "/serverCount"), "{entry}");
    for classes in ["lag", "drills", "drillAges"] {
        assert_eq!(sum(&counts[classes]), sum(&counts["verdicts"]), "{classes} {entry}");
    }
}

/// That the rows of the table, and those in `AttentionIndex`, are what the ledger counts.
async fn ledger_agrees_with_rows(lab: &Lab) {
    let rows = rows(scan(&lab.inventory()).await);
    let mut troubled = BTreeSet::new();
    for (name, entry) in lab.places().await.iter().filter(|(name, _)| !name.contains('#')) {
        adds_up(entry);
        let mut verdicts: BTreeMap<&str, u64> = BTreeMap::new();
        let (mut codes, mut missing) = (BTreeMap::<String, u64>::new(), 0);
        for row in rows.iter().filter(|row| row["listedIn"] == json!(name)) {
            if row.get("missingSince").is_some() {
                assert_eq!(reasons(row), ["NO_LONGER_LISTED"], "{row}");
                missing += 1;
                continue;
            }
            *verdicts.entry(row["readiness"].as_str().unwrap()).or_default() += 1;
            let of_row: BTreeSet<String> = row["readinessReasons"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|reason| reason["code"].as_str().unwrap().to_owned())
                .collect();
            of_row.into_iter().for_each(|code| *codes.entry(code).or_default() += 1);
        }
        if missing > 0 {
            codes.insert("NO_LONGER_LISTED".to_owned(), missing);
        }
        assert_eq!(entry["counts"]["verdicts"], json!(verdicts), "{name} {entry}");
        assert_eq!(entry["counts"]["reasons"], json!(codes), "{name} {entry}");
    }
    for row in &rows {
        let is_ready = row["readiness"] == "READY";
        assert_eq!(row.get("attention").is_none(), is_ready, "{row}");
        if !is_ready {
            troubled.insert(row["sourceServerArn"].as_str().unwrap().to_owned());
        }
    }
    let held: BTreeSet<String> = in_attention_index(lab).await.into_keys().collect();
    assert_eq!(held, troubled);
}

/// The next `count` calls of this kind are denied.
fn deny(lab: &Lab, operation: &'static str, mark: &'static str, count: usize) {
    lab.store.inject(Fault::ErrorOn { operation, mark, count, code: "AccessDeniedException" });
}
