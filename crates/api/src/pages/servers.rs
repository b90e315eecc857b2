//! The list of servers with its filters, as a page and as a table for spreadsheets.
//!
//! - `filters`: what can be asked for. `choices`: the form of it.
//! - `lines`: a server in one line.
//! - `table`: the same as CSV.

mod choices;
mod filters;
mod lines;
mod table;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use inventory::picture::Picture;
use inventory::servers::{ServerFilter, Terms, worst_first};
use store::Item;

use super::form::Asked;
use super::frame::{Frame, PageFailure, Section, Shown, Strip, show};
use super::link::Link;
use crate::failure::Failure;
use crate::site::Site;

use filters::Filters;

pub(super) use choices::{ListForm, form};
pub(super) use lines::{Line, policy_and_now};

/// Servers on a page.
const PAGE: usize = 50;
/// Things that are not known that are named.
const MOST_NOT_KNOWN: usize = 8;

/// Some servers that fit, the worst of them first.
struct Part {
    rows: Vec<Item>,
    next: Option<String>,
    /// As in `40,000`: servers that were looked at when the time was up.
    stopped_after: Option<String>,
    picture: Picture,
}

#[derive(Template)]
#[template(path = "servers.html")]
struct Page {
    frame: Frame,
    strip: Strip,
    form: ListForm,
    lines: Vec<Line>,
    stopped_after: Option<String>,
    is_first: bool,
    next: Option<Link>,
    first: Link,
    csv: Link,
}

/// `GET /pages/servers`
pub(super) async fn page(State(site): State<Site>, Asked(asked): Asked<Filters>) -> Shown {
    let filter = asked.filter(&site).await?;
    let part = read(&site, &filter, PAGE, asked.next.as_deref()).await?;
    let (policy, now) = policy_and_now(&site)?;
    show(&Page {
        frame: Frame::of(&site, Section::Servers),
        strip: Strip::of(&part.picture, MOST_NOT_KNOWN, now),
        form: form(&site, &asked).await?,
        lines: part.rows.iter().map(|row| Line::of(row, &policy, now)).collect(),
        stopped_after: part.stopped_after,
        is_first: asked.next.is_none(),
        next: part.next.map(|next| asked.link("/pages/servers").with("next", &next)),
        first: asked.link("/pages/servers"),
        csv: asked.link("/pages/servers.csv"),
    })
}

/// `GET /pages/servers.csv`
pub(super) async fn csv(
    State(site): State<Site>,
    Asked(asked): Asked<Filters>,
) -> Result<Response, PageFailure> {
    let filter = asked.filter(&site).await?;
    Ok(table::respond(&site, &filter, asked.next).await?)
}

/// The first servers that are not ready, or at risk.
pub(super) async fn worst(site: &Site, most: usize) -> Result<Vec<Line>, Failure> {
    let (policy, now) = policy_and_now(site)?;
    let mut rows = Vec::new();
    for verdict in ["NOT_READY", "AT_RISK"] {
        let filter = ServerFilter { verdict: Terms::only(verdict), ..ServerFilter::default() };
        if rows.len() < most {
            rows.extend(read(site, &filter, most - rows.len(), None).await?.rows);
        }
    }
    Ok(rows.iter().map(|row| Line::of(row, &policy, now)).collect())
}

async fn read(
    site: &Site,
    filter: &ServerFilter,
    limit: usize,
    token: Option<&str>,
) -> Result<Part, Failure> {
    let queries = site.queries();
    let listed = queries.list_servers(filter, limit, token).await?;
    let mut rows = listed.rows;
    worst_first(&mut rows);
    let stopped_after = listed.stopped_after.map(inventory::words::grouped);
    Ok(Part { rows, next: listed.next, stopped_after, picture: listed.picture })
}
