//! What syncs consume on DynamoDB: read and write units by operation, table and index, from the store's
//! own record.
//!
//! - `lab`: store and sync in this process, and a clock that is moved. `apart`: simulated AWS beside them.
//! - `steps`: which syncs, in which order.
//! - [`bars`]: what must hold.
//! - [`dollars`]: what 30 days come to. `amount`: units added up.
//! - [`render`]: what is shown.

mod amount;
mod apart;
pub(crate) mod bars;
pub(crate) mod dollars;
mod lab;
pub(crate) mod render;
mod steps;

use embedded::Consumed;
use serde::Serialize;

use crate::calls::Calls;
use crate::shape::Shape;
use lab::{Lab, Synced, Watch};
pub(crate) use steps::{Kind, Mode};
use steps::{MONTH, SHORT, Step};

/// The world where none is given: 30,000 servers.
pub(crate) const SHAPE: Shape = Shape::new(100, 3, 300);
/// The syncs of a world.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counted {
    world: String,
    mode: Mode,
    servers: usize,
    /// Pairs of account and region with servers.
    places: usize,
    accounts: usize,
    syncs: Vec<Counts>,
}

/// Rows of servers that one sync listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Rows {
    written: usize,
    unchanged: usize,
}

/// What one sync did, and consumed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    sync: Kind,
    rows: Rows,
    calls: Calls,
    /// None where the system does not tell.
    cpu_seconds: Option<f64>,
    /// Of the call that ends a sync of many calls.
    finish_cpu_seconds: Option<f64>,
    /// Nothing where the store did not count.
    units: Vec<Units>,
}

/// Units of one operation in one table or index.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Units {
    operation: String,
    table: String,
    index: Option<String>,
    read: f64,
    write: f64,
}

impl From<Consumed> for Units {
    fn from(consumed: Consumed) -> Self {
        let Consumed { operation, table, index, read, write } = consumed;
        Self { operation, table, index, read, write }
    }
}

impl Counts {
    fn of(sync: Kind, synced: Synced) -> Self {
        let Synced { rows, units, calls, cpu_seconds, finish_cpu_seconds } = synced;
        let units = units.into_iter().map(Units::from).collect();
        Self { sync, rows, calls, cpu_seconds, finish_cpu_seconds, units }
    }

    fn read(&self) -> f64 {
        self.units.iter().map(|units| units.read).sum()
    }

    fn written(&self) -> f64 {
        self.units.iter().map(|units| units.write).sum()
    }

    /// In the table and its indexes.
    fn written_to(&self, table: &str) -> f64 {
        self.units.iter().filter(|units| units.table == table).map(|units| units.write).sum()
    }
}

impl Counted {
    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    fn of(&self, kind: Kind) -> Option<&Counts> {
        self.syncs.iter().find(|counts| counts.sync == kind)
    }
}

/// Syncs the world three times in one call each, and counts.
///
/// # Errors
/// A sync fails, or is not complete: its units would be those of less work.
pub(crate) async fn count(shape: Shape, seed: u64, tell: &dyn Fn(&str)) -> anyhow::Result<Counted> {
    run(shape, seed, (Mode::Function, Watch::Units, &SHORT), tell).await
}

/// Everything that a month is made of, counted. Errors as of [`count`].
pub(crate) async fn count_month(
    shape: Shape,
    seed: u64,
    mode: Mode,
    tell: &dyn Fn(&str),
) -> anyhow::Result<Counted> {
    run(shape, seed, (mode, Watch::Units, &MONTH), tell).await
}

/// Three syncs with a call for each account, timed and not counted. Errors as of [`count`].
pub(crate) async fn time_state_machine(
    shape: Shape,
    seed: u64,
    tell: &dyn Fn(&str),
) -> anyhow::Result<Counted> {
    run(shape, seed, (Mode::StateMachine, Watch::Nothing, &SHORT), tell).await
}

async fn run(
    shape: Shape,
    seed: u64,
    (mode, watch, steps): (Mode, Watch, &[Step]),
    tell: &dyn Fn(&str),
) -> anyhow::Result<Counted> {
    tell(&format!("{shape}: making the world"));
    let mut lab = Lab::of(shape, seed, watch).await?;
    let mut syncs = Vec::new();
    for Step(kind, wait, change) in steps {
        lab.wait(*wait);
        tell(&format!("{shape} by {mode}: {kind}"));
        let synced = lab.sync(mode, *change).await?;
        if *kind != Kind::Between {
            syncs.push(Counts::of(*kind, synced));
        }
    }
    let with_servers = shape.servers_by_region().filter(|(_, servers)| *servers > 0).count();
    Ok(Counted {
        world: shape.to_string(),
        mode,
        servers: shape.all_servers(),
        places: with_servers * shape.accounts,
        accounts: shape.accounts,
        syncs,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(counted: &Counted) -> Vec<(usize, usize)> {
        counted.syncs.iter().map(|it| (it.rows.written, it.rows.unchanged)).collect()
    }

    #[tokio::test]
    async fn a_small_world_holds_and_its_table_says_what_was_counted() {
        let counted = count(Shape::new(3, 2, 50), 1, &|_| {}).await.unwrap();
        assert!(bars::bars(&counted).iter().all(|bar| bar.holds), "{:?}", bars::bars(&counted));
        assert_eq!(rows(&counted), [(150, 0), (0, 150), (2, 148)]);
        assert!(counted.syncs[0].written_to("source-server-inventory") >= 150.0);
        // Each server that changed twice, with its verdict, and the summary of the sync; in the table and
        // in its index.
        assert_eq!(counted.syncs[2].written_to("inventory-changes"), 10.0);
        let table = render::table(&counted);
        assert!(table.contains("| 1 % changed | BatchWriteItem |"), "{table}");
    }

    #[tokio::test]
    async fn a_month_has_every_kind_of_sync_in_both_modes() {
        for mode in [Mode::Function, Mode::StateMachine] {
            let counted = count_month(Shape::new(2, 2, 50), 1, mode, &|_| {}).await.unwrap();
            let unchanged = (0, 100);
            let all = (100, 0);
            let expected =
                [all, unchanged, (20, 80), (1, 99), unchanged, all, unchanged, unchanged];
            assert_eq!(rows(&counted), expected, "{mode}");
            let calls = |kind| counted.of(kind).map(|counts| counts.calls.drs);
            // Two active regions of two accounts; or all of the built-in list.
            assert_eq!(calls(Kind::Unchanged), Some(4));
            assert_eq!(calls(Kind::Discovery), Some(68));
            assert!(counted.of(Kind::First).unwrap().finish_cpu_seconds.is_some());
        }
    }
}
