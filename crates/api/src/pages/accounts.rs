//! The accounts: how each can be read, and what it got in each region.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use inventory::overview::{AccountOverview, Verdicts};
use inventory::picture::{NotKnown, Picture, account_status};
use inventory::words::{ago, cell, grouped};
use jiff::Timestamp;
use serde::Deserialize;
use store::{Item, text};

use super::badge::Badge;
use super::form::Asked;
use super::frame::{Frame, Section, Shown, Strip, show};
use super::link::Link;
use super::places::Pages;
use crate::failure::{ErrorCode, Failure};
use crate::site::Site;

/// Accounts on a page.
const PAGE: usize = 100;
/// Things that are not known that the page of one account names.
const MOST_NOT_KNOWN: usize = 50;

/// An account of the table.
struct Line {
    id: String,
    name: String,
    account: Link,
    role: String,
    has_external_id: bool,
    stagings: String,
    /// Why nothing, or not all, is known of it; empty where all is.
    trouble: String,
    servers: String,
    worst: Badge,
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct ListPage {
    frame: Frame,
    strip: Strip,
    accounts: usize,
    lines: Vec<Line>,
    earlier: Option<Link>,
    later: Option<Link>,
}

/// `GET /pages/accounts`
pub(super) async fn list(State(site): State<Site>, Asked(asked): Asked<Pages>) -> Shown {
    let recent = site.queries().recent_overview().await?;
    let (overview, freshness) = &*recent;
    let rows = site.queries().recent_accounts().await?;
    let (page, last) = asked.page_of(rows.len(), PAGE);
    let of_servers: BTreeMap<&str, &AccountOverview> =
        overview.accounts.iter().map(|it| (it.account_id.as_str(), it)).collect();
    let shown = rows.iter().skip((page - 1) * PAGE).take(PAGE);
    let line = |row: &Item| {
        let servers = of_servers.get(text(row, "accountId")).map(|it| it.verdicts);
        line(row, servers.unwrap_or_default(), &overview.picture)
    };
    let (earlier, later) = Pages::around("/pages/accounts", page, last);
    show(&ListPage {
        frame: Frame::of(&site, Section::Accounts),
        strip: Strip::of(&overview.picture, 0, freshness.now),
        accounts: rows.len(),
        lines: shown.map(line).collect(),
        earlier,
        later,
    })
}

fn line(row: &Item, verdicts: Verdicts, picture: &Picture) -> Line {
    let id = text(row, "accountId");
    let of_account = |it: &&NotKnown| it.account_id.as_deref() == Some(id);
    let not_known: Vec<&NotKnown> = picture.not_known.iter().filter(of_account).collect();
    let trouble = match not_known.as_slice() {
        [] => String::new(),
        [one] if one.region.is_none() => one.why_in_words(),
        [one] => one.in_words(),
        [one, others @ ..] => format!("{}, and {} more", one.in_words(), others.len()),
    };
    Line {
        account: Link::account(id),
        id: id.to_owned(),
        name: text(row, "accountName").to_owned(),
        role: text(row, "roleArn").to_owned(),
        has_external_id: row.get("hasExternalId").and_then(|it| it.as_bool().ok()) == Some(&true),
        stagings: stagings(row),
        servers: grouped(verdicts.total()),
        worst: worst(verdicts, !trouble.is_empty()),
        trouble,
    }
}

fn stagings(row: &Item) -> String {
    let members = row.get("stagingAccounts").and_then(|it| it.as_l().ok());
    let members = members.into_iter().flatten().filter_map(|member| member.as_m().ok());
    members.map(|account| text(account, "accountId")).collect::<Vec<_>>().join(", ")
}

fn worst(verdicts: Verdicts, in_trouble: bool) -> Badge {
    let Verdicts { ready, at_risk, not_ready, unknown } = verdicts;
    Badge::of(match (not_ready, unknown, at_risk, ready) {
        (1.., ..) => "NOT_READY",
        (0, 1.., ..) => "UNKNOWN",
        _ if in_trouble => "UNKNOWN",
        (0, 0, 1.., _) => "AT_RISK",
        (0, 0, 0, 1..) => "READY",
        (0, 0, 0, 0) => "UNKNOWN",
    })
}

/// Which account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    id: String,
}

/// What an account got in a region.
struct Place {
    region: String,
    status: String,
    is_known: bool,
    servers: String,
    list: Link,
    last_success: String,
    error: String,
    acknowledged_until: String,
    what_to_do: Link,
}

#[derive(Template)]
#[template(path = "account.html")]
struct OnePage {
    frame: Frame,
    strip: Strip,
    id: String,
    name: String,
    is_listed: bool,
    role: String,
    entered: String,
    places: Vec<Place>,
    changes: Link,
    list: Link,
}

/// `GET /pages/account?id=ID`
pub(super) async fn one(State(site): State<Site>, Asked(One { id }): Asked<One>) -> Shown {
    let queries = site.queries();
    let (tables, freshness) = queries.picture()?;
    let status = account_status(&tables, &id, &freshness).await?.ok_or_else(|| {
        let id: String = id.chars().take(100).collect();
        let message = format!("neither the accounts table nor the ledger has the account {id:?}");
        Failure::new(ErrorCode::NotFound, message)
    })?;
    let rows = queries.recent_accounts().await?;
    let row = rows.iter().find(|row| text(row, "accountId") == id);
    let now = freshness.now;
    let entered = status.entry.as_ref().map(|entry| text(entry, "lastSuccess").to_owned());
    let as_of = entered.filter(|time| !time.is_empty());
    let picture =
        Picture { as_of: as_of.clone(), not_known: status.not_known, ..Picture::default() };
    let field = |name| row.map(|row| text(row, name).to_owned()).unwrap_or_default();
    show(&OnePage {
        frame: Frame::of(&site, Section::Accounts),
        strip: Strip::of(&picture, MOST_NOT_KNOWN, now),
        name: field("accountName"),
        is_listed: status.is_listed,
        role: field("roleArn"),
        entered: ago(as_of.as_deref(), now),
        places: status.places.iter().map(|entry| place(entry, now)).collect(),
        changes: Link::to("/pages/changes").with("account", &id),
        list: Link::servers().with("account", &id),
        id,
    })
}

fn place(entry: &Item, now: Timestamp) -> Place {
    let (region, status) = (text(entry, "region"), text(entry, "status"));
    let known = entry.get("known").and_then(|it| it.as_bool().ok()) == Some(&true);
    let account = text(entry, "accountId");
    Place {
        list: Link::listed_in(account, Some(region)),
        region: region.to_owned(),
        is_known: known,
        servers: cell(entry, "serverCount"),
        last_success: ago(Some(text(entry, "lastSuccess")), now),
        error: text(entry, "errorMessage").to_owned(),
        acknowledged_until: text(entry, "acknowledgedUntil").to_owned(),
        what_to_do: Link::what_to_do(status),
        status: status.to_owned(),
    }
}
