//! Removals that wait for an approval, and giving it; closed regions, and acknowledging them.

use askama::Template;
use axum::extract::State;
use inventory::picture::{HeldBecause, HeldRemoval};
use inventory::removals::list_removals;
use inventory::words::{ago, count, moment};
use jiff::Timestamp;
use serde::Deserialize;
use store::tables::get_account_region_status_table;

use super::form::Sent;
use super::frame::{Frame, PageFailure, Section, Shown, Strip, go_to, show};
use super::link::Link;
use crate::failure::{ErrorCode, Failure};
use crate::parameters::{AcknowledgeRegion, ApproveRemoval};
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
    let count = sent.count.parse().map_err(|_| {
        Failure::new(ErrorCode::InvalidParameter, "count: expected a number from 0")
    })?;
    let Approval { account_id, region, since, .. } = sent;
    let installation = account_id.is_none() && region.is_none();
    let asked = ApproveRemoval { account_id, region, installation, count, since };
    data.approve_removal(asked).await?;
    changed(&site).await
}

/// `POST /pages/regions/acknowledge`
pub(super) async fn acknowledge(
    State(site): State<Site>,
    Sent(asked): Sent<AcknowledgeRegion>,
) -> Shown {
    site.changes()?.data.acknowledge_region(asked).await?;
    changed(&site).await
}

async fn changed(site: &Site) -> Result<axum::response::Response, PageFailure> {
    site.queries().forget_recent().await;
    go_to(&Link::to("/pages/removals"))
}
