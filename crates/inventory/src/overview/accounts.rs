//! Accounts × regions: what each account's servers amount to in each region, the worst first.

use std::collections::{BTreeMap, BTreeSet};

use model::RegionStatus;
use serde::Serialize;
use store::rows::ledger::PlaceEntry;

use super::Verdicts;
use crate::picture::Picture;

/// One account over all regions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountOverview {
    /// The account.
    pub account_id: String,
    /// Its servers by verdict, those of places that are not known as unknown.
    pub verdicts: Verdicts,
    /// Its regions with servers, and those that could not be read, by name.
    pub places: BTreeMap<String, PlaceOverview>,
}

/// One account in one region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceOverview {
    /// Its servers by verdict.
    pub verdicts: Verdicts,
    /// Whether what is known of it holds now.
    pub known: bool,
    /// What the last query ended as.
    pub status: String,
    /// Servers that replicate there; none where nobody counted them.
    pub replicating: Option<u64>,
}

/// From the entries of the ledger in regions with servers, and what is not known.
pub(super) fn accounts(
    entries: &[PlaceEntry],
    picture: &Picture,
    is_stale: bool,
) -> Vec<AccountOverview> {
    let unknown = Unknown::of(picture, is_stale);
    let mut accounts: BTreeMap<&str, AccountOverview> = BTreeMap::new();
    for entry in entries {
        let counted = Verdicts::of(&entry.counts);
        let servers = counted.total().max(entry.server_count);
        let known = !unknown.has(&entry.account_id, &entry.region)
            && entry.status == RegionStatus::Active.name();
        if servers == 0 && !(unknown.is_named(&entry.account_id, &entry.region)) {
            continue;
        }
        let verdicts = match known || servers == 0 {
            true => counted,
            false => Verdicts { unknown: servers, ..Verdicts::default() },
        };
        let account = accounts.entry(&entry.account_id).or_default();
        account.verdicts = account.verdicts.plus(verdicts);
        let replicating = known.then_some(entry.counts.replicating);
        let status = entry.status.clone();
        let place = PlaceOverview { verdicts, known, status, replicating };
        account.places.insert(entry.region.clone(), place);
    }
    let mut accounts: Vec<AccountOverview> = accounts
        .into_iter()
        .map(|(id, account)| AccountOverview { account_id: id.to_owned(), ..account })
        .collect();
    accounts.sort_by(|a, b| {
        let order = |it: &AccountOverview| (it.verdicts.order(), it.account_id.clone());
        order(a).cmp(&order(b))
    });
    accounts
}

/// What is not known, by account and region.
struct Unknown<'a> {
    everything: bool,
    accounts: BTreeSet<&'a str>,
    places: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Unknown<'a> {
    fn of(picture: &'a Picture, everything: bool) -> Self {
        let named = || {
            picture
                .not_known
                .iter()
                .filter_map(|it| Some((it.account_id.as_deref()?, it.region.as_deref())))
        };
        let accounts = named().filter(|(_, region)| region.is_none()).map(|(id, _)| id).collect();
        let places = named().filter_map(|(id, region)| Some((id, region?))).collect();
        Self { everything, accounts, places }
    }

    fn has(&self, account: &str, region: &str) -> bool {
        self.everything || self.accounts.contains(account) || self.is_named(account, region)
    }

    fn is_named(&self, account: &str, region: &str) -> bool {
        self.places.contains(&(account, region))
    }
}
