//! What the units of 30 days cost, at the sizes and prices of `docs/prices.json`.
//!
//! The same syncs are counted at two sizes. A line through both gives any other: what a sync consumes
//! grows with the number of accounts, and with nothing else.

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::amount::Amount;
use super::{Counted, Kind, Mode};
use crate::bars::{Bar, Promise};
use crate::shape::Shape;

pub(crate) const SYNC_EVERY_MINUTES: u64 = 5;
/// `ROW_REFRESH_MINUTES`, and the dollars of [`FLEET`] in 30 days at most.
const REFRESH: [(u64, f64); 2] = [(360, 180.0), (60, 500.0)];
/// Accounts of the bars.
const FLEET: usize = 900;
const MINUTES: f64 = 30.0 * 24.0 * 60.0;
/// A region without servers is asked again after so many. `DISCOVERY_INTERVAL_MINUTES`.
const DISCOVERY_MINUTES: f64 = 60.0;

/// What `docs/scaling.py` calculates with, too.
#[derive(Debug, Deserialize)]
struct Shared {
    prices: Prices,
    fleet: Fleet,
}

#[derive(Debug, Deserialize)]
struct Prices {
    #[serde(rename = "write unit")]
    write: f64,
    #[serde(rename = "read unit")]
    read: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fleet {
    servers_of_an_account: usize,
    active_regions: usize,
    accounts: Vec<usize>,
}

fn shared() -> anyhow::Result<Shared> {
    serde_json::from_str(include_str!("../../../../docs/prices.json")).context("docs/prices.json")
}

/// The worlds in which the syncs are counted: accounts of the fleet, few and more.
pub(crate) fn shapes(few: usize, more: usize) -> anyhow::Result<[Shape; 2]> {
    let Fleet { servers_of_an_account, active_regions, .. } = shared()?.fleet;
    Ok([few, more].map(|accounts| Shape::new(accounts, active_regions, servers_of_an_account)))
}

/// The syncs that a month is made of, at one number of accounts.
#[derive(Debug, Clone, Copy)]
struct Syncs {
    /// An ordinary one: 1 % changed since the one before.
    ordinary: Amount,
    /// What it takes more to ask all regions.
    discovery: Amount,
    /// What it takes more to write all rows again, in that sync and in the two that follow.
    refresh: Amount,
}

impl Syncs {
    fn of(counted: &Counted) -> anyhow::Result<Self> {
        let of = |kind| {
            let counts = counted.of(kind).with_context(|| format!("{kind} was not counted"));
            counts.map(Amount::of)
        };
        let unchanged = of(Kind::Unchanged)?;
        let followed = of(Kind::AfterRefresh)? + of(Kind::LaterAfterRefresh)? - unchanged * 2.0;
        Ok(Self {
            ordinary: of(Kind::OnePercent)?,
            discovery: of(Kind::Discovery)? - unchanged,
            refresh: of(Kind::Refresh)? - of(Kind::Discovery)? + followed,
        })
    }

    fn month(self, refresh_minutes: u64) -> Amount {
        self.ordinary * (MINUTES / SYNC_EVERY_MINUTES as f64)
            + self.discovery * (MINUTES / DISCOVERY_MINUTES)
            + self.refresh * refreshes(refresh_minutes)
    }
}

/// How often a row is written again in 30 days, the mean over all places: each has its own share of the
/// second interval, and a sync must come by.
fn refreshes(refresh_minutes: u64) -> f64 {
    const SHARES: u32 = 1000;
    let every = SYNC_EVERY_MINUTES as f64;
    let times = |share: u32| {
        let after = refresh_minutes as f64 * (1.0 + f64::from(share) / f64::from(SHARES));
        MINUTES / ((after / every).ceil().max(1.0) * every)
    };
    (0..SHARES).map(times).sum::<f64>() / f64::from(SHARES)
}

/// Dollars of a fleet in 30 days.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Month {
    pub(crate) accounts: usize,
    pub(crate) servers: usize,
    pub(crate) mode: Mode,
    pub(crate) refresh_minutes: u64,
    pub(crate) tables: f64,
    pub(crate) indexes: f64,
    pub(crate) reads: f64,
}

impl Month {
    pub(crate) fn all(&self) -> f64 {
        self.tables + self.indexes + self.reads
    }
}

/// All sizes by one mode that was counted at two sizes.
pub(crate) fn months(few: &Counted, more: &Counted) -> anyhow::Result<Vec<Month>> {
    let Shared { prices, fleet } = shared()?;
    let (at_few, at_more) = (Syncs::of(few)?, Syncs::of(more)?);
    let mut sizes = fleet.accounts;
    if !sizes.contains(&FLEET) {
        sizes.push(FLEET);
        sizes.sort_unstable();
    }
    let month = |refresh_minutes, accounts| {
        let amounts = [at_few, at_more].map(|syncs| syncs.month(refresh_minutes));
        let units = line([few.accounts, more.accounts], amounts, accounts);
        Month {
            accounts,
            servers: accounts * fleet.servers_of_an_account,
            mode: few.mode,
            refresh_minutes,
            tables: units.tables * prices.write,
            indexes: units.indexes * prices.write,
            reads: units.reads * prices.read,
        }
    };
    let by_refresh = |(minutes, _)| sizes.iter().map(move |accounts| month(minutes, *accounts));
    Ok(REFRESH.into_iter().flat_map(by_refresh).collect())
}

/// Where a line through two points is at a third.
fn line([few, more]: [usize; 2], [at_few, at_more]: [Amount; 2], accounts: usize) -> Amount {
    let way = (accounts as f64 - few as f64) / (more as f64 - few as f64);
    at_few + (at_more - at_few) * way
}

/// The bars, whether they were counted or not.
pub(crate) fn promised(months: &[Month]) -> Vec<Promise> {
    let mut promises = Vec::new();
    for mode in [Mode::Function, Mode::StateMachine] {
        for (minutes, most) in REFRESH {
            let name = format!(
                "dollars of units in 30 days, {FLEET} accounts synced by {mode} every {SYNC_EVERY_MINUTES} \
                 minutes, 1 % changed, ROW_REFRESH_MINUTES={minutes}:"
            );
            let month = months.iter().find(|month| {
                (month.accounts, month.mode, month.refresh_minutes) == (FLEET, mode, minutes)
            });
            let bar = month.map(|month| Bar::at_most(&name, month.all(), most, ""));
            promises.push((name, bar));
        }
    }
    promises
}

#[cfg(test)]
mod tests {
    use super::super::{Counts, Rows, Units};
    use super::*;
    use crate::calls::Calls;

    fn counts(sync: Kind, table: f64, index: f64, read: f64) -> Counts {
        let units = |index: Option<&str>, read, write| Units {
            operation: "PutItem".to_owned(),
            table: "source-server-inventory".to_owned(),
            index: index.map(str::to_owned),
            read,
            write,
        };
        Counts {
            sync,
            rows: Rows::default(),
            calls: Calls::default(),
            cpu_seconds: None,
            finish_cpu_seconds: None,
            units: vec![units(None, read, table), units(Some("ListingIndex"), 0.0, index)],
        }
    }

    /// A unit for all accounts, and of each account one of each sync and a hundred of a refresh.
    fn counted(accounts: u32) -> Counted {
        let n = f64::from(accounts);
        Counted {
            world: String::new(),
            mode: Mode::Function,
            servers: 100 * accounts as usize,
            places: 2 * accounts as usize,
            accounts: accounts as usize,
            syncs: vec![
                counts(Kind::Unchanged, 1.0 + n, 0.0, n),
                counts(Kind::OnePercent, 1.0 + 2.0 * n, n, n),
                counts(Kind::Discovery, 1.0 + 4.0 * n, 0.0, n),
                counts(Kind::Refresh, 1.0 + 104.0 * n, 300.0 * n, n),
                counts(Kind::AfterRefresh, 1.0 + n, 0.0, 6.0 * n),
                counts(Kind::LaterAfterRefresh, 1.0 + n, 0.0, n),
            ],
        }
    }

    #[test]
    fn a_month_is_its_syncs_its_discoveries_and_its_refreshes() {
        let Syncs { ordinary, discovery, refresh } = Syncs::of(&counted(10)).unwrap();
        assert_eq!(ordinary, Amount { tables: 21.0, indexes: 10.0, reads: 10.0 });
        assert_eq!(discovery, Amount { tables: 30.0, indexes: 0.0, reads: 0.0 });
        assert_eq!(refresh, Amount { tables: 1000.0, indexes: 3000.0, reads: 50.0 });
        let month = Syncs { ordinary, discovery, refresh }.month(360);
        let tables = 8640.0 * 21.0 + 720.0 * 30.0 + refreshes(360) * 1000.0;
        assert!((month.tables - tables).abs() < 1e-6);
    }

    #[test]
    fn rows_are_written_again_between_one_and_two_intervals_and_at_every_sync_with_zero() {
        let times = refreshes(360);
        // 43,200 minutes over the mean of 360 to 720, as 1/x has it: by the logarithm of 2.
        assert!((times - 120.0 * std::f64::consts::LN_2).abs() < 1.0, "{times}");
        assert!(refreshes(60) > 5.0 * times);
        assert_eq!(refreshes(0), 8640.0);
    }

    #[test]
    fn two_sizes_tell_every_other_and_the_bars_are_those_of_the_fleet() {
        let months = months(&counted(2), &counted(10)).unwrap();
        let direct = months.iter().find(|it| it.accounts == 100 && it.refresh_minutes == 60);
        let units = Syncs::of(&counted(100)).unwrap().month(60);
        let prices = shared().unwrap().prices;
        assert!((direct.unwrap().tables - units.tables * prices.write).abs() < 1e-6);
        assert!((direct.unwrap().reads - units.reads * prices.read).abs() < 1e-6);
        let bars = promised(&months);
        assert_eq!(bars.len(), 4);
        assert_eq!(bars.iter().filter(|(_, bar)| bar.is_some()).count(), 2);
    }
}
