//! What a list of servers can be asked for. In the words of the contract, and flat: an error names
//! the parameter and all that there are, which no nested [`ServerFilter`] could.

use inventory::servers::{ServerFilter, Terms};
use serde::Deserialize;

use super::forms::{limit, number, tag};
use crate::failure::{ErrorCode, Failure};

/// A filter, and which page of what fits it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Servers {
    account_id: Option<String>,
    staging_account_id: Option<String>,
    region: Option<String>,
    state: Option<String>,
    hostname: Option<String>,
    readiness: Option<String>,
    reason: Option<String>,
    drill: Option<String>,
    #[serde(default, deserialize_with = "tag")]
    tag: Option<(String, String)>,
    #[serde(default, deserialize_with = "number")]
    min_lag_seconds: Option<u64>,
    #[serde(default, deserialize_with = "number")]
    max_lag_seconds: Option<u64>,
    #[serde(default, deserialize_with = "number")]
    limit: Option<u64>,
    /// What the page before carried.
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
