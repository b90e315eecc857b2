//! Removals that wait for an approval, and giving it; closed regions, and acknowledging them.

use askama::Template;
use axum::extract::State;
use inventory::picture::{HeldBecause, HeldRemoval};
use inventory::removals::list_removals;
use inventory::words::{ago, count, moment};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use store::tables::get_account_region_status_table;

use super::form::Sent;
use super::frame::{Frame, PageFailure, Section, Shown, Strip, go_to, show};
use super::link::Link;
use crate::failure::{ErrorCode, Failure};
use crate::parameters::{AcknowledgeRegion, ApproveRemoval, Parameters};
use crate::site::Site;

/// Something that waits.
struct Waiting {
    /// None where it is the whole installation.
    account_id: Option<String>,
    region: Option<String>,
    place: String,
    why: String,
    is_closed: bool,
    is_approved: bool,
    count: u64,
    servers: String,
    since: String,
    since_shown: String,
    list: Option<Link>,
}

#[derive(Template)]
#[template(path = "removals.html")]
struct Page {
    frame: Frame,
    strip: Strip,
    waiting: Vec<Waiting>,
}

/// `GET /pages/removals`
pub(super) async fn page(State(site): State<Site>) -> Shown {
    let queries = site.queries();
    let ledger = get_account_region_status_table(queries.store())?;
    let held = list_removals(&ledger).await?;
    let picture = queries.recent_picture().await?;
    let now = Timestamp::now();
    show(&Page {
        frame: Frame::of(&site, Section::Removals),
        strip: Strip::of(&picture, 0, now),
        waiting: held.into_iter().map(|held| waiting(held, now)).collect(),
    })
}

fn waiting(held: HeldRemoval, now: Timestamp) -> Waiting {
    let list = held.account_id.as_deref().map(|account| {
        Link::listed_in(account, held.region.as_deref()).with("reason", "NO_LONGER_LISTED")
    });
    let since = held.since.as_str();
    Waiting {
        place: held.place_in_words(),
        why: held.why_in_words(),
        is_closed: held.because == HeldBecause::Closed,
        is_approved: held.is_approved,
        servers: count(held.count, "server"),
        since_shown: format!("{} ({} ago)", moment(since), ago(Some(since), now)),
        list,
        count: held.count,
        since: held.since,
        account_id: held.account_id,
        region: held.region,
    }
}

/// What the form of an approval sends: what its sender saw.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Approval {
    account_id: Option<String>,
    region: Option<String>,
    count: String,
    since: String,
}

/// `POST /pages/removals/approve`
pub(super) async fn approve(State(site): State<Site>, Sent(sent): Sent<Approval>) -> Shown {
    let data = &site.changes()?.data;
    let place = sent.account_id.map(|id| ("accountId", id)).into_iter();
    let place = place.chain(sent.region.map(|region| ("region", region)));
    let mut parameters: Map<String, Value> =
        place.map(|(name, value)| (name.to_owned(), value.into())).collect();
    if parameters.is_empty() {
        parameters.insert("installation".to_owned(), true.into());
    }
    let count = sent.count.parse::<u64>().map_err(|_| {
        Failure::new(ErrorCode::InvalidParameter, "count: expected a number from 0")
    })?;
    parameters.insert("count".to_owned(), count.into());
    parameters.insert("since".to_owned(), sent.since.into());
    data.approve_removal(ApproveRemoval::read(parameters)?).await?;
    changed(&site)
}

/// What the form of a closed region sends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Closed {
    account_id: String,
    region: String,
    until: String,
    because: String,
}

/// `POST /pages/regions/acknowledge`
pub(super) async fn acknowledge(State(site): State<Site>, Sent(sent): Sent<Closed>) -> Shown {
    let data = &site.changes()?.data;
    let fields = [
        ("accountId", sent.account_id),
        ("region", sent.region),
        ("until", sent.until),
        ("because", sent.because),
    ];
    let parameters = fields.into_iter().map(|(name, value)| (name.to_owned(), value.into()));
    let asked = AcknowledgeRegion::read(parameters.collect())?;
    data.acknowledge_region(asked).await?;
    changed(&site)
}

fn changed(site: &Site) -> Result<axum::response::Response, PageFailure> {
    site.queries().forget_recent();
    go_to(&Link::to("/pages/removals"))
}
