//! What the installation amounts to, for paper, and how evidence of it is written.

use askama::Template;
use axum::extract::State;
use inventory::overview::RegionOverview;
use inventory::words::{count, grouped, moment};
use model::readiness::ReasonCode;
use sync::settings::policy;

use super::frame::{Frame, Section, Shown, Strip, show};
use super::link::Link;
use super::overview::{Figure, cards};
use crate::site::Site;

/// Things that are not known that are named.
const MOST_NOT_KNOWN: usize = 200;

/// Servers with a reason.
struct Reason {
    code: &'static str,
    means: &'static str,
    level: &'static str,
    servers: String,
    list: Link,
}

#[derive(Template)]
#[template(path = "report-page.html")]
struct Page {
    frame: Frame,
    strip: Strip,
    written: String,
    /// As in `12 servers`.
    servers: String,
    is_proven: bool,
    cards: Vec<Figure>,
    reasons: Vec<Reason>,
    regions: Vec<RegionOverview>,
    rpo_minutes: u64,
    agent_silent_minutes: u64,
    drill_age: String,
}

/// `GET /pages/report`
pub(super) async fn page(State(site): State<Site>) -> Shown {
    let recent = site.queries().recent_overview().await?;
    let (overview, freshness) = &*recent;
    let policy = policy(site.queries().environment())?;
    let reason = |code: &ReasonCode| {
        let servers = overview.counts.reasons.of(code.name());
        (servers > 0).then(|| Reason {
            code: code.name(),
            means: code.means(),
            level: code.level().name(),
            servers: grouped(servers),
            list: Link::servers().with("reason", code.name()),
        })
    };
    let age = policy.drill_max_age.map(|age| format!("{} days", age.as_hours() / 24));
    show(&Page {
        frame: Frame::of(&site, Section::Report),
        strip: Strip::of(&overview.picture, MOST_NOT_KNOWN, freshness.now),
        written: moment(&freshness.now.to_string()),
        servers: count(overview.verdicts.total(), "server"),
        is_proven: overview.is_proven(),
        cards: cards(overview),
        reasons: ReasonCode::ALL.iter().filter_map(reason).collect(),
        regions: overview.regions.clone(),
        rpo_minutes: policy.rpo.as_secs() / 60,
        agent_silent_minutes: policy.agent_silent.as_secs() / 60,
        drill_age: age.unwrap_or_else(|| "none".to_owned()),
    })
}
