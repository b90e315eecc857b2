//! What a list of servers can be asked for. The address holds all of it.

use inventory::servers::{ServerFilter, Terms};
use model::Place;
use model::lag::LagClass;
use model::readiness::drill::DrillAge;
use model::readiness::{Drill, ReasonCode, UNKNOWN, Verdict};
use serde::Deserialize;
use store::rows::ProtectionGroup;
use store::text;
use sync::settings::policy;

use crate::failure::{ErrorCode, Failure};
use crate::pages::link::Link;
use crate::parameters::key_and_value;
use crate::site::Site;

/// The filters of an address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::pages) struct Filters {
    pub(super) verdict: Option<String>,
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
    /// `ACCOUNT/REGION` or `ACCOUNT`: where the ledger counts a server.
    pub(super) listed_in: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) state: Option<String>,
    pub(super) drill: Option<String>,
    pub(super) drill_age: Option<String>,
    pub(super) lag: Option<String>,
    pub(super) group: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) hostname: Option<String>,
    /// What the page before carried.
    pub(super) next: Option<String>,
}

impl Filters {
    fn named(&self) -> [(&'static str, Option<&str>); 12] {
        [
            ("verdict", self.verdict.as_deref()),
            ("account", self.account.as_deref()),
            ("region", self.region.as_deref()),
            ("listedIn", self.listed_in.as_deref()),
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
        check_places(&self.listed_in)?;
        let mut filter = ServerFilter {
            account: terms(&self.account),
            region: terms(&self.region),
            listed_in: terms(&self.listed_in),
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

fn check_places(given: &Option<String>) -> Result<(), Failure> {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|it| it.is_ascii_digit());
    let is_known = |text: &str| {
        is_account(text) || Place::parse(text).is_some_and(|place| is_account(&place.account_id))
    };
    match Terms::parse(given.as_deref()).values().all(is_known) {
        true => Ok(()),
        false => Err(invalid("listedIn", "expected ACCOUNT/REGION, or ACCOUNT with its 12 digits")),
    }
}

pub(super) fn verdicts() -> Vec<&'static str> {
    Verdict::ALL.into_iter().rev().map(Verdict::name).chain([UNKNOWN]).collect()
}

pub(super) fn reasons() -> Vec<&'static str> {
    ReasonCode::ALL.iter().map(|code| code.name()).collect()
}

pub(super) fn drills() -> Vec<&'static str> {
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
