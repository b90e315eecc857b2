//! What a server must fit.

use std::time::Duration;

use jiff::Timestamp;
use model::LastLaunch;
use model::lag::{LagClass, lag_seconds};
use model::readiness::drill::DrillAge;
use model::readiness::{UNKNOWN, is_in_step};
use serde::{Deserialize, Serialize};
use store::tables::{
    Listing, REPLICATION_REGION_INDEX, SOURCE_ACCOUNT_INDEX, STAGING_ACCOUNT_INDEX,
    SourceServerInventoryTable,
};
use store::{Item, attribute, text};

use super::terms::Terms;
use crate::readiness::{reasons, verdict};

/// What a server must fit. Nothing set: every server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerFilter {
    /// The origin account.
    pub account: Terms,
    /// The staging account.
    pub staging_account: Terms,
    /// The region that DRS was asked in.
    pub region: Terms,
    /// Who lists it, as `ACCOUNT/REGION`, or `ACCOUNT` for all of its regions: that is where the ledger
    /// counts it. A server that is extended is listed by its staging account.
    pub listed_in: Terms,
    /// The replication state, any case.
    pub state: Terms,
    /// Part of `hostname` or `fqdn`, any case.
    pub hostname: Terms,
    /// Key and value of EC2 tags, all of which it must have.
    pub tags: Vec<(String, String)>,
    /// Key and value of EC2 tags, none of which it may have.
    pub without_tags: Vec<(String, String)>,
    /// The verdict, any case. Of what an answer says: `UNKNOWN` is known only once the place is.
    pub verdict: Terms,
    /// Codes of reasons, any case.
    pub reason: Terms,
    /// What the last launch proves, any case.
    pub drill: Terms,
    /// How long ago the last launch was, as in `UNDER_90_DAYS`.
    pub drill_age: Terms,
    /// The id that DRS gave it.
    pub server_id: Terms,
    /// Whether DRS gives no lag.
    pub without_lag: bool,
    /// Seconds that the replication lags at least.
    pub min_lag: Option<u64>,
    /// Seconds that the replication lags at most.
    pub max_lag: Option<u64>,
}

impl ServerFilter {
    /// The rows to look through: of the index that the filter has, else all.
    pub(super) fn listing(&self, table: &SourceServerInventoryTable) -> Listing {
        match self.index() {
            Some((index, attribute, value)) => Listing::of_index(table, index, attribute, value),
            None => Listing::of_table(table),
        }
    }

    pub(super) fn index(&self) -> Option<(&'static str, &'static str, &str)> {
        let indexes = [
            (SOURCE_ACCOUNT_INDEX, "sourceAccountId", &self.account),
            (STAGING_ACCOUNT_INDEX, "stagingAccountId", &self.staging_account),
            (REPLICATION_REGION_INDEX, "replicationRegion", &self.region),
        ];
        indexes.into_iter().find_map(|(index, attribute, terms)| {
            terms.single().map(|value| (index, attribute, value))
        })
    }

    /// Sets what a class of lag against this objective allows, in seconds.
    pub fn set_lag_class(&mut self, class: LagClass, rpo: Duration) {
        let rpo = rpo.as_secs();
        let times = |factor: u64| Some(rpo.saturating_mul(factor));
        let above = |factor| times(factor).map(|lag| lag.saturating_add(1));
        (self.min_lag, self.max_lag) = match class {
            LagClass::None => (None, None),
            LagClass::Within => (Some(0), times(1)),
            LagClass::Twice => (above(1), times(2)),
            LagClass::FourTimes => (above(2), times(4)),
            LagClass::More => (above(4), None),
        };
        self.without_lag = class == LagClass::None;
    }

    fn lag_fits(&self, row: &Item) -> bool {
        if self.without_lag {
            return lag_seconds(text(row, "lagDuration")).is_none();
        }
        if self.min_lag.is_none() && self.max_lag.is_none() {
            return true;
        }
        lag_seconds(text(row, "lagDuration")).is_some_and(|lag| {
            self.min_lag.is_none_or(|min| lag >= min) && self.max_lag.is_none_or(|max| lag <= max)
        })
    }

    /// Whether a row fits as it stands, whatever its verdict.
    pub(super) fn fits(&self, row: &Item) -> bool {
        let is = |terms: &Terms, name: &str| terms.fit(|wanted| text(row, name) == wanted);
        let is_like = |terms: &Terms, name: &str| {
            terms.fit(|wanted| text(row, name).eq_ignore_ascii_case(wanted))
        };
        let has_reason = |wanted: &str| {
            reasons(row).iter().any(|reason| reason.code.name().eq_ignore_ascii_case(wanted))
        };
        is(&self.account, "sourceAccountId")
            && is(&self.staging_account, "stagingAccountId")
            && is(&self.region, "replicationRegion")
            && self.listed_in.fit(|wanted| is_listed_in(row, wanted))
            && is_like(&self.state, "replicationState")
            && is_like(&self.drill, "drill")
            && is(&self.server_id, "sourceServerID")
            && self.drill_age.fit(|wanted| drill_age(row).eq_ignore_ascii_case(wanted))
            && self.reason.fit(has_reason)
            && self.hostname.fit(|part| is_named(row, part))
            && self.tags.iter().all(|(key, value)| is_tagged(row, key, value))
            && !self.without_tags.iter().any(|(key, value)| is_tagged(row, key, value))
            && self.lag_fits(row)
    }

    /// What the index of verdicts can tell of it: an entry that does not fit this is of no row that
    /// fits.
    pub(super) fn in_attention_index(&self) -> Self {
        Self {
            staging_account: Terms::default(),
            hostname: Terms::default(),
            tags: Vec::new(),
            without_tags: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether the verdict of an answer's row fits.
    pub fn verdict_fits(&self, row: &Item) -> bool {
        self.verdict.fit(|wanted| verdict(row).eq_ignore_ascii_case(wanted))
    }

    /// Whether only servers can fit of which nothing is known now.
    pub(super) fn is_of_the_unknown(&self) -> bool {
        let mut wanted = self.verdict.wanted().peekable();
        wanted.peek().is_some() && wanted.all(|verdict| verdict.eq_ignore_ascii_case(UNKNOWN))
    }

    /// Whether only servers that are not ready can fit, so that they are in `AttentionIndex`.
    pub(super) fn is_of_the_troubled(&self) -> bool {
        let none_of = |terms: &Terms, is_fine: fn(&str) -> bool| {
            terms.wanted().next().is_some() && !terms.wanted().any(is_fine)
        };
        none_of(&self.state, |state| is_in_step(&state.to_ascii_uppercase()))
            || none_of(&self.reason, |_| false)
            || none_of(&self.verdict, |verdict| {
                ["READY", "UNKNOWN"].iter().any(|fine| fine.eq_ignore_ascii_case(verdict))
            })
    }
}

/// Of now: the rows of an answer are of now, too.
fn drill_age(row: &Item) -> &'static str {
    let launch: Option<LastLaunch> = attribute(row, "lastLaunch");
    DrillAge::of(launch.as_ref(), Timestamp::now()).name()
}

fn is_listed_in(row: &Item, wanted: &str) -> bool {
    let rest = text(row, "listedIn").strip_prefix(wanted);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_named(row: &Item, part: &str) -> bool {
    let part = part.to_lowercase();
    ["hostname", "fqdn"].iter().any(|name| text(row, name).to_lowercase().contains(&part))
}

/// Whether the EC2 instance of a row has this tag.
pub(crate) fn is_tagged(row: &Item, key: &str, value: &str) -> bool {
    let tags = row.get("sourceTags").and_then(|tags| tags.as_m().ok());
    let tag = tags.and_then(|tags| tags.get(key)?.as_s().ok());
    tag.is_some_and(|tag| tag == value)
}
