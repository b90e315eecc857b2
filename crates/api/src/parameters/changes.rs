//! What of the history can be asked for.

use inventory::changes::ChangeFilter;
use jiff::Timestamp;
use serde::Deserialize;
use store::rows::ChangeKind;
use utoipa::ToSchema;

use super::forms::{limit, number, texts};
use super::times::time;
use crate::documented::forms::{self as form, LONGEST_KEY};
use crate::failure::{ErrorCode, Failure};

/// A server, and which page of its history.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OneServer {
    /// Its ARN, percent-encoded in a path, or its source server id.
    #[schema(value_type = form::Key)]
    id: String,
    /// Most entries of its history.
    #[serde(default, deserialize_with = "number")]
    #[schema(value_type = Option<form::Limit>)]
    limit: Option<u64>,
    /// What the page before carried.
    #[schema(value_type = Option<form::NextToken>)]
    pub(crate) next_token: Option<String>,
}

impl OneServer {
    /// Its ARN or source server id. In a path an ARN is percent-encoded.
    pub(crate) fn id(&self) -> String {
        ["%3a", "%3A"]
            .iter()
            .fold(self.id.clone(), |id, code| id.replace(code, ":"))
            .replace("%2f", "/")
            .replace("%2F", "/")
    }

    /// Most entries on the page.
    pub(crate) fn limit(&self) -> Result<usize, Failure> {
        limit(self.limit)
    }
}

/// A filter, and which page of what fits it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Changes {
    /// The ARN or source server id of a server.
    #[schema(value_type = Option<form::Key>)]
    pub(crate) server: Option<String>,
    /// In place of `server`: its ARN, `ACCOUNT/REGION`, or an account's id.
    #[schema(value_type = Option<form::Key>)]
    subject: Option<String>,
    /// The account that DRS lists a server in.
    account_id: Option<String>,
    /// The region that DRS lists a server in.
    region: Option<String>,
    /// Changes of these kinds only.
    #[serde(default, deserialize_with = "texts")]
    #[schema(value_type = form::Kinds)]
    kind: Vec<String>,
    /// Changes from then on.
    #[schema(value_type = Option<form::SinceWhen>)]
    since: Option<String>,
    /// Changes before then.
    #[schema(value_type = Option<form::SinceWhen>)]
    until: Option<String>,
    /// Most entries of the answer.
    #[serde(default, deserialize_with = "number")]
    #[schema(value_type = Option<form::Limit>)]
    limit: Option<u64>,
    /// What the page before carried.
    #[schema(value_type = Option<form::NextToken>)]
    pub(crate) next_token: Option<String>,
}

impl Changes {
    /// Most entries on the page.
    pub(crate) fn limit(&self) -> Result<usize, Failure> {
        limit(self.limit)
    }

    /// All but the server, whose ARN somebody else finds.
    pub(crate) fn filter(&self, now: Timestamp) -> Result<ChangeFilter, Failure> {
        if self.server.is_some() && self.subject.is_some() {
            return Err(invalid("subject: give either a server or a subject".to_owned()));
        }
        for (name, value) in [("server", &self.server), ("subject", &self.subject)] {
            if value.as_ref().is_some_and(|value| !(1..=LONGEST_KEY).contains(&value.len())) {
                let expected = "expected 1 to 2048 bytes, or nothing at all";
                return Err(invalid(format!("{name}: is empty or too long; {expected}")));
            }
        }
        let kinds: Result<Vec<ChangeKind>, Failure> = self.kind.iter().map(|it| kind(it)).collect();
        let time = |name, text: &Option<String>| {
            text.as_deref().map(|text| time(name, text, now)).transpose()
        };
        Ok(ChangeFilter {
            subject: self.subject.clone(),
            source_server_id: None,
            account: self.account_id.clone(),
            region: self.region.clone(),
            kinds: kinds?,
            since: time("since", &self.since)?,
            until: time("until", &self.until)?,
        })
    }
}

pub(crate) fn kind(name: &str) -> Result<ChangeKind, Failure> {
    ChangeKind::from_name(name).ok_or_else(|| {
        let known = ChangeKind::ALL.map(ChangeKind::name).join(", ");
        let name: String = name.chars().take(100).collect();
        invalid(format!("kind: {name:?} is none; expected some of {known}"))
    })
}

fn invalid(message: String) -> Failure {
    Failure::new(ErrorCode::InvalidParameter, message)
}
