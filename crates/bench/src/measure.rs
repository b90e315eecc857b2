//! One row: the runs of both implementations, and what came of them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use inventory::switch::Implementation;
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::calls::Calls;
use crate::floor::floor;
use crate::plan::{Plan, Sync};
use crate::shape::Shape;
use crate::simulator::Simulator;
use crate::statistics::Spread;
use crate::sync_process::{self, Run};
use crate::{store, world};

/// A row of the table. Times are seconds.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    pub(crate) world: String,
    pub(crate) sync: Sync,
    pub(crate) accounts: usize,
    pub(crate) servers: usize,
    pub(crate) seconds: Spread,
    pub(crate) floor_seconds: f64,
    /// Median time over floor.
    pub(crate) over_floor: f64,
    /// None where the legacy sync was not run.
    pub(crate) legacy_seconds: Option<Spread>,
    /// Median time over that of the legacy sync.
    pub(crate) over_legacy: Option<f64>,
    /// The most that a run made, of each service.
    pub(crate) calls: Calls,
    pub(crate) fewest_calls: Calls,
    pub(crate) cpu_seconds: Option<f64>,
    pub(crate) cpu_microseconds_a_server: Option<f64>,
    /// MiB, of all runs.
    pub(crate) peak_mib: Option<f64>,
    pub(crate) servers_a_second: f64,
    /// The most that a run wrote.
    pub(crate) rows_written: u64,
    /// The rows of a first sync written alone; none of a second one, which writes none.
    pub(crate) store_seconds: Option<f64>,
}

/// Where the runs happen.
pub(crate) struct Bench<'a> {
    pub(crate) program: &'a Path,
    pub(crate) folder: &'a Path,
    pub(crate) seed: u64,
    pub(crate) runtime: &'a Runtime,
    pub(crate) regions_at_once: usize,
    pub(crate) tell: &'a dyn Fn(&str),
}

/// Runs and their floors, and the store of the last.
struct Runs {
    runs: Vec<Run>,
    floors: Vec<Duration>,
    calls: Calls,
    store: PathBuf,
}

impl Bench<'_> {
    /// Measures one row.
    pub(crate) fn measure(&self, plan: &Plan) -> anyhow::Result<Row> {
        let Plan { shape, sync, refactored_runs, legacy_runs } = *plan;
        let world = self.world(shape)?;
        let refactored = self.runs(&world, plan, (Implementation::Refactored, refactored_runs))?;
        let store_seconds = match sync {
            Sync::First => Some(self.store_alone(&refactored.store)?.as_secs_f64()),
            Sync::Second => None,
        };
        let legacy = self.runs(&world, plan, (Implementation::Legacy, legacy_runs))?;
        let legacy = Spread::of(seconds(&legacy));
        row(plan, &refactored, legacy, store_seconds).context("no runs")
    }

    fn store_alone(&self, synced: &Path) -> anyhow::Result<Duration> {
        let scratch = self.new_file("alone")?;
        self.runtime.block_on(store::time_alone(synced, &scratch))
    }

    /// `count` runs of one implementation: each first sync on a store of its own, second ones on
    /// one that was synced before.
    fn runs(
        &self,
        world: &Path,
        plan: &Plan,
        (implementation, count): (Implementation, usize),
    ) -> anyhow::Result<Runs> {
        let name = implementation.name();
        let mut store = PathBuf::new();
        let (mut runs, mut floors, mut calls) = (Vec::new(), Vec::new(), Calls::default());
        for n in 1..=count {
            if plan.sync == Sync::First || n == 1 {
                store = self.new_store(name, plan.shape)?;
            }
            if plan.sync == Sync::Second && n == 1 {
                (self.tell)(&format!("{} second: {name}, the sync before", plan.shape));
                self.run(world, plan, &store, implementation)?;
            }
            (self.tell)(&format!("{} {}: {name}, run {n} of {count}", plan.shape, plan.sync));
            let (run, floor, made) = self.run(world, plan, &store, implementation)?;
            runs.push(run);
            floors.push(floor);
            calls = calls.max(made);
        }
        Ok(Runs { runs, floors, calls, store })
    }

    fn run(
        &self,
        world: &Path,
        plan: &Plan,
        store: &Path,
        implementation: Implementation,
    ) -> anyhow::Result<(Run, Duration, Calls)> {
        let simulator = Simulator::start(self.program, world, &self.folder.join("record.jsonl"))?;
        let servers = plan.shape.all_servers();
        let endpoint = &simulator.endpoint;
        let run = sync_process::run(self.program, store, endpoint, implementation, servers)?;
        let record = simulator.stop()?;
        Ok((run, floor(&record, self.regions_at_once), Calls::made(&record)))
    }

    /// Rows of one shape share a file.
    fn world(&self, shape: Shape) -> anyhow::Result<PathBuf> {
        let path = self.folder.join(format!("world-{shape}-{}.json", self.seed));
        if !path.exists() {
            (self.tell)(&format!("{shape}: making the world"));
            world::write(&path, shape, self.seed).context("cannot write the world file")?;
        }
        Ok(path)
    }

    fn new_store(&self, name: &str, shape: Shape) -> anyhow::Result<PathBuf> {
        let path = self.new_file(name)?;
        self.runtime.block_on(store::prepare(&path, shape))?;
        Ok(path)
    }

    /// A path of a store; one that is there is removed.
    fn new_file(&self, name: &str) -> anyhow::Result<PathBuf> {
        for suffix in ["", "-wal", "-shm"] {
            match std::fs::remove_file(self.folder.join(format!("{name}.db{suffix}"))) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error.into());
                }
                _ => {}
            }
        }
        Ok(self.folder.join(format!("{name}.db")))
    }
}

fn seconds(runs: &Runs) -> impl Iterator<Item = f64> {
    runs.runs.iter().map(|run| run.wall.as_secs_f64())
}

fn row(
    plan: &Plan,
    runs: &Runs,
    legacy: Option<Spread>,
    store_seconds: Option<f64>,
) -> Option<Row> {
    let time = Spread::of(seconds(runs))?;
    let floor = Spread::of(runs.floors.iter().map(Duration::as_secs_f64))?.median;
    let cpu = runs.runs.iter().filter_map(|run| Some(run.cpu?.as_secs_f64()));
    let cpu = Spread::of(cpu).map(|cpu| cpu.median);
    let all_servers = plan.shape.all_servers();
    let servers = f64::from(u32::try_from(all_servers).ok()?);
    Some(Row {
        world: plan.shape.to_string(),
        sync: plan.sync,
        accounts: plan.shape.accounts,
        servers: all_servers,
        seconds: time,
        floor_seconds: floor,
        over_floor: time.median / floor,
        legacy_seconds: legacy,
        over_legacy: legacy.map(|legacy| time.median / legacy.median),
        calls: runs.calls,
        fewest_calls: Calls::fewest(plan.shape, plan.sync),
        cpu_seconds: cpu,
        cpu_microseconds_a_server: cpu.map(|cpu| cpu * 1e6 / servers),
        peak_mib: runs.runs.iter().filter_map(|run| run.peak_mib).reduce(f64::max),
        servers_a_second: servers / time.median,
        rows_written: runs.runs.iter().filter_map(|run| run.rows_written).max()?,
        store_seconds,
    })
}
