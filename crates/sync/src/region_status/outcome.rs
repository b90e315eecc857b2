//! What came of one account in one region. Its entry in the region's row, the report and, through
//! that, the exit code are made from it.

use std::collections::{BTreeMap, HashSet};

use model::{Failure, RegionStatus, SourceServer};

use crate::drs::{RegionAnswer, RegionListing};

/// What came of asking one account in one region: how many servers, or why none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionOutcome {
    /// The account.
    pub account_id: String,
    /// The region.
    pub region: String,
    /// Distinct servers that DRS listed, those that cannot be read among them.
    pub result: Result<u64, Failure>,
    /// One for each server that is listed and cannot be read.
    pub unreadable: Vec<Failure>,
    /// Whether servers of the account were known there before.
    pub servers_known: bool,
}

impl RegionOutcome {
    /// What `answer` says of an account.
    pub(crate) fn of(account_id: &str, answer: &RegionAnswer, servers_known: bool) -> Self {
        let RegionAnswer { region, result } = answer;
        let unreadable = result.iter().flat_map(|listing| &listing.unreadable);
        Self {
            account_id: account_id.to_owned(),
            region: region.clone(),
            result: result.as_ref().map(count_distinct).map_err(Clone::clone),
            unreadable: unreadable.cloned().collect(),
            servers_known,
        }
    }

    /// The failure that may hide servers, if there is one.
    pub(crate) fn hiding(&self) -> Option<&Failure> {
        let failure = self.result.as_ref().err();
        failure.filter(|failure| hides_servers(failure.status, self.servers_known))
    }
}

/// Whether a failed region hides servers: its status says so, or the region is not in use but
/// servers of the account are known there.
pub(super) fn hides_servers(status: RegionStatus, servers_known: bool) -> bool {
    !status.is_not_in_use() || servers_known
}

/// Each ARN once, and each server without one. One that cannot be read is there all the same.
fn count_distinct(listing: &RegionListing) -> u64 {
    let servers = &listing.servers;
    let arns: HashSet<&str> = servers.iter().filter_map(SourceServer::arn).collect();
    let without_arn = servers.iter().filter(|server| server.arn().is_none()).count();
    (arns.len() + without_arn + listing.unreadable.len()) as u64
}

pub(super) fn by_region(outcomes: Vec<RegionOutcome>) -> BTreeMap<String, Vec<RegionOutcome>> {
    let mut regions: BTreeMap<String, Vec<RegionOutcome>> = BTreeMap::new();
    for outcome in outcomes {
        regions.entry(outcome.region.clone()).or_default().push(outcome);
    }
    regions
}
