//! Instances that nothing protects.

use askama::Template;
use axum::extract::State;
use inventory::unprotected::{FoundInstance, NotCertain, UnprotectedFilter, list_unprotected};
use inventory::words::{ago, grouped};
use serde::Deserialize;
use store::tables::get_account_region_status_table;

use super::form::Asked;
use super::frame::{Frame, Section, Shown, Strip, show};
use super::link::Link;
use crate::site::Site;

/// Instances on a page.
const MOST_LINES: usize = 200;
/// Places that are not certain that are named.
const MOST_NOT_CERTAIN: usize = 50;

/// Which of them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filters {
    account: Option<String>,
    region: Option<String>,
}

/// An instance in one line.
struct Line {
    id: String,
    name: String,
    account_id: String,
    account: Link,
    region: String,
    is_certain: bool,
    as_of: String,
}

/// How many an account has.
struct Count {
    account_id: String,
    list: Link,
    count: String,
    excluded: u64,
    is_certain: bool,
}

#[derive(Template)]
#[template(path = "unprotected.html")]
struct Page {
    frame: Frame,
    strip: Strip,
    /// Whether any sync has looked.
    is_looked_for: bool,
    total: u64,
    shown: String,
    accounts: Vec<Count>,
    lines: Vec<Line>,
    is_cut: bool,
    not_certain: Vec<NotCertain>,
    asked: Filters,
}

/// `GET /pages/unprotected`
pub(super) async fn page(State(site): State<Site>, Asked(asked): Asked<Filters>) -> Shown {
    let queries = site.queries();
    let ledger = get_account_region_status_table(queries.store())?;
    let (_, freshness) = queries.picture()?;
    let filter = UnprotectedFilter { account: asked.account.clone(), region: asked.region.clone() };
    let found = list_unprotected(&ledger, &filter, &freshness).await?;
    let picture = queries.recent_picture().await?;
    let total = found.accounts.iter().map(|account| account.count).sum();
    let accounts = found.accounts.iter().filter(|account| account.count > 0).map(|it| Count {
        list: Link::to("/pages/unprotected").with("account", &it.account_id),
        account_id: it.account_id.clone(),
        count: grouped(it.count),
        excluded: it.excluded,
        is_certain: it.certain,
    });
    let line = |it: &FoundInstance| Line {
        id: it.instance.instance_id.clone(),
        name: it.instance.name.clone(),
        account: Link::account(&it.account_id),
        account_id: it.account_id.clone(),
        region: it.region.clone(),
        is_certain: it.certain,
        as_of: ago(Some(&it.as_of), freshness.now),
    };
    show(&Page {
        frame: Frame::of(&site, Section::Unprotected),
        strip: Strip::of(&picture, 0, freshness.now),
        is_looked_for: !found.accounts.is_empty(),
        total,
        shown: grouped(total),
        accounts: accounts.take(MOST_LINES).collect(),
        lines: found.instances.iter().take(MOST_LINES).map(line).collect(),
        is_cut: found.is_cut || found.instances.len() > MOST_LINES,
        not_certain: found.not_known.into_iter().take(MOST_NOT_CERTAIN).collect(),
        asked,
    })
}

impl Filters {
    fn account(&self) -> &str {
        self.account.as_deref().unwrap_or_default()
    }

    fn region(&self) -> &str {
        self.region.as_deref().unwrap_or_default()
    }
}
