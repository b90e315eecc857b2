//! What a list of servers can be asked for. The address holds all of it.

use inventory::servers::{ServerFilter, Terms};
use model::lag::LagClass;
use model::readiness::drill::DrillAge;
use model::readiness::{Drill, ReasonCode, UNKNOWN, Verdict};
use serde::Deserialize;
use store::rows::ProtectionGroup;
use store::{Item, text};
use sync::settings::policy;

use crate::failure::{ErrorCode, Failure};
use crate::pages::link::Link;
use crate::parameters::key_and_value;
use crate::site::Site;

/// States that can be chosen; an address may hold any.
const STATES: [&str; 9] = [
    "CONTINUOUS",
    "STALLED",
    "DISCONNECTED",
    "INITIAL_SYNC",
    "INITIATING",
    "RESCAN",
    "BACKLOG",
    "PAUSED",
    "STOPPED",
];
/// Accounts that can be chosen by name; of more than these an id is typed.
const MOST_ACCOUNTS: usize = 100;

/// The filters of an address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::pages) struct Filters {
    verdict: Option<String>,
    account: Option<String>,
    region: Option<String>,
    reason: Option<String>,
    state: Option<String>,
    drill: Option<String>,
    drill_age: Option<String>,
    lag: Option<String>,
    group: Option<String>,
    tag: Option<String>,
    hostname: Option<String>,
    /// What the page before carried.
    pub(super) next: Option<String>,
}

impl Filters {
    fn named(&self) -> [(&'static str, Option<&str>); 11] {
        [
            ("verdict", self.verdict.as_deref()),
            ("account", self.account.as_deref()),
            ("region", self.region.as_deref()),
            ("reason", self.reason.as_deref()),
            ("state", self.state.as_deref()),
            ("drill", self.drill.as_deref()),
            ("drillAge", self.drill_age.as_deref()),
            ("lag", self.lag.as_deref()),
            ("group", self.group.as_deref()),
            ("tag", self.tag.as_deref()),
            ("hostname", self.hostname.as_deref()),
        ]
    }

    /// The same question at this address, from its first page.
    pub(super) fn link(&self, path: &'static str) -> Link {
        self.named()
            .into_iter()
            .fold(Link::to(path), |link, (name, value)| link.with_some(name, value))
    }

    /// What a server must fit.
    ///
    /// # Errors
    /// `INVALID_PARAMETER` names the filter and what was expected; `NOT_FOUND` the group.
    pub(super) async fn filter(&self, site: &Site) -> Result<ServerFilter, Failure> {
        let terms = |value: &Option<String>| Terms::parse(value.as_deref());
        check("verdict", &self.verdict, verdicts())?;
        check("reason", &self.reason, reasons())?;
        check("drill", &self.drill, drills())?;
        check("drillAge", &self.drill_age, drill_ages())?;
        check("lag", &self.lag, lags())?;
        let mut filter = ServerFilter {
            account: terms(&self.account),
            region: terms(&self.region),
            state: terms(&self.state),
            hostname: terms(&self.hostname),
            verdict: terms(&self.verdict),
            reason: terms(&self.reason),
            drill: terms(&self.drill),
            drill_age: terms(&self.drill_age),
            tags: self.tag()?.into_iter().collect(),
            ..ServerFilter::default()
        };
        let lag = LagClass::ALL.into_iter().find(|class| self.lag.as_deref() == Some(class.name()));
        if let Some(class) = lag {
            filter.set_lag_class(class, policy(site.queries().environment())?.rpo);
        }
        if let Some(id) = &self.group {
            only_group(&mut filter, &group(site, id).await?)?;
        }
        Ok(filter)
    }

    fn tag(&self) -> Result<Option<(String, String)>, Failure> {
        let Some(tag) = &self.tag else { return Ok(None) };
        let tag = key_and_value(tag);
        tag.map(Some).ok_or_else(|| invalid("tag", "expected KEY=VALUE"))
    }
}

fn invalid(name: &str, expected: &str) -> Failure {
    Failure::new(ErrorCode::InvalidParameter, format!("{name}: {expected}"))
}

/// A word that is misspelt would show no servers, as if there were none.
fn check(name: &str, given: &Option<String>, known: Vec<&'static str>) -> Result<(), Failure> {
    let Some(given) = given else { return Ok(()) };
    let is_known = |value: &&str| known.iter().any(|it| it.eq_ignore_ascii_case(value));
    match Terms::parse(Some(given.as_str())).values().find(|value| !is_known(value)) {
        None => Ok(()),
        Some(_) => Err(invalid(name, &format!("expected one of {}", known.join(", ")))),
    }
}

fn verdicts() -> Vec<&'static str> {
    Verdict::ALL.into_iter().rev().map(Verdict::name).chain([UNKNOWN]).collect()
}

fn reasons() -> Vec<&'static str> {
    ReasonCode::ALL.iter().map(|code| code.name()).collect()
}

fn drills() -> Vec<&'static str> {
    Drill::ALL.into_iter().map(Drill::name).collect()
}

fn drill_ages() -> Vec<&'static str> {
    DrillAge::ALL.into_iter().map(DrillAge::name).collect()
}

fn lags() -> Vec<&'static str> {
    LagClass::ALL.into_iter().map(LagClass::name).collect()
}

async fn group(site: &Site, id: &str) -> Result<ProtectionGroup, Failure> {
    let groups = site.queries().recent_groups().await?;
    let row = groups.iter().find(|row| text(row, "groupId") == id);
    let group = row.and_then(|row| serde_dynamo::from_item(row.clone()).ok());
    group.ok_or_else(|| {
        let id: String = id.chars().take(100).collect();
        Failure::new(ErrorCode::NotFound, format!("there is no protection group {id:?}"))
    })
}

/// A group is of one region, and of one account where it names one.
fn only_group(filter: &mut ServerFilter, group: &ProtectionGroup) -> Result<(), Failure> {
    let definition = &group.definition;
    let region = filter.region.single();
    if region.is_some_and(|region| region != definition.region) {
        return Err(invalid("region", &format!("the group is of {}", definition.region)));
    }
    filter.region = Terms::only(&definition.region);
    if let (Some(account), true) = (&definition.account_id, filter.account.is_empty()) {
        filter.account = Terms::only(account);
    }
    if let Some(ids) = &definition.source_server_ids {
        filter.server_id = Terms::parse(ids.iter().map(String::as_str));
    }
    filter.tags.extend(
        definition
            .server_selection_tags
            .iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    Ok(())
}

/// A choice of a form.
pub(in crate::pages) struct Choice {
    pub(in crate::pages) value: String,
    pub(in crate::pages) name: String,
    pub(in crate::pages) is_chosen: bool,
}

/// The form of the filters, as they are set.
pub(in crate::pages) struct ListForm {
    /// None where there are too many accounts to choose from.
    pub(in crate::pages) accounts: Option<Vec<Choice>>,
    pub(in crate::pages) account: String,
    pub(in crate::pages) regions: Vec<Choice>,
    pub(in crate::pages) verdicts: Vec<Choice>,
    pub(in crate::pages) reasons: Vec<Choice>,
    pub(in crate::pages) states: Vec<Choice>,
    pub(in crate::pages) drills: Vec<Choice>,
    pub(in crate::pages) groups: Vec<Choice>,
    pub(in crate::pages) drill_age: String,
    pub(in crate::pages) lag: String,
    pub(in crate::pages) tag: String,
    pub(in crate::pages) hostname: String,
}

/// The form, with what can be chosen.
pub(in crate::pages) async fn form(site: &Site, set: &Filters) -> Result<ListForm, Failure> {
    let queries = site.queries();
    let (accounts, groups) = (queries.recent_accounts().await?, queries.recent_groups().await?);
    let overview = queries.recent_overview().await?;
    let regions = overview.0.regions.iter().map(|region| region.region.clone());
    let named = |rows: &[Item], key: &str, name: &str, chosen: &Option<String>| {
        let pairs = rows.iter().map(|row| (text(row, key).to_owned(), text(row, name).to_owned()));
        choices(pairs, chosen)
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Ok(ListForm {
        accounts: (accounts.len() <= MOST_ACCOUNTS)
            .then(|| named(&accounts, "accountId", "accountName", &set.account)),
        account: text(&set.account),
        regions: choices(regions.map(|it| (it, String::new())), &set.region),
        verdicts: words(verdicts(), &set.verdict),
        reasons: words(reasons(), &set.reason),
        states: words(STATES.to_vec(), &set.state),
        drills: words(drills(), &set.drill),
        groups: named(&groups, "groupId", "groupName", &set.group),
        drill_age: text(&set.drill_age),
        lag: text(&set.lag),
        tag: text(&set.tag),
        hostname: text(&set.hostname),
    })
}

fn words(names: Vec<&'static str>, chosen: &Option<String>) -> Vec<Choice> {
    choices(names.into_iter().map(|name| (name.to_owned(), String::new())), chosen)
}

/// What is chosen stays so, also where it is none of the choices.
fn choices(pairs: impl Iterator<Item = (String, String)>, chosen: &Option<String>) -> Vec<Choice> {
    let choice = |(value, name): (String, String)| Choice {
        is_chosen: chosen.as_deref() == Some(value.as_str()),
        name: if name.is_empty() { value.clone() } else { name },
        value,
    };
    let mut choices: Vec<Choice> = pairs.map(choice).collect();
    if let Some(value) = chosen
        && !choices.iter().any(|choice| choice.is_chosen)
    {
        choices.insert(0, Choice { value: value.clone(), name: value.clone(), is_chosen: true });
    }
    choices
}
