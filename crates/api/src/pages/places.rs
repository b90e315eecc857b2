//! Accounts × regions, the worst first.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use inventory::overview::{AccountOverview, PlaceOverview, RegionOverview, Verdicts};
use inventory::words::grouped;
use serde::Deserialize;
use store::{Item, text};

use super::badge::Badge;
use super::form::Asked;
use super::frame::{Frame, Section, Shown, Strip, show};
use super::link::Link;
use crate::site::Site;

/// Accounts on a page.
const PAGE: usize = 50;
/// Things that are not known that are named.
const MOST_NOT_KNOWN: usize = 200;

/// Which page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pages {
    #[serde(default, deserialize_with = "crate::parameters::number")]
    page: Option<u64>,
}

impl Pages {
    /// The page of so many entries, from 1, and the last one.
    pub(super) fn page_of(&self, entries: usize, on_a_page: usize) -> (usize, usize) {
        let last = entries.div_ceil(on_a_page).max(1);
        let page = self.page.and_then(|page| usize::try_from(page).ok()).unwrap_or(1);
        (page.clamp(1, last), last)
    }

    /// The pages before and after this one, where there are any.
    pub(super) fn around(
        path: &'static str,
        page: usize,
        last: usize,
    ) -> (Option<Link>, Option<Link>) {
        let link = |page: usize| Link::to(path).with("page", &page.to_string());
        ((page > 1).then(|| link(page - 1)), (page < last).then(|| link(page + 1)))
    }
}

/// Accounts in regions.
pub(super) struct Grid {
    pub(super) regions: Vec<Column>,
    pub(super) rows: Vec<Row>,
}

/// A region.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) list: Link,
}

/// An account.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) account: Link,
    pub(super) cells: Vec<Option<Cell>>,
    /// As in `us-east-1: 120 of 300`.
    pub(super) fullest: String,
}

/// An account in a region.
pub(super) struct Cell {
    pub(super) worst: Badge,
    pub(super) servers: String,
    /// Of a place that is not known, its status.
    pub(super) status: Option<String>,
    pub(super) list: Link,
}

#[derive(Template)]
#[template(path = "places.html")]
struct Page {
    frame: Frame,
    strip: Strip,
    grid: Grid,
    accounts: usize,
    from: usize,
    to: usize,
    earlier: Option<Link>,
    later: Option<Link>,
}

/// `GET /pages/places`
pub(super) async fn page(State(site): State<Site>, Asked(asked): Asked<Pages>) -> Shown {
    let recent = site.queries().recent_overview().await?;
    let (overview, freshness) = &*recent;
    let names = site.queries().recent_accounts().await?;
    let accounts = overview.accounts.len();
    let (page, last) = asked.page_of(accounts, PAGE);
    let from = (page - 1) * PAGE;
    let shown = overview.accounts.iter().skip(from).take(PAGE);
    let (earlier, later) = Pages::around("/pages/places", page, last);
    show(&Page {
        frame: Frame::of(&site, Section::Places),
        strip: Strip::of(&overview.picture, MOST_NOT_KNOWN, freshness.now),
        grid: grid(shown, &overview.regions, &names),
        accounts,
        from: (from + 1).min(accounts),
        to: (from + PAGE).min(accounts),
        earlier,
        later,
    })
}

/// These accounts in the regions that any account uses.
pub(super) fn grid<'a>(
    accounts: impl Iterator<Item = &'a AccountOverview>,
    regions: &[RegionOverview],
    names: &[Item],
) -> Grid {
    let names: BTreeMap<&str, &str> =
        names.iter().map(|row| (text(row, "accountId"), text(row, "accountName"))).collect();
    let column = |region: &RegionOverview| Column {
        name: region.region.clone(),
        list: Link::servers().with("region", &region.region),
    };
    let row = |account: &AccountOverview| Row {
        name: names.get(account.account_id.as_str()).copied().unwrap_or_default().to_owned(),
        account: Link::account(&account.account_id),
        cells: regions.iter().map(|region| cell(account, &region.region)).collect(),
        fullest: fullest(account),
        id: account.account_id.clone(),
    };
    Grid { regions: regions.iter().map(column).collect(), rows: accounts.map(row).collect() }
}

fn cell(account: &AccountOverview, region: &str) -> Option<Cell> {
    let place = account.places.get(region)?;
    let servers = place.verdicts.total();
    Some(Cell {
        worst: worst(place),
        servers: grouped(servers),
        status: (!place.known).then(|| place.status.clone()),
        list: Link::listed_in(&account.account_id, Some(region)),
    })
}

/// The worst and least known that a place has.
fn worst(place: &PlaceOverview) -> Badge {
    let Verdicts { at_risk, not_ready, .. } = place.verdicts;
    Badge::of(match (place.known, not_ready, at_risk) {
        (false, _, _) => "UNKNOWN",
        (true, 1.., _) => "NOT_READY",
        (true, 0, 1..) => "AT_RISK",
        (true, 0, 0) => "READY",
    })
}

fn fullest(account: &AccountOverview) -> String {
    let of_places = account.places.iter().filter_map(|(region, place)| {
        Some((place.replicating.filter(|servers| *servers > 0)?, region))
    });
    let most = model::readiness::policy::MOST_REPLICATING;
    of_places
        .max_by_key(|(servers, _)| *servers)
        .map(|(servers, region)| format!("{region}: {servers} of {most}"))
        .unwrap_or_default()
}
