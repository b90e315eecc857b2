//! One server at a moment.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use model::readiness::{Drill, Reason, UNKNOWN, Verdict};
use model::{LastLaunch, Place};
use serde::{Deserialize, Serialize};
use store::{Item, attribute, text};

use crate::picture::{AS_OF, KNOWN, LAST_VERDICT, NotKnown, Why};

/// A verdict as readers say it: of what is not known there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Standing {
    /// It could be recovered within its objective.
    Ready,
    /// It could be recovered, and something may not have gone as expected.
    AtRisk,
    /// Nobody knew.
    Unknown,
    /// It could not be recovered to a state of then.
    NotReady,
}

impl Standing {
    /// The best first.
    pub const ALL: [Self; 4] = [Self::Ready, Self::AtRisk, Self::Unknown, Self::NotReady];

    /// As in `NOT_READY`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => Verdict::Ready.name(),
            Self::AtRisk => Verdict::AtRisk.name(),
            Self::Unknown => UNKNOWN,
            Self::NotReady => Verdict::NotReady.name(),
        }
    }

    /// The standing of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }
}

impl From<Verdict> for Standing {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Ready => Self::Ready,
            Verdict::AtRisk => Self::AtRisk,
            Verdict::NotReady => Self::NotReady,
        }
    }
}

/// One server at a moment. Texts that DRS does not give are empty; times are ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerThen {
    /// Its ARN.
    pub source_server_arn: String,
    /// As in `s-0123456789abcdef0`.
    #[serde(rename = "sourceServerID")]
    pub source_server_id: String,
    /// What its agent calls the machine.
    pub hostname: String,
    /// The account that the machine runs in.
    pub source_account_id: String,
    /// The account that it replicates into.
    pub staging_account_id: String,
    /// The region that it replicates to.
    pub replication_region: String,
    /// The account and region that lists it, `ACCOUNT/REGION`; empty where none is known.
    pub listed_in: String,
    /// What was said of it.
    pub verdict: Standing,
    /// Where nothing is known of then: the last verdict before, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_verdict: Option<Verdict>,
    /// Why nothing is known of then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_unknown: Option<Why>,
    /// Of the verdict, or of the last one.
    pub reasons: Vec<Reason>,
    /// As DRS names it.
    pub replication_state: String,
    /// ISO 8601 duration. None where it is not known for that moment: the history keeps classes of lag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_duration: Option<String>,
    /// What the last launch proved. None where it is not known for that moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drill: Option<Drill>,
    /// The last launch, as it was known then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_launch: Option<LastLaunch>,
    /// The tags of its instance.
    pub source_tags: BTreeMap<String, String>,
    /// When its place had last answered.
    pub as_of: String,
}

impl ServerThen {
    /// Of a row of now, with what [`crate::picture`] says of it and of places.
    pub(super) fn now(row: &Item, not_known: &[NotKnown]) -> Self {
        let known = row.get(KNOWN).and_then(|known| known.as_bool().ok()) == Some(&true);
        let unknown = (!known).then(|| why_of(row, not_known));
        Self::of(row, text(row, AS_OF), unknown)
    }

    /// As a row of an answer, under the names that a list of now has.
    pub fn to_row(&self) -> Item {
        let mut row: Item = serde_dynamo::to_item(self).unwrap_or_default();
        let names = [
            ("verdict", "readiness"),
            ("lastVerdict", LAST_VERDICT),
            ("reasons", "readinessReasons"),
        ];
        for (own, shown) in names {
            if let Some(value) = row.remove(own) {
                row.insert(shown.to_owned(), value);
            }
        }
        row
    }

    /// Of a row, as of a time, and why it is not known.
    pub(super) fn of(row: &Item, as_of: &str, unknown: Option<Why>) -> Self {
        let last = Verdict::from_name(text(row, LAST_VERDICT));
        let judged = last.or_else(|| Verdict::from_name(text(row, "readiness")));
        // A row that was never judged is of before there were verdicts.
        let unknown = unknown.or(judged.is_none().then_some(Why::NeverRead));
        let verdict = match (unknown, judged) {
            (None, Some(verdict)) => verdict.into(),
            _ => Standing::Unknown,
        };
        let own = |name| text(row, name).to_owned();
        Self {
            source_server_arn: own("sourceServerArn"),
            source_server_id: own("sourceServerID"),
            hostname: own("hostname"),
            source_account_id: own("sourceAccountId"),
            staging_account_id: own("stagingAccountId"),
            replication_region: own("replicationRegion"),
            listed_in: own("listedIn"),
            verdict,
            last_verdict: judged.filter(|_| unknown.is_some()),
            why_unknown: unknown,
            reasons: attribute(row, "readinessReasons").unwrap_or_default(),
            replication_state: own("replicationState"),
            lag_duration: Some(own("lagDuration")).filter(|lag| !lag.is_empty()),
            drill: attribute(row, "drill"),
            last_launch: attribute(row, "lastLaunch"),
            source_tags: attribute(row, "sourceTags").unwrap_or_default(),
            as_of: as_of.to_owned(),
        }
    }
}

/// The worst and least known first, then by name.
pub(super) fn sorted(mut servers: Vec<ServerThen>) -> Vec<ServerThen> {
    servers.sort_by_cached_key(|it| {
        (Reverse(it.verdict), it.hostname.to_lowercase(), it.source_server_arn.clone())
    });
    servers
}

fn why_of(row: &Item, not_known: &[NotKnown]) -> Why {
    let Some(place) = Place::parse(text(row, "listedIn")) else { return Why::NoPlace };
    let concerns = |it: &&NotKnown| {
        it.account_id.as_deref() == Some(&place.account_id)
            && it.region.as_deref().is_none_or(|region| region == place.region)
    };
    not_known.iter().find(concerns).map_or(Why::NotStored, |it| it.why)
}
