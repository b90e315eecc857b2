//! DRS in each region of an account.

use std::collections::{BTreeMap, BTreeSet};

use aws::AccountSession;
use futures::StreamExt;
use jiff::Timestamp;
use model::readiness::replicates;
use model::region::{all_regions, is_on_by_default};
use model::{Failure, RegionStatus};
use serde::Serialize;
use store::rows::ledger::PlaceEntry;
use sync::drs::{RegionAnswer, query_drs_all_regions};
use sync::ledger::is_incomplete;
use sync::pace::Pace;
use sync::time::iso;

use super::checker::Checker;
use super::mend::Mend;
use super::step::Step;
use crate::words::count;

pub(super) const DRS: &str = "drs:DescribeSourceServers";

/// What one region answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegionCheck {
    /// As in `us-east-1`.
    pub region: String,
    /// One of the names of `RegionStatus`.
    pub status: &'static str,
    /// Whether the account has enabled the region; none where nobody may ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Servers that DRS lists; none where it did not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servers: Option<u64>,
    /// Of these, those that count against the quota of 300.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicating: Option<u64>,
}

/// What DRS said in every region.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) regions: Vec<RegionCheck>,
    /// Accounts that hold the disks of its servers.
    pub(super) staging_accounts: BTreeSet<String>,
    failures: BTreeMap<String, Failure>,
}

/// Those that a sync asks: the list, and where the ledger knows servers.
pub(super) async fn ask_regions(
    checker: &Checker<'_>,
    session: &AccountSession,
    known: Option<&BTreeMap<String, PlaceEntry>>,
) -> Asked {
    let mut regions = all_regions(checker.settings.regions.as_deref(), &session.partition);
    let with_servers = known.into_iter().flatten().filter(|(region, entry)| {
        entry.server_count + entry.counts.missing() > 0 && !regions.contains(region)
    });
    let with_servers: Vec<String> = with_servers.map(|(region, _)| region.clone()).collect();
    regions.extend(with_servers);
    let pace = Pace {
        calls_per_second: checker.settings.limits.calls_per_second,
        ..Pace::of(checker.settings.limits.regions)
    };
    let clock = aws_smithy_async::time::SharedTimeSource::default();
    let mut answers = query_drs_all_regions(checker.aws, session, &regions, (&pace, &clock));
    let mut asked = Asked::default();
    while let Some(answer) = answers.next().await {
        asked.add(answer);
    }
    asked.regions.sort_by(|a, b| a.region.cmp(&b.region));
    asked
}

impl Asked {
    fn add(&mut self, answer: RegionAnswer) {
        let RegionAnswer { region, result, .. } = answer;
        let (status, listing) = match result {
            Ok(listing) => (RegionStatus::Active, Some(listing)),
            Err(failure) => {
                let status = failure.status;
                self.failures.insert(region.clone(), failure);
                (status, None)
            }
        };
        let servers = listing.iter().flat_map(|listing| &listing.servers);
        let staging = servers.clone().map(|server| server.staging_account().to_owned());
        self.staging_accounts.extend(staging.filter(|id| !id.is_empty()));
        let replicating = servers.filter(|server| replicates(server)).count() as u64;
        self.regions.push(RegionCheck {
            region,
            status: status.name(),
            enabled: None,
            servers: listing.as_ref().map(|it| (it.servers.len() + it.unreadable.len()) as u64),
            replicating: listing.as_ref().map(|_| replicating),
        });
    }

    /// Where EC2 can be asked: a region that DRS answered from, else one that is on in every account. A
    /// region that is not enabled would refuse EC2, too, and say nothing of the role.
    pub(super) fn one_to_ask(&self) -> Option<&str> {
        let in_order = [
            |it: &RegionCheck| it.servers.is_some(),
            |it: &RegionCheck| it.status == RegionStatus::NotInitialized.name(),
            |it: &RegionCheck| is_on_by_default(&it.region),
        ];
        let regions = in_order.iter().find_map(|fits| self.regions.iter().find(|it| fits(it)));
        regions.map(|it| it.region.as_str())
    }

    /// Whether DRS answered from every region that the account uses.
    pub(super) fn is_whole(&self) -> bool {
        self.failures.values().all(|failure| failure.status.is_not_in_use())
    }

    /// `known` is what the ledger has of the account: where it knows servers, a region cannot be out of use.
    pub(super) fn step(&self, known: &BTreeMap<String, PlaceEntry>, mend: &Mend<'_>) -> Step {
        let now = iso(Timestamp::now());
        let mut by_cause: BTreeMap<(&str, &str), (Vec<&str>, &Failure)> = BTreeMap::new();
        for (region, failure) in &self.failures {
            if is_incomplete(failure.status, known.get(region), &now) {
                let cause = (failure.status.name(), failure.code.as_str());
                by_cause.entry(cause).or_insert((Vec::new(), failure)).0.push(region);
            }
        }
        if by_cause.is_empty() {
            return Step::ok(DRS, self.in_words());
        }
        let (mut found, mut changes) = (Vec::new(), Vec::new());
        for (regions, failure) in by_cause.into_values() {
            let (places, message) = (regions.join(", "), &failure.message);
            found.push(format!("{places}: {}, {message}", failure.status.name()));
            changes.push(change(failure, &places, mend));
        }
        Step::failed(DRS, found.join("; "), changes.join("; "))
    }

    /// As in `12 servers in 1 of 34 regions; 30 NOT_INITIALIZED, 3 SCP_DENIED`.
    fn in_words(&self) -> String {
        let active = self.regions.iter().filter(|it| it.servers.is_some());
        let servers: u64 = active.clone().filter_map(|it| it.servers).sum();
        let mut others: BTreeMap<&str, usize> = BTreeMap::new();
        for it in self.regions.iter().filter(|it| it.servers.is_none()) {
            *others.entry(it.status).or_default() += 1;
        }
        let others: Vec<String> =
            others.into_iter().map(|(status, count)| format!("{count} {status}")).collect();
        let (regions, servers) = (active.count(), count(servers, "server"));
        let head = format!("{servers} in {regions} of {} regions", self.regions.len());
        if others.is_empty() { head } else { format!("{head}; {}", others.join(", ")) }
    }
}

fn change(failure: &Failure, regions: &str, mend: &Mend<'_>) -> String {
    let account = mend.account_id;
    match failure.status {
        RegionStatus::IamPermissionDenied => mend.policy(),
        RegionStatus::ScpDenied => format!(
            "let the administrators of the organization allow drs:DescribeSourceServers to {} in {regions}: a service control policy denies it",
            mend.role_arn
        ),
        RegionStatus::RegionNotEnabled | RegionStatus::RegionNotOptedIn => format!(
            "enable {regions} in account {account}, where servers are known; or, if it is closed for good, run drs-inventory regions acknowledge {account} REGION --until … --because …"
        ),
        RegionStatus::NotInitialized => format!(
            "initialise DRS in {regions} of account {account}, where servers are known; or let them go by drs-inventory removals approve"
        ),
        RegionStatus::Active
        | RegionStatus::Throttled
        | RegionStatus::EndpointUnreachable
        | RegionStatus::Error => failure.advice.clone(),
    }
}
