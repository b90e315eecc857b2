//! One server: its verdict and why, every fact with its source and time, and what happened to it.

use askama::Template;
use axum::extract::State;
use inventory::changes::{ChangeFilter, query_changes};
use inventory::picture::{Picture, add_as_of};
use inventory::readiness::{Explained, console_word, explained, in_words, last_drill, verdict};
use inventory::servers::one::{Reach, find_server};
use inventory::words::{ago, cell, moment};
use jiff::Timestamp;
use serde::Deserialize;
use store::tables::get_inventory_changes_table;
use store::{Item, text};

use super::badge::Badge;
use super::changes::Happened;
use super::form::Asked;
use super::frame::{Frame, Section, Shown, Strip, show};
use super::link::Link;
use super::servers::policy_and_now;
use crate::site::Site;

/// Entries of the history on the page.
const MOST_ENTRIES: usize = 50;
/// Characters of a fact; the JSON has all.
const LONGEST_FACT: usize = 2_000;
/// What only the sync needs, and what the page says elsewhere.
const LEFT_OUT: [&str; 8] = [
    "contentHash",
    "attention",
    "readinessReasons",
    "readiness",
    "lastReadiness",
    "known",
    "asOf",
    "TTL",
];
/// What EC2 tells, or what follows from it.
const OF_EC2: [&str; 12] = [
    "ec2State",
    "ec2Status",
    "sourceTags",
    "networkConfig",
    "instanceType",
    "subnetId",
    "vpcId",
    "securityGroups",
    "iamInstanceProfile",
    "imageId",
    "nameTag",
    "availabilityZone",
];
/// What this program makes of both.
const OF_THE_INVENTORY: [&str; 9] = [
    "listedIn",
    "lastUpdated",
    "ec2AsOf",
    "missingSince",
    "missingBecause",
    "drill",
    "factsAtLaunch",
    "stagingAccountId",
    "replicationRegion",
];

/// Which server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    id: String,
}

/// A reason in words.
struct Why {
    reason: Explained,
    what_to_do: Link,
}

/// Facts of one source.
struct Source {
    name: &'static str,
    /// None where it never told of the server.
    as_of: Option<String>,
    facts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "server.html")]
struct Page {
    frame: Frame,
    strip: Strip,
    hostname: String,
    id: String,
    arn: String,
    badge: Badge,
    last_verdict: Option<&'static str>,
    state: &'static str,
    last_drill: String,
    as_of: String,
    account: Link,
    account_id: String,
    region: String,
    reasons: Vec<Why>,
    sources: Vec<Source>,
    history: Vec<Happened>,
    more: Option<Link>,
}

/// `GET /pages/server?id=ARN`
pub(super) async fn page(State(site): State<Site>, Asked(One { id }): Asked<One>) -> Shown {
    let queries = site.queries();
    let (tables, freshness) = queries.picture()?;
    let mut rows = [find_server(&queries.server_tables()?, &id, Reach::Known).await?];
    let not_known = add_as_of(&tables.ledger, &mut rows, &freshness).await?;
    let [row] = rows;
    let arn = text(&row, "sourceServerArn").to_owned();
    let history = get_inventory_changes_table(queries.store())?;
    let filter = ChangeFilter::of(&arn);
    let changes = query_changes(&history, &filter, (MOST_ENTRIES, None), freshness.now).await?;
    let (policy, now) = policy_and_now(&site)?;
    let why = |reason: Explained| Why { what_to_do: Link::what_to_do(reason.code), reason };
    let account_id = text(&row, "sourceAccountId").to_owned();
    let as_of = Some(text(&row, "asOf").to_owned()).filter(|time| !time.is_empty());
    let picture = Picture { as_of: as_of.clone(), not_known, ..Picture::default() };
    let hostname = text(&row, "hostname").to_owned();
    let id = text(&row, "sourceServerID").to_owned();
    show(&Page {
        frame: Frame::of(&site, Section::Servers),
        strip: Strip::of(&picture, 1, now),
        hostname: if hostname.is_empty() { id.clone() } else { hostname },
        id,
        badge: Badge::of(verdict(&row)),
        last_verdict: row.get("lastReadiness").map(|_| in_words(text(&row, "lastReadiness"))),
        state: console_word(&row),
        last_drill: last_drill(&row, now),
        as_of: said(text(&row, "asOf"), now).unwrap_or_else(|| "never".to_owned()),
        account: Link::account(&account_id),
        account_id,
        region: text(&row, "replicationRegion").to_owned(),
        reasons: explained(&row, &policy, now).into_iter().map(why).collect(),
        sources: sources(&row, now),
        history: changes.entries.iter().map(Happened::of).collect(),
        more: changes.next.map(|_| Link::to("/pages/changes").with("server", &arn)),
        arn,
    })
}

/// As in `2026-11-28 02:09 UTC (3 m ago)`.
fn said(time: &str, now: Timestamp) -> Option<String> {
    (!time.is_empty()).then(|| format!("{} ({} ago)", moment(time), ago(Some(time), now)))
}

fn sources(row: &Item, now: Timestamp) -> Vec<Source> {
    let mut names: Vec<&str> = row.keys().map(String::as_str).collect();
    names.sort_unstable();
    names.retain(|name| !LEFT_OUT.contains(name));
    let facts = |of: &dyn Fn(&str) -> bool| {
        let names = names.iter().filter(|name| of(name));
        let facts = names.map(|name| ((*name).to_owned(), shortened(cell(row, name))));
        facts.filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>()
    };
    let is_of_ec2 = |name: &str| OF_EC2.contains(&name);
    let is_own = |name: &str| OF_THE_INVENTORY.contains(&name);
    let time = |name: &str| said(text(row, name), now);
    let sources = [
        Source {
            name: "AWS Elastic Disaster Recovery",
            as_of: time("asOf"),
            facts: facts(&|name| !is_of_ec2(name) && !is_own(name)),
        },
        Source { name: "Amazon EC2", as_of: time("ec2AsOf"), facts: facts(&is_of_ec2) },
        Source { name: "This inventory", as_of: time("lastUpdated"), facts: facts(&is_own) },
    ];
    sources.into_iter().filter(|source| !source.facts.is_empty()).collect()
}

fn shortened(value: String) -> String {
    match value.char_indices().nth(LONGEST_FACT) {
        Some((end, _)) => format!("{}… (cut)", &value[..end]),
        None => value,
    }
}
