//! How much of what DRS allows each account uses. No call of AWS: the ledger has the figures.

use std::collections::BTreeMap;

use model::readiness::policy::{MOST_REPLICATING, MOST_SOURCE_SERVERS};
use serde::Serialize;
use store::{Item, number, text};

/// How full accounts and regions are, the fullest first. Staging accounts are accounts, too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Capacity {
    /// Servers that replicate in an account and region, against [`MOST_REPLICATING`]. Places of which
    /// that is not known, as of versions that did not count it, come last.
    pub places: Vec<PlaceCapacity>,
    /// Source servers of an account in all regions, against [`MOST_SOURCE_SERVERS`].
    pub accounts: Vec<AccountCapacity>,
}

/// How full one account and region is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceCapacity {
    /// The account.
    pub account_id: String,
    /// The region.
    pub region: String,
    /// Servers that replicate there; none where nobody counted them.
    pub replicating: Option<u64>,
    /// How many DRS allows.
    pub of: u64,
}

/// How full one account is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountCapacity {
    /// The account.
    pub account_id: String,
    /// Its source servers in all regions, when each last answered.
    pub source_servers: u64,
    /// How many DRS allows.
    pub of: u64,
}

/// From entries of the ledger.
pub(crate) fn capacity_of(entries: &[Item]) -> Capacity {
    let mut accounts: BTreeMap<String, u64> = BTreeMap::new();
    let mut places = Vec::new();
    for entry in entries {
        let servers: u64 = number(entry, "serverCount").unwrap_or_default();
        if servers == 0 {
            continue;
        }
        let account_id = text(entry, "accountId").to_owned();
        *accounts.entry(account_id.clone()).or_default() += servers;
        let counts = entry.get("counts").and_then(|counts| counts.as_m().ok());
        let replicating = counts.and_then(|counts| number(counts, "replicating"));
        let region = text(entry, "region").to_owned();
        places.push(PlaceCapacity { account_id, region, replicating, of: MOST_REPLICATING });
    }
    places.sort_by_key(|place| {
        let fullest = std::cmp::Reverse(place.replicating);
        (fullest, place.account_id.clone(), place.region.clone())
    });
    let mut accounts: Vec<AccountCapacity> = accounts
        .into_iter()
        .map(|(account_id, source_servers)| AccountCapacity {
            account_id,
            source_servers,
            of: MOST_SOURCE_SERVERS,
        })
        .collect();
    accounts.sort_by_key(|it| (std::cmp::Reverse(it.source_servers), it.account_id.clone()));
    Capacity { places, accounts }
}
