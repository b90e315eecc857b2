//! Protection groups and recovery plans.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use inventory::protection_groups::get_protection_group;
use inventory::recovery_plans::list_recovery_plans;
use jiff::Timestamp;
use serde::Deserialize;
use store::rows::{ProtectionGroup, RecoveryPlan};
use store::tables::{get_protection_groups_table, get_recovery_plans_table};
use store::{Item, text};

use super::form::Asked;
use super::frame::{Frame, Section, Shown, Strip, show};
use super::link::Link;
use crate::site::Site;

/// A group in one line.
struct Line {
    name: String,
    group: Link,
    servers: Link,
    region: String,
    account: String,
    chosen_by: String,
}

/// A plan and its waves.
struct Plan {
    name: String,
    description: String,
    waves: Vec<Wave>,
}

/// Groups that are recovered at the same time.
struct Wave {
    number: usize,
    name: String,
    groups: Vec<(String, Link)>,
}

#[derive(Template)]
#[template(path = "groups.html")]
struct ListPage {
    frame: Frame,
    strip: Strip,
    groups: Vec<Line>,
    plans: Vec<Plan>,
    /// Rows that hold no group or plan.
    unreadable: usize,
}

/// `GET /pages/groups`
pub(super) async fn list(State(site): State<Site>) -> Shown {
    let queries = site.queries();
    let rows = queries.recent_groups().await?;
    let plans = list_recovery_plans(&get_recovery_plans_table(queries.store())?).await?;
    let picture = queries.recent_picture().await?;
    let names: BTreeMap<&str, &str> =
        rows.iter().map(|row| (text(row, "groupId"), text(row, "groupName"))).collect();
    let readable: Vec<ProtectionGroup> = rows.iter().filter_map(read).collect();
    let readable_plans: Vec<RecoveryPlan> = plans.iter().filter_map(read).collect();
    let unreadable = rows.len() + plans.len() - readable.len() - readable_plans.len();
    show(&ListPage {
        frame: Frame::of(&site, Section::Groups),
        strip: Strip::of(&picture, 0, Timestamp::now()),
        groups: readable.iter().map(line).collect(),
        plans: readable_plans.iter().map(|it| plan(it, &names)).collect(),
        unreadable,
    })
}

fn read<T: serde::de::DeserializeOwned>(row: &Item) -> Option<T> {
    serde_dynamo::from_item(row.clone()).ok()
}

fn line(group: &ProtectionGroup) -> Line {
    let ProtectionGroup { group_id, definition, .. } = group;
    Line {
        name: definition.group_name.clone(),
        group: Link::to("/pages/group").with("id", group_id),
        servers: Link::servers().with("group", group_id),
        region: definition.region.clone(),
        account: definition.account_id.clone().unwrap_or_else(|| "any".to_owned()),
        chosen_by: chosen_by(group),
    }
}

fn chosen_by(group: &ProtectionGroup) -> String {
    let definition = &group.definition;
    match (&definition.source_server_ids, &definition.server_selection_tags) {
        (Some(ids), _) => format!("{} named", ids.len()),
        (None, Some(tags)) => {
            let tags = tags.iter().map(|(key, value)| format!("{key}={value}"));
            tags.collect::<Vec<_>>().join(", ")
        }
        (None, None) => String::new(),
    }
}

fn plan(plan: &RecoveryPlan, names: &BTreeMap<&str, &str>) -> Plan {
    let group = |id: &String| {
        let name = names.get(id.as_str()).copied().unwrap_or(id);
        (name.to_owned(), Link::to("/pages/group").with("id", id))
    };
    let waves = plan.waves.iter().map(|wave| Wave {
        number: wave.wave_number,
        name: wave.wave_name.clone(),
        groups: wave.protection_group_ids.iter().map(group).collect(),
    });
    Plan {
        name: plan.plan_name.clone(),
        description: plan.description.clone().unwrap_or_default(),
        waves: waves.collect(),
    }
}

/// Which group.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    id: String,
}

#[derive(Template)]
#[template(path = "group.html")]
struct OnePage {
    frame: Frame,
    strip: Strip,
    group: ProtectionGroup,
    chosen_by: String,
    servers: Link,
    /// Servers that are named one by one.
    named: Vec<(String, Link)>,
}

/// `GET /pages/group?id=ID`
pub(super) async fn one(State(site): State<Site>, Asked(One { id }): Asked<One>) -> Shown {
    let queries = site.queries();
    let table = get_protection_groups_table(queries.store())?;
    let (group, _) = get_protection_group(&table, &id).await?;
    let picture = queries.recent_picture().await?;
    let named = group.definition.source_server_ids.clone().unwrap_or_default();
    show(&OnePage {
        frame: Frame::of(&site, Section::Groups),
        strip: Strip::of(&picture, 0, Timestamp::now()),
        chosen_by: chosen_by(&group),
        servers: Link::servers().with("group", &id),
        named: named.into_iter().map(|id| (id.clone(), Link::server(&id))).collect(),
        group,
    })
}
