//! The largest entry of the ledger. What `docs/scaling.md` calculates rests on it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use model::readiness::{Context, Policy, ReasonCode};
use model::{
    Disk, Ec2Instance, Ec2Knowledge, Failure, LastLaunch, Machine, NetworkConfig, Place,
    RegionStatus, ReplicatedBytes, Replication, SourceServer, Staging,
};
use store::rows::Counts;
use store::rows::ledger::{PlaceEntry, RemovalHeld};
use store::tables::{ATTENTION_INDEX, Projection, TableKind};
use sync::ledger::{Answer, entry_after};
use sync::listed_row::ListedRow;
use sync::time::iso;

/// A read of a row costs no more up to here.
const READ_UNIT: usize = 4096;
/// Attributes of an approval and an acknowledgement, with a reason of 200 bytes.
const OF_PEOPLE: usize = 400;

/// As DynamoDB counts it: names and texts, 1 byte per element, 3 per map or list, a number half its
/// digits and 2.
fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len() / 2 + 2,
        AttributeValue::Bool(_) => 1,
        AttributeValue::L(list) => 3 + list.iter().map(|it| 1 + size(it)).sum::<usize>(),
        AttributeValue::M(map) => 3 + map.len() + size_of_all(map),
        other => unreachable!("an entry has no {other:?}"),
    }
}

fn size_of_all(attributes: &HashMap<String, AttributeValue>) -> usize {
    attributes.iter().map(|(name, value)| name.len() + size(value)).sum()
}

fn size_of(entry: &PlaceEntry) -> usize {
    size_of_all(&serde_dynamo::to_item(entry).unwrap())
}

fn failure(status: RegionStatus, message: &str) -> Failure {
    Failure {
        status,
        code: "AnExceptionWithAVeryLongName".repeat(10),
        message: message.to_owned(),
        retryable: false,
        advice: String::new(),
    }
}

/// Every reason there is, and every class.
fn fullest_counts() -> Counts {
    let of = |names: &[&'static str]| names.iter().map(|name| ((*name).into(), 299)).collect();
    let codes: Vec<&str> = ReasonCode::ALL.iter().map(|code| code.name()).collect();
    Counts {
        verdicts: of(&["READY", "AT_RISK", "NOT_READY"]),
        reasons: of(&codes),
        lag: of(&["NONE", "WITHIN", "TWICE", "FOUR_TIMES", "MORE"]),
        drills: of(&["CURRENT", "OLD", "NEVER", "FAILED", "CHANGED_SINCE", "UNDER_WAY"]),
        drill_ages: of(&["UNDER_90_DAYS", "UNDER_180_DAYS", "OLDER", "NEVER"]),
        extended: 299,
        replicating: 299,
        not_held: 299,
    }
}

/// Some servers behind, some stalled, and drills of every age.
fn usual_counts() -> Counts {
    let of = |names: &[&'static str]| names.iter().map(|name| ((*name).into(), 29)).collect();
    Counts {
        verdicts: of(&["READY", "AT_RISK", "NOT_READY"]),
        reasons: of(&["STALLED", "LAG_ABOVE_RPO", "AGENT_NOT_SEEN"]),
        lag: of(&["WITHIN", "TWICE"]),
        drills: of(&["CURRENT", "NEVER"]),
        drill_ages: of(&["UNDER_90_DAYS", "UNDER_180_DAYS", "OLDER", "NEVER"]),
        replicating: 299,
        ..Counts::default()
    }
}

/// The place that has everything at once: rows that the table refuses, removals at every sync of a
/// day, removals that wait, and since then an error with a long text.
fn fullest(message: &str) -> PlaceEntry {
    let place = Place::new("222222222222", "ap-southeast-7");
    let arn = "arn:aws-us-gov:drs:us-gov-east-1:222222222222:source-server/s-0123456789abcdef0";
    let start: Timestamp = "2026-11-24T00:00:30Z".parse().unwrap();
    let mut entry = PlaceEntry::default();
    for minute in 0..2000 {
        let asked_at = iso(start + SignedDuration::from_mins(minute));
        let answer = Answer {
            servers: 300,
            counts: fullest_counts(),
            not_stored: vec![arn.repeat(2); 299],
            refreshed: true,
            removal_held: Some(RemovalHeld { count: 299, since: asked_at.clone() }),
            removed: 1,
            ..Answer::default()
        };
        entry = entry_after(Some(&entry), &place, &asked_at, Ok(&answer));
    }
    let asked_at = iso(start + SignedDuration::from_mins(2000));
    let failure = failure(RegionStatus::IamPermissionDenied, message);
    entry_after(Some(&entry), &place, &asked_at, Err(&failure))
}

#[test]
fn the_largest_entry_is_read_in_one_unit() {
    for message in ["m".repeat(10_000), "\u{1f600}".repeat(10_000)] {
        let entry = fullest(&message);
        assert_eq!(entry.rows_not_stored.as_ref().unwrap().arns.len(), 20);
        assert!(entry.error_message.as_ref().unwrap().len() > 490);
        let largest = size_of(&entry) + OF_PEOPLE;
        assert!(largest < READ_UNIT, "{largest} bytes: {entry:#?}");
    }
}

#[test]
fn removals_of_a_day_are_all_counted_in_a_few_entries() {
    let removals = fullest("denied").removals;
    assert!(removals.len() <= 5, "{removals:?}");
    let counted: u64 = removals.iter().map(|it| it.count).sum();
    assert!((1440..=1440 + 360).contains(&counted), "{counted}");
}

/// `docs/scaling.py` says `PLACE_BYTES` and `SHARE_BYTES`: of a place that answers, which is what syncs
/// write and roll up.
#[test]
fn an_entry_of_a_place_that_answers_is_written_in_one_unit() {
    let place = Place::new("222222222222", "ap-southeast-7");
    let asked_at = iso("2026-11-24T00:00:30Z".parse().unwrap());
    let answer =
        Answer { servers: 300, counts: usual_counts(), refreshed: true, ..Answer::default() };
    let entry = entry_after(None, &place, &asked_at, Ok(&answer));
    assert_eq!(size_of(&entry), 465);
    let shared = ["accountId", "region", "status", "serverCount", "counts"];
    let mut share: HashMap<String, AttributeValue> = serde_dynamo::to_item(&entry).unwrap();
    share.retain(|name, _| shared.contains(&name.as_str()));
    assert_eq!(size_of_all(&share), 336);
}

/// A server as DRS and EC2 usually describe one: four tags, two disks, a drill, and a lag.
fn usual_server() -> SourceServer {
    let text = |text: &str| text.to_owned();
    let tags = [
        ("Name", "db-07.payments"),
        ("CostCenter", "cc-1234"),
        ("Team", "payments"),
        ("Tier", "1"),
    ];
    let tags: BTreeMap<String, String> = tags.map(|(key, value)| (text(key), text(value))).into();
    let disk = |name: &str| Disk { device_name: text(name), bytes: 107_374_182_400 };
    SourceServer {
        account_id: text("222222222222"),
        region: text("ap-southeast-1"),
        arn: text("arn:aws:drs:ap-southeast-1:222222222222:source-server/s-0123456789abcdef0"),
        source_server_id: text("s-0123456789abcdef0"),
        agent_version: text("4.2.1"),
        replication_state: text("CONTINUOUS"),
        lag_duration: text("PT20M"),
        last_seen: text("2026-11-28T10:00:00.000000+00:00"),
        replication: Replication {
            bytes: Some(ReplicatedBytes {
                total: 214_748_364_800,
                replicated: 214_748_364_800,
                backlog: 1_073_741_824,
            }),
            ..Replication::default()
        },
        replication_direction: text("FAILOVER"),
        last_launch: Some(LastLaunch {
            kind: text("DRILL"),
            at: text("2026-09-01T06:00:03.140022+00:00"),
            job_id: text("drsjob-3d1f6a2b9c8e7d605"),
            status: text("LAUNCHED"),
        }),
        last_launch_result: text("SUCCEEDED"),
        staging: Staging { status: text("NOT_EXTENDED"), ..Staging::default() },
        source_availability_zone: text("ap-southeast-1a"),
        added_at: text("2026-03-02T08:10:57.002114+00:00"),
        first_byte_at: text("2026-03-02T08:22:40.771930+00:00"),
        tags: tags.clone(),
        machine: Machine {
            hostname: text("db-07"),
            fqdn: text("db-07.corp.example.com"),
            instance_id: text("i-0123456789abcdef0"),
            os_name: text("Red Hat Enterprise Linux 9.4 (Plow)"),
            architecture: text("x86_64"),
            recommended_instance_type: text("m6i.xlarge"),
            cpu_model: text("Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz"),
            cpu_cores: 8,
            ram_bytes: 34_359_738_368,
            disks: vec![disk("/dev/sda1"), disk("/dev/sdb")],
            primary_ip: text("10.20.30.40"),
            mac_address: text("0a:12:34:56:78:9a"),
        },
        ec2: Ec2Knowledge::Current(Ec2Instance {
            network: NetworkConfig {
                vpc_id: text("vpc-0123456789abcdef0"),
                subnet_id: text("subnet-0123456789abcdef0"),
                private_ip: text("10.20.30.40"),
                security_groups: vec![text("sg-0123456789abcdef0"); 2],
                instance_profile: text("arn:aws:iam::222222222222:instance-profile/payments"),
            },
            tags,
            state: text("running"),
        }),
        ..SourceServer::default()
    }
}

/// `docs/scaling.py` says `ROW_BYTES` and `ATTENTION_BYTES`.
#[test]
fn a_row_is_written_in_two_units_and_in_one_where_trouble_is_listed() {
    let policy = Policy::default();
    let now = "2026-11-28T10:01:00Z".parse().unwrap();
    let context = Context { policy: &policy, now, replicating: 10 };
    let row = ListedRow::new(usual_server(), &iso(now), &context).row;
    let mut item = row.to_item().unwrap();
    assert_eq!(size_of_all(&item), 1734);
    let Projection::Include(held) = TableKind::SourceServerInventory
        .schema()
        .indexes
        .iter()
        .find(|index| index.name == ATTENTION_INDEX)
        .unwrap()
        .projection
    else {
        unreachable!("it holds a part of a row");
    };
    let keys = ["sourceServerArn", "stagingAccountId", "attention"];
    item.retain(|name, _| held.contains(&name.as_str()) || keys.contains(&name.as_str()));
    assert_eq!(size_of_all(&item), 612);
}
