//! What each reason, and each thing that is not known, means, and what to do about it.

use askama::Template;
use axum::extract::State;
use inventory::picture::Why;
use model::RegionStatus;
use model::readiness::ReasonCode;

use super::frame::{Frame, Section, Shown, show};
use super::link::Link;
use crate::site::Site;

/// One of them.
struct Advice {
    code: &'static str,
    means: &'static str,
    what_to_do: &'static str,
    list: Option<Link>,
}

#[derive(Template)]
#[template(path = "what-to-do.html")]
struct Page {
    frame: Frame,
    reasons: Vec<Advice>,
    not_known: Vec<Advice>,
    statuses: Vec<Advice>,
}

/// `GET /pages/what-to-do`
pub(super) async fn page(State(site): State<Site>) -> Shown {
    let reason = |code: &ReasonCode| Advice {
        code: code.name(),
        means: code.means(),
        what_to_do: code.what_to_do(),
        list: Some(Link::servers().with("reason", code.name())),
    };
    let not_known = |why: &Why| Advice {
        code: why.name(),
        means: "",
        what_to_do: why.what_to_do(),
        list: None,
    };
    let status = |status: RegionStatus| Advice {
        code: status.name(),
        means: "",
        what_to_do: aws::advice(status, ""),
        list: None,
    };
    show(&Page {
        frame: Frame::of(&site, Section::Overview),
        reasons: ReasonCode::ALL.iter().map(reason).collect(),
        not_known: Why::ALL.iter().map(not_known).collect(),
        statuses: RegionStatus::ALL.into_iter().map(status).collect(),
    })
}
