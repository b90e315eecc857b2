//! What to do next: the worst first, then the most servers.

use std::cmp::Reverse;

use model::readiness::{Level, ReasonCode};
use serde::Serialize;
use store::rows::ledger::PlaceEntry;
use sync::roll_up::RegionRow;

/// Steps that are named.
const MOST_STEPS: usize = 8;

/// Something to do, for all servers of a region with the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NextStep {
    /// As in `AGENT_NOT_SEEN`.
    pub code: &'static str,
    /// As in `AT_RISK`.
    pub level: Level,
    /// Servers with this reason.
    pub servers: u64,
    /// Their region.
    pub region: String,
    /// The account that has the most of them; none where the index of accounts does not tell yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Accounts that have some of them.
    pub accounts: usize,
    /// What to do.
    pub what_to_do: &'static str,
}

/// The first steps, by the rows of regions and the entries of accounts in them.
pub(super) fn steps(regions: &[RegionRow], entries: &[PlaceEntry]) -> Vec<NextStep> {
    let of_code = |code: ReasonCode| {
        regions.iter().filter_map(move |row| {
            let servers = row.counts.reasons.of(code.name());
            (servers > 0).then_some((code, row.region.as_str(), servers))
        })
    };
    let mut worst: Vec<(ReasonCode, &str, u64)> =
        ReasonCode::ALL.iter().copied().flat_map(of_code).collect();
    worst.sort_by_key(|(code, region, servers)| {
        (Reverse(code.level()), Reverse(*servers), code.name(), *region)
    });
    let named = worst.into_iter().take(MOST_STEPS);
    named.map(|(code, region, servers)| step(entries, code, region, servers)).collect()
}

fn step(entries: &[PlaceEntry], code: ReasonCode, region: &str, servers: u64) -> NextStep {
    let in_region = entries.iter().filter(|entry| entry.region == region);
    let with_some = in_region.filter_map(|entry| {
        let servers = entry.counts.reasons.of(code.name());
        (servers > 0).then_some((servers, entry.account_id.as_str()))
    });
    let mut accounts: Vec<(u64, &str)> = with_some.collect();
    accounts.sort_by_key(|(servers, account)| (Reverse(*servers), *account));
    NextStep {
        code: code.name(),
        level: code.level(),
        servers,
        region: region.to_owned(),
        accounts: accounts.len(),
        account_id: accounts.first().map(|(_, account)| (*account).to_owned()),
        what_to_do: code.what_to_do(),
    }
}
