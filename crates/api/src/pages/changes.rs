//! What happened: to servers, to accounts and their regions.

use askama::Template;
use axum::extract::State;
use inventory::changes::{
    ChangeFilter, only_server, query_changes, subject_in_words, what_happened,
};
use inventory::servers::one::Reach;
use inventory::words::{cell, moment};
use model::Place;
use serde::Deserialize;
use store::rows::ChangeKind;
use store::tables::get_inventory_changes_table;
use store::{Item, text};

use super::form::Asked;
use super::frame::{Frame, Section, Shown, Strip, show};
use super::link::Link;
use crate::failure::Failure;
use crate::parameters::{kind, time};
use crate::site::Site;

/// Entries on a page.
const PAGE: usize = 100;

/// Which of them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filters {
    server: Option<String>,
    account: Option<String>,
    region: Option<String>,
    kind: Option<String>,
    since: Option<String>,
    next: Option<String>,
}

/// An entry in words.
pub(super) struct Happened {
    pub(super) at: String,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) link: Option<Link>,
    pub(super) what: String,
    /// As in `×12`; empty where it happened once.
    pub(super) times: String,
}

impl Happened {
    pub(super) fn of(entry: &Item) -> Self {
        let subject = text(entry, "subject");
        let count = cell(entry, "count");
        Self {
            at: moment(text(entry, "at")),
            kind: text(entry, "kind").replace('-', " "),
            subject: subject_in_words(subject),
            link: link_to(subject),
            what: what_happened(entry),
            times: if matches!(count.as_str(), "" | "1") {
                String::new()
            } else {
                format!("×{count}")
            },
        }
    }
}

fn link_to(subject: &str) -> Option<Link> {
    match (subject.starts_with("arn:"), Place::parse(subject)) {
        (true, _) => Some(Link::server(subject)),
        (false, Some(place)) => Some(Link::account(&place.account_id)),
        (false, None) => model::is_account_id(subject).then(|| Link::account(subject)),
    }
}

/// A kind that can be chosen.
struct Kind {
    name: &'static str,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "changes.html")]
struct Page {
    frame: Frame,
    strip: Strip,
    asked: Filters,
    kinds: Vec<Kind>,
    entries: Vec<Happened>,
    looked_back_to: Option<String>,
    next: Option<Link>,
}

impl Filters {
    fn link(&self) -> Link {
        Link::to("/pages/changes")
            .with_some("server", self.server.as_deref())
            .with_some("account", self.account.as_deref())
            .with_some("region", self.region.as_deref())
            .with_some("kind", self.kind.as_deref())
            .with_some("since", self.since.as_deref())
    }

    fn server(&self) -> &str {
        self.server.as_deref().unwrap_or_default()
    }

    fn account(&self) -> &str {
        self.account.as_deref().unwrap_or_default()
    }

    fn region(&self) -> &str {
        self.region.as_deref().unwrap_or_default()
    }

    fn since(&self) -> &str {
        self.since.as_deref().unwrap_or_default()
    }
}

/// `GET /pages/changes`
pub(super) async fn page(State(site): State<Site>, Asked(asked): Asked<Filters>) -> Shown {
    let queries = site.queries();
    let (_, freshness) = queries.picture()?;
    let history = get_inventory_changes_table(queries.store())?;
    let mut filter = filter(&asked, freshness.now)?;
    if let Some(id) = &asked.server {
        let tables = queries.server_tables()?;
        filter = only_server(filter, &tables, (id, Reach::Known)).await?;
    }
    let page = (PAGE, asked.next.as_deref());
    let changes = query_changes(&history, &filter, page, freshness.now).await?;
    let picture = queries.recent_picture().await?;
    let chosen = asked.kind.as_deref();
    let choice =
        |kind: ChangeKind| Kind { name: kind.name(), is_chosen: chosen == Some(kind.name()) };
    show(&Page {
        frame: Frame::of(&site, Section::Changes),
        strip: Strip::of(&picture, 0, freshness.now),
        kinds: ChangeKind::ALL.into_iter().map(choice).collect(),
        entries: changes.entries.iter().map(Happened::of).collect(),
        looked_back_to: changes.looked_back_to.as_deref().map(moment),
        next: changes.next.map(|next| asked.link().with("next", &next)),
        asked,
    })
}

fn filter(asked: &Filters, now: jiff::Timestamp) -> Result<ChangeFilter, Failure> {
    let kinds = asked.kind.as_deref().map(kind).transpose()?;
    Ok(ChangeFilter {
        account: asked.account.clone(),
        region: asked.region.clone(),
        kinds: kinds.into_iter().collect(),
        since: asked.since.as_deref().map(|text| time("since", text, now)).transpose()?,
        ..ChangeFilter::default()
    })
}
