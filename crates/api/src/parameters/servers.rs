//! What a list of servers can be asked for. In the words of the contract, and flat: an error names
//! the parameter and all that there are, which no nested [`ServerFilter`] could.

use inventory::servers::ServerFilter;
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
        let filter = ServerFilter {
            account: self.account_id,
            staging_account: self.staging_account_id,
            region: self.region,
            state: self.state,
            hostname: self.hostname,
            tag: self.tag,
            min_lag: self.min_lag_seconds,
            max_lag: self.max_lag_seconds,
        };
        // An empty value is no key of an index; DynamoDB would refuse it with a longer word.
        for (name, value) in [
            ("accountId", &filter.account),
            ("stagingAccountId", &filter.staging_account),
            ("region", &filter.region),
        ] {
            if value.as_deref() == Some("") {
                let message = format!("{name}: is empty; leave it out, or give a value");
                return Err(Failure::new(ErrorCode::InvalidParameter, message));
            }
        }
        Ok(filter)
    }
}
