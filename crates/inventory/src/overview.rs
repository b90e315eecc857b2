//! One look at the whole installation: can we recover, what do we not know, what to do next.
//!
//! It is made of the rows of the region status, which hold what the rows of servers amount to, and of the
//! entries of the ledger that are in trouble. No row of a server is read.
//!
//! - `accounts`: accounts × regions.
//! - `next`: what to do next, the worst first.
//! - `beside`: drills that still run, and what nothing protects.

mod accounts;
mod beside;
mod next;

use model::lag::LagClass;
use model::readiness::{UNKNOWN, Verdict};
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::Duration;
use store::rows::Counts;
use store::rows::ledger::PlaceEntry;
use store::tables::{DrsRegionStatusTable, get_drs_region_status_table};
use store::{Item, QueryError, Store};
use sync::roll_up::RegionRow;
use sync::time::age;

use model::environment::ConfigError;

use crate::capacity::{Capacity, capacity_of};
use crate::picture::{
    Freshness, NotKnown, Picture, PictureTables, Why, entries_of_regions, query_regions,
    read_picture,
};

pub use accounts::{AccountOverview, PlaceOverview};
pub use beside::{Beside, RunningDrills};
pub use next::NextStep;

/// Accounts and regions whose use of what DRS allows an overview names.
const MOST_FULL: usize = 10;

/// The tables that an overview is made of.
#[derive(Debug, Clone)]
pub struct OverviewTables {
    /// What is not known.
    pub picture: PictureTables,
    /// What the rows amount to.
    pub regions: DrsRegionStatusTable,
}

impl OverviewTables {
    /// The tables of `store`.
    ///
    /// # Errors
    /// The variable that names one of them is not set.
    pub fn of(store: &Store) -> Result<Self, ConfigError> {
        let picture = PictureTables::of(store)?;
        Ok(Self { picture, regions: get_drs_region_status_table(store)? })
    }
}

/// The whole installation.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// As of when, and what is not known.
    pub picture: Picture,
    /// Servers by verdict, all four, `UNKNOWN` among them.
    pub verdicts: Verdicts,
    /// What the rows of servers of known places amount to.
    pub counts: Counts,
    /// Pairs of account and region that were asked at some time.
    pub places: u64,
    /// Those of which what is known holds now.
    pub places_known: u64,
    /// Instances of drills that still run, and what nothing protects.
    pub beside: Beside,
    /// The fullest accounts and regions.
    pub capacity: Capacity,
    /// What to do next, the worst first.
    pub next: Vec<NextStep>,
    /// The regions with servers, the worst first.
    pub regions: Vec<RegionOverview>,
    /// The accounts with servers in these regions, the worst first.
    pub accounts: Vec<AccountOverview>,
}

/// Servers by verdict. They always add up to the servers that should be there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdicts {
    /// Can be recovered within the objective.
    pub ready: u64,
    /// May not go as expected.
    pub at_risk: u64,
    /// Cannot be recovered to a state of now, those that DRS no longer lists among them.
    pub not_ready: u64,
    /// Of which nothing is known now.
    pub unknown: u64,
}

impl Verdicts {
    /// Of counts, rows of servers that DRS no longer lists among them.
    pub fn of(counts: &Counts) -> Self {
        let verdicts = counts.by_verdict();
        Self {
            ready: verdicts.of(Verdict::Ready.name()),
            at_risk: verdicts.of(Verdict::AtRisk.name()),
            not_ready: verdicts.of(Verdict::NotReady.name()),
            unknown: verdicts.of(UNKNOWN),
        }
    }

    /// All servers.
    pub fn total(&self) -> u64 {
        self.ready + self.at_risk + self.not_ready + self.unknown
    }

    /// These and others.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            ready: self.ready + other.ready,
            at_risk: self.at_risk + other.at_risk,
            not_ready: self.not_ready + other.not_ready,
            unknown: self.unknown + other.unknown,
        }
    }

    /// The worst and least known first.
    fn order(self) -> std::cmp::Reverse<[u64; 4]> {
        std::cmp::Reverse([self.not_ready, self.unknown, self.at_risk, self.ready])
    }
}

/// One region over all accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegionOverview {
    /// As in `us-east-1`.
    pub region: String,
    /// Its servers by verdict.
    pub verdicts: Verdicts,
    /// Accounts that were asked there.
    pub accounts_asked: u64,
    /// Of these, those that could not be read.
    pub accounts_failed: u64,
}

/// Reads the overview.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn read_overview(
    tables: &OverviewTables,
    freshness: &Freshness,
) -> Result<Overview, QueryError> {
    let (picture, rows) = futures::try_join!(
        Box::pin(read_picture(&tables.picture, freshness)),
        Box::pin(query_regions(&tables.regions, None)),
    )?;
    let regions: Vec<RegionRow> = rows.into_iter().map(region_row).collect();
    let is_stale = picture.not_known.iter().any(of_everything);
    let mut overview = Overview { picture, ..Overview::default() };
    for region in &regions {
        overview.add(region, is_stale);
    }
    overview.verdicts = Verdicts::of(&overview.counts);
    overview.regions.sort_by(|a, b| a.order().cmp(&b.order()));
    overview.count_places(regions.len() as u64);
    let names: Vec<&str> = regions.iter().map(|region| region.region.as_str()).collect();
    let in_use = regions.iter().filter(|region| region.server_count > 0);
    let in_use: Vec<String> = in_use.map(|region| region.region.clone()).collect();
    let ledger = &tables.picture.ledger;
    let places = Box::pin(entries_of_regions(ledger, in_use));
    let beside = Box::pin(beside::read(ledger, &names));
    let (places, beside) = futures::try_join!(places, beside)?;
    overview.beside = beside;
    overview.capacity = fullest(capacity_of(&places));
    let entries = places.into_iter().filter_map(|item| serde_dynamo::from_item(item).ok());
    let entries: Vec<PlaceEntry> = entries.collect();
    if !is_stale {
        overview.next = next::steps(&regions, &entries);
    }
    overview.accounts = accounts::accounts(&entries, &overview.picture, is_stale);
    Ok(overview)
}

fn fullest(mut capacity: Capacity) -> Capacity {
    capacity.places.truncate(MOST_FULL);
    capacity.accounts.truncate(MOST_FULL);
    capacity
}

/// A row of the legacy sync, or of an earlier version, says nothing of its servers but how many there
/// are.
fn region_row(row: Item) -> RegionRow {
    let is_rolled_up = row.contains_key("counts");
    let mut region: RegionRow = serde_dynamo::from_item(row).unwrap_or_default();
    if !is_rolled_up {
        region.counts.add_unknown(region.server_count);
    }
    region
}

/// Where no sync has ended for too long, or none ever did, nothing is known of any server.
fn of_everything(not_known: &NotKnown) -> bool {
    not_known.account_id.is_none() && matches!(not_known.why, Why::Stale | Why::NoSync)
}

impl Overview {
    fn add(&mut self, row: &RegionRow, is_stale: bool) {
        let counts = if is_stale { all_unknown(&row.counts) } else { row.counts.clone() };
        let verdicts = Verdicts::of(&counts);
        self.counts.merge(&counts);
        self.places += row.accounts_asked;
        if verdicts.total() > 0 || row.accounts_failed > 0 {
            self.regions.push(RegionOverview {
                region: row.region.clone(),
                verdicts,
                accounts_asked: row.accounts_asked,
                accounts_failed: row.accounts_failed,
            });
        }
    }

    /// An account that is not known as a whole counts with every region.
    fn count_places(&mut self, regions: u64) {
        let mut unknown = 0;
        for it in &self.picture.not_known {
            match (&it.account_id, &it.region) {
                (Some(_), Some(_)) => unknown += 1,
                (Some(_), None) => {
                    unknown += regions;
                    // One that never was read has no entries yet.
                    self.places += if it.last_success.is_none() { regions } else { 0 };
                }
                (None, _) => {}
            }
        }
        let everything = self.picture.not_known.iter().any(of_everything);
        self.places_known = if everything { 0 } else { self.places.saturating_sub(unknown) };
    }

    /// Servers whose lag is above the objective.
    pub fn over_rpo(&self) -> u64 {
        let above = [LagClass::Twice, LagClass::FourTimes, LagClass::More];
        above.iter().map(|class| self.counts.lag.of(class.name())).sum()
    }

    /// Accounts of which something has not been known for longer than an answer may be old.
    pub fn accounts_stale(&self, freshness: &Freshness) -> u64 {
        let is_stale = |it: &&NotKnown| match it.why {
            Why::Stale | Why::NeverAsked | Why::NeverRead => true,
            Why::NoSync | Why::CutShort | Why::NotStored | Why::NoPlace | Why::NeverAdded => false,
            Why::NotEntered | Why::Failed | Why::NotRead => {
                let last = it.last_success.as_deref().or(it.since.as_deref());
                freshness.is_stale(last, 1)
            }
        };
        let accounts = self.picture.not_known.iter().filter(is_stale);
        let accounts: BTreeSet<&String> =
            accounts.filter_map(|it| it.account_id.as_ref()).collect();
        accounts.len() as u64
    }

    /// How long ago the place was read that was read longest ago, as far as anybody knows; none where
    /// no sync has ended.
    pub fn oldest_success_age(&self, freshness: &Freshness) -> Option<Duration> {
        // One that was never added was never read, however long ago somebody found it.
        let failing = self.picture.not_known.iter().filter(|it| it.why != Why::NeverAdded);
        let failing = failing.filter_map(|it| it.last_success.as_deref().or(it.since.as_deref()));
        let times = failing.chain(self.picture.as_of.as_deref());
        let ages = times.filter_map(|time| age(Some(time), freshness.now));
        ages.max().map(|age| age.unsigned_abs())
    }

    /// Whether every server can be recovered, and nothing is unknown.
    pub fn is_proven(&self) -> bool {
        let Verdicts { at_risk, not_ready, unknown, .. } = self.verdicts;
        at_risk + not_ready + unknown == 0 && self.picture.is_complete()
    }

    /// As JSON.
    pub fn to_json(&self) -> serde_json::Value {
        let Self {
            picture,
            verdicts,
            counts,
            places,
            places_known,
            beside,
            capacity,
            next,
            regions,
            accounts: _,
        } = self;
        serde_json::json!({
            "asOf": picture.as_of,
            "proven": self.is_proven(),
            "complete": picture.is_complete(),
            "verdicts": verdicts,
            "servers": verdicts.total(),
            "reasons": counts.reasons,
            "lag": counts.lag,
            "drills": counts.drills,
            "drillAges": counts.drill_ages,
            "extended": counts.extended,
            "overRpo": self.over_rpo(),
            "unprotected": beside.unprotected,
            "drillsRunning": beside.drills,
            "noLongerListed": counts.missing(),
            "capacity": capacity,
            "places": places,
            "placesKnown": places_known,
            "next": next,
            "regions": regions,
            "notKnown": picture.not_known,
            "removalsHeld": picture.removals_held,
        })
    }
}

fn all_unknown(counts: &Counts) -> Counts {
    let mut unknown = Counts { not_held: counts.not_held, ..Counts::default() };
    unknown.add_unknown(Verdicts::of(counts).total());
    unknown
}

impl RegionOverview {
    /// The worst first.
    fn order(&self) -> (std::cmp::Reverse<[u64; 4]>, &str) {
        (self.verdicts.order(), &self.region)
    }
}
