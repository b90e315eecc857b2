//! What a list of servers can be asked for. In the words of the contract, and flat: an error names
//! the parameter and all that there are, which no nested [`ServerFilter`] could.

use inventory::servers::{ServerFilter, Terms};
use serde::Deserialize;
use utoipa::ToSchema;

use super::forms::{limit, number, tag};
use crate::documented::forms::{self as form, LONGEST_KEY};
use crate::failure::{ErrorCode, Failure};

/// A filter, and which page of what fits it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Servers {
    /// Accounts that the servers come from.
    #[schema(value_type = Option<form::Terms>)]
    account_id: Option<String>,
    /// Staging accounts.
    #[schema(value_type = Option<form::Terms>)]
    staging_account_id: Option<String>,
    /// Regions that the servers replicate to.
    #[schema(value_type = Option<form::Terms>)]
    region: Option<String>,
    /// States of the replication, in upper or lower case.
    #[schema(value_type = Option<form::Terms>)]
    state: Option<String>,
    /// Parts of the host name or domain name, with commas between them; `!` before one: not in it.
    hostname: Option<String>,
    /// Verdicts, as the answer has them.
    #[schema(value_type = Option<form::VerdictTerms>)]
    readiness: Option<String>,
    /// Reasons of the verdict.
    #[schema(value_type = Option<form::ReasonTerms>)]
    reason: Option<String>,
    /// What the last launch proves.
    #[schema(value_type = Option<form::DrillTerms>)]
    drill: Option<String>,
    /// A tag that the EC2 instance must have.
    #[serde(default, deserialize_with = "tag")]
    #[schema(value_type = Option<form::Tag>)]
    tag: Option<(String, String)>,
    /// Seconds that the replication lags at least.
    #[serde(default, deserialize_with = "number")]
    #[schema(value_type = Option<form::Count>)]
    min_lag_seconds: Option<u64>,
    /// Seconds that the replication lags at most.
    #[serde(default, deserialize_with = "number")]
    #[schema(value_type = Option<form::Count>)]
    max_lag_seconds: Option<u64>,
    /// Most servers of the answer.
    #[serde(default, deserialize_with = "number")]
    #[schema(value_type = Option<form::Limit>)]
    limit: Option<u64>,
    /// What the page before carried.
    #[schema(value_type = Option<form::NextToken>)]
    pub(crate) next_token: Option<String>,
}

impl Servers {
    /// Most servers on the page.
    pub(crate) fn limit(&self) -> Result<usize, Failure> {
        limit(self.limit)
    }

    pub(crate) fn filter(self) -> Result<ServerFilter, Failure> {
        // Without a value every server would fit.
        for (name, value) in [
            ("accountId", &self.account_id),
            ("stagingAccountId", &self.staging_account_id),
            ("region", &self.region),
            ("state", &self.state),
            ("readiness", &self.readiness),
            ("reason", &self.reason),
            ("drill", &self.drill),
        ] {
            if value.is_some() && Terms::parse(value.as_deref()).is_empty() {
                let message = format!("{name}: is empty; leave it out, or give a value");
                return Err(Failure::new(ErrorCode::InvalidParameter, message));
            }
            if value.as_ref().is_some_and(|value| value.len() > LONGEST_KEY) {
                let message = format!("{name}: expected at most {LONGEST_KEY} bytes");
                return Err(Failure::new(ErrorCode::InvalidParameter, message));
            }
        }
        let terms = |values: Option<String>| Terms::parse(values.as_deref());
        Ok(ServerFilter {
            account: terms(self.account_id),
            staging_account: terms(self.staging_account_id),
            region: terms(self.region),
            state: terms(self.state),
            hostname: terms(self.hostname),
            verdict: terms(self.readiness),
            reason: terms(self.reason),
            drill: terms(self.drill),
            tags: self.tag.into_iter().collect(),
            without_tags: Vec::new(),
            min_lag: self.min_lag_seconds,
            max_lag: self.max_lag_seconds,
            ..ServerFilter::default()
        })
    }
}
