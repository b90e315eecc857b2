//! Rows of the inventory, by whatever a person knows of them.

pub mod one;
pub mod page;

use model::lag::lag_seconds;
use serde::{Deserialize, Serialize};
use store::tables::{
    Listing, REPLICATION_REGION_INDEX, SOURCE_ACCOUNT_INDEX, STAGING_ACCOUNT_INDEX,
    SourceServerInventoryTable,
};
use store::{Item, QueryError, by_name, text};

/// What a server must fit. Nothing set: every server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerFilter {
    /// The origin account.
    pub account: Option<String>,
    /// The staging account.
    pub staging_account: Option<String>,
    /// The region that DRS was asked in.
    pub region: Option<String>,
    /// The replication state, any case.
    pub state: Option<String>,
    /// Part of `hostname` or `fqdn`, any case.
    pub hostname: Option<String>,
    /// Key and value of an EC2 tag.
    pub tag: Option<(String, String)>,
    /// Seconds that the replication lags at least.
    pub min_lag: Option<u64>,
    /// Seconds that the replication lags at most.
    pub max_lag: Option<u64>,
}

/// The servers that fit, sorted by hostname, every page. Uses an index where a filter has one.
///
/// # Errors
/// [`QueryError`] names the table; half an answer is never returned.
pub async fn query_servers(
    table: &SourceServerInventoryTable,
    filter: &ServerFilter,
) -> Result<Vec<Item>, QueryError> {
    let mut rows = filter.listing(table).every_item().await?;
    rows.retain(|row| filter.fits(row));
    rows.sort_by_cached_key(|row| by_name(row, "hostname", "sourceServerArn"));
    Ok(rows)
}

impl ServerFilter {
    /// The rows to look through: of the index that the filter has, else all.
    fn listing(&self, table: &SourceServerInventoryTable) -> Listing {
        match self.index() {
            Some((index, attribute, value)) => Listing::of_index(table, index, attribute, value),
            None => Listing::of_table(table),
        }
    }

    fn index(&self) -> Option<(&'static str, &'static str, &str)> {
        let indexes = [
            (SOURCE_ACCOUNT_INDEX, "sourceAccountId", &self.account),
            (STAGING_ACCOUNT_INDEX, "stagingAccountId", &self.staging_account),
            (REPLICATION_REGION_INDEX, "replicationRegion", &self.region),
        ];
        indexes.into_iter().find_map(|(index, attribute, value)| {
            value.as_deref().map(|value| (index, attribute, value))
        })
    }

    fn lag_fits(&self, row: &Item) -> bool {
        if self.min_lag.is_none() && self.max_lag.is_none() {
            return true;
        }
        lag_seconds(text(row, "lagDuration")).is_some_and(|lag| {
            self.min_lag.is_none_or(|min| lag >= min) && self.max_lag.is_none_or(|max| lag <= max)
        })
    }

    fn fits(&self, row: &Item) -> bool {
        let is = |wanted: &Option<String>, name: &str| {
            wanted.as_ref().is_none_or(|wanted| text(row, name) == wanted)
        };
        let state = text(row, "replicationState");
        is(&self.account, "sourceAccountId")
            && is(&self.staging_account, "stagingAccountId")
            && is(&self.region, "replicationRegion")
            && self.state.as_ref().is_none_or(|wanted| state.eq_ignore_ascii_case(wanted))
            && self.hostname.as_ref().is_none_or(|part| is_named(row, part))
            && self.tag.as_ref().is_none_or(|(key, value)| is_tagged(row, key, value))
            && self.lag_fits(row)
    }
}

fn is_named(row: &Item, part: &str) -> bool {
    let part = part.to_lowercase();
    ["hostname", "fqdn"].iter().any(|name| text(row, name).to_lowercase().contains(&part))
}

fn is_tagged(row: &Item, key: &str, value: &str) -> bool {
    let tags = row.get("sourceTags").and_then(|tags| tags.as_m().ok());
    let tag = tags.and_then(|tags| tags.get(key)?.as_s().ok());
    tag.is_some_and(|tag| tag == value)
}
