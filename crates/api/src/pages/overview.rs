//! The first page: can we recover, what do we not know, what to do next.

use askama::Template;
use axum::extract::State;
use inventory::overview::{NextStep, Overview, RunningDrills};
use inventory::words::{ago, count, grouped, percent};
use jiff::Timestamp;
use model::lag::LagClass;
use model::readiness::drill::DrillAge;

use super::frame::{Frame, Section, Shown, Strip, show};
use super::link::Link;
use super::places::{Grid, grid};
use super::servers::{Line, ListForm, form, worst};
use crate::site::Site;

/// Things that are not known that are named here; the rest is in the list of accounts and regions.
const MOST_NOT_KNOWN: usize = 8;
/// Accounts and servers that are shown here.
const MOST_LINES: usize = 10;

/// A figure, and the list behind it.
pub(super) struct Figure {
    /// The class of the style sheet.
    pub(super) class: &'static str,
    /// Told apart without colours.
    pub(super) shape: &'static str,
    pub(super) name: &'static str,
    /// As programs read it from the page.
    pub(super) value: u64,
    pub(super) shown: String,
    pub(super) list: Link,
}

/// Something to do.
struct Step {
    level: &'static str,
    servers: String,
    code: &'static str,
    place: String,
    what: &'static str,
    list: Link,
    what_to_do: Link,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    frame: Frame,
    strip: Strip,
    is_proven: bool,
    servers: u64,
    /// As in `90,000`.
    servers_shown: String,
    known: String,
    form: ListForm,
    cards: Vec<Figure>,
    unprotected: Option<Figure>,
    lag: Vec<Figure>,
    drills: Vec<Figure>,
    running: Option<String>,
    steps: Vec<Step>,
    removals: String,
    has_removals: bool,
    leaving: Option<Figure>,
    grid: Grid,
    accounts: usize,
    lines: Vec<Line>,
}

/// `GET /`
pub(super) async fn page(State(site): State<Site>) -> Shown {
    let recent = site.queries().recent_overview().await?;
    let (overview, freshness) = &*recent;
    let now = freshness.now;
    let names = site.queries().recent_accounts().await?;
    let shown = overview.accounts.iter().take(MOST_LINES);
    let held = overview.picture.removals_held.len() as u64;
    show(&Page {
        frame: Frame::of(&site, Section::Overview),
        strip: Strip::of(&overview.picture, MOST_NOT_KNOWN, now),
        is_proven: overview.is_proven(),
        servers: overview.verdicts.total(),
        servers_shown: grouped(overview.verdicts.total()),
        known: known(overview),
        form: form(&site, &Default::default()).await?,
        cards: cards(overview),
        unprotected: unprotected(overview),
        lag: lag(overview),
        drills: drills(overview),
        running: running(overview, now),
        steps: overview.next.iter().map(step).collect(),
        removals: count(held, "removal"),
        has_removals: held > 0,
        leaving: leaving(overview),
        grid: grid(shown, &overview.regions, &names),
        accounts: overview.accounts.len(),
        lines: worst(&site, MOST_LINES).await?,
    })
}

fn known(overview: &Overview) -> String {
    let Overview { places, places_known, .. } = overview;
    format!(
        "{} ({} of {} accounts and regions)",
        percent(*places_known, *places),
        grouped(*places_known),
        grouped(*places)
    )
}

fn figure(name: &'static str, value: u64, list: Link) -> Figure {
    Figure { class: "plain", shape: "", name, value, shown: grouped(value), list }
}

/// They add up to the servers that should be there.
pub(super) fn cards(overview: &Overview) -> Vec<Figure> {
    let verdicts = overview.verdicts;
    let of = |class, shape, name, verdict, value| Figure {
        class,
        shape,
        ..figure(name, value, Link::servers().with("verdict", verdict))
    };
    vec![
        of("not-ready", "■", "Not ready", "NOT_READY", verdicts.not_ready),
        of("unknown", "?", "Unknown", "UNKNOWN", verdicts.unknown),
        of("at-risk", "▲", "At risk", "AT_RISK", verdicts.at_risk),
        of("ready", "●", "Ready", "READY", verdicts.ready),
    ]
}

fn unprotected(overview: &Overview) -> Option<Figure> {
    let found = overview.beside.unprotected?;
    let list = Link::to("/pages/unprotected");
    Some(Figure { class: "unprotected", shape: "○", ..figure("Unprotected", found, list) })
}

fn lag(overview: &Overview) -> Vec<Figure> {
    let classes = [
        ("≤ 1×", LagClass::Within),
        ("≤ 2×", LagClass::Twice),
        ("≤ 4×", LagClass::FourTimes),
        ("more", LagClass::More),
        ("none told", LagClass::None),
    ];
    let of = |(name, class): (&'static str, LagClass)| {
        let servers = overview.counts.lag.of(class.name());
        figure(name, servers, Link::servers().with("lag", class.name()))
    };
    classes.map(of).into()
}

fn drills(overview: &Overview) -> Vec<Figure> {
    let ages = [
        ("< 90 days", DrillAge::Under90Days),
        ("< 180 days", DrillAge::Under180Days),
        ("older", DrillAge::Older),
        ("never", DrillAge::Never),
    ];
    let of = |(name, age): (&'static str, DrillAge)| {
        let servers = overview.counts.drill_ages.of(age.name());
        figure(name, servers, Link::servers().with("drillAge", age.name()))
    };
    ages.map(of).into()
}

fn running(overview: &Overview, now: Timestamp) -> Option<String> {
    let RunningDrills { instances: running @ 1.., oldest_since } =
        overview.beside.drills.as_ref()?
    else {
        return None;
    };
    let oldest = oldest_since.as_deref().map(|since| format!(", {}", ago(Some(since), now)));
    let instances = count(*running, "drill instance");
    let verb = if *running == 1 { "runs" } else { "run" };
    Some(format!("{instances} still {verb}{}", oldest.unwrap_or_default()))
}

fn step(next: &NextStep) -> Step {
    let NextStep { code, level, servers, region, account_id, accounts, what_to_do } = next;
    let place = match (account_id, accounts) {
        (Some(account), 1) => format!("{account} {region}"),
        (Some(account), more) => format!("{region}: {account} and {} more", more - 1),
        (None, _) => region.clone(),
    };
    Step {
        level: level.name(),
        servers: count(*servers, "server"),
        code,
        place,
        what: what_to_do,
        list: Link::servers().with("reason", code).with("region", region),
        what_to_do: Link::what_to_do(code),
    }
}

fn leaving(overview: &Overview) -> Option<Figure> {
    let missing = overview.counts.missing();
    let list = Link::servers().with("reason", "NO_LONGER_LISTED");
    (missing > 0).then(|| figure("no longer listed by DRS", missing, list))
}
