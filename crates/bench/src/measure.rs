//! One row: the runs of both implementations, and what came of them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use inventory::switch::Implementation;
use jiff::SignedDuration;
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::calls::Calls;
use crate::change::Change;
use crate::floor::floor;
use crate::plan::{Plan, Sync};
use crate::shape::Shape;
use crate::simulator::Simulator;
use crate::statistics::Spread;
use crate::store_files::StoreFiles;
use crate::sync_process::{self, Run};
use crate::{store, world};

/// Longer than the ten minutes for which a sync does not believe the index of rows that were just written.
const INDEX_IS_BELIEVED_AFTER: SignedDuration = SignedDuration::from_mins(11);

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
    /// Those of servers that are new or changed.
    pub(crate) rows_to_write: usize,
    /// The rows of a first sync written alone; none of a later one.
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
        let Plan { sync, refactored_runs, legacy_runs, .. } = *plan;
        let refactored = self.runs(plan, (Implementation::Refactored, refactored_runs))?;
        let store_seconds = match sync {
            Sync::First => Some(self.store_alone(&refactored.store)?.as_secs_f64()),
            Sync::Second(_) | Sync::Tenth(_) => None,
        };
        let legacy = self.runs(plan, (Implementation::Legacy, legacy_runs))?;
        for (implementation, of) in
            [(Implementation::Refactored, &refactored), (Implementation::Legacy, &legacy)]
        {
            if sync == Sync::First && !of.runs.is_empty() {
                self.store_files()
                    .rename(&of.store, &synced_name(plan.shape, 1, implementation))?;
            }
        }
        let legacy = Spread::of(seconds(&legacy));
        row(plan, &refactored, legacy, store_seconds).context("no runs")
    }

    fn store_alone(&self, synced: &Path) -> anyhow::Result<Duration> {
        let scratch = self.store_files().new_file("alone")?;
        self.runtime.block_on(store::time_alone(synced, &scratch))
    }

    /// `count` runs of one implementation, each on a store of its own: a new one, or a copy of one on
    /// which the syncs before have been.
    fn runs(
        &self,
        plan: &Plan,
        (implementation, count): (Implementation, usize),
    ) -> anyhow::Result<Runs> {
        let Plan { shape, sync, .. } = *plan;
        let name = implementation.name();
        let files = self.store_files();
        let mut store = PathBuf::new();
        let (mut runs, mut floors, mut calls) = (Vec::new(), Vec::new(), Calls::default());
        for n in 1..=count {
            store = match self.synced(shape, sync.before(), implementation)? {
                Some(synced) => files.copy(&synced, name)?,
                None => self.new_store(name, shape)?,
            };
            (self.tell)(&format!("{shape} {sync}: {name}, run {n} of {count}"));
            let (run, floor, made) = self.run(shape, sync.change(), &store, implementation)?;
            runs.push(run);
            floors.push(floor);
            calls = calls.max(made);
        }
        Ok(Runs { runs, floors, calls, store })
    }

    /// A store on which so many syncs have been; made once, and not to be written to. None of none.
    fn synced(
        &self,
        shape: Shape,
        syncs: usize,
        implementation: Implementation,
    ) -> anyhow::Result<Option<PathBuf>> {
        let files = self.store_files();
        let name = synced_name(shape, syncs, implementation);
        let Some(before) = syncs.checked_sub(1) else { return Ok(None) };
        let made = files.path(&name);
        if made.exists() {
            return Ok(Some(made));
        }
        let store = match before {
            0 => self.new_store("before", shape)?,
            _ => {
                let first = self.synced(shape, 1, implementation)?.context("no first sync")?;
                files.copy(&first, "before")?
            }
        };
        for sync in if before == 0 { 1..=1 } else { 2..=syncs } {
            (self.tell)(&format!(
                "{shape}: {}, sync {sync} of {syncs} before",
                implementation.name()
            ));
            self.run(shape, change_at(sync), &store, implementation)?;
        }
        if before > 0 {
            self.runtime.block_on(store::set_back(&store, INDEX_IS_BELIEVED_AFTER))?;
        }
        files.rename(&store, &name).map(Some)
    }

    fn run(
        &self,
        shape: Shape,
        change: Change,
        store: &Path,
        implementation: Implementation,
    ) -> anyhow::Result<(Run, Duration, Calls)> {
        let world = self.world(shape, change)?;
        let simulator = Simulator::start(self.program, &world, &self.folder.join("record.jsonl"))?;
        let servers = shape.all_servers();
        let endpoint = &simulator.endpoint;
        let run = sync_process::run(self.program, store, endpoint, implementation, servers)?;
        let record = simulator.stop()?;
        Ok((run, floor(&record, self.regions_at_once), Calls::made(&record)))
    }

    /// Rows of one shape share a file.
    fn world(&self, shape: Shape, change: Change) -> anyhow::Result<PathBuf> {
        let name =
            format!("world-{shape}-{}-{}.json", self.seed, change.servers(shape.all_servers()));
        let path = self.folder.join(name);
        if !path.exists() {
            (self.tell)(&format!("{shape}: making the world, {change}"));
            world::write(&path, shape, self.seed, change).context("cannot write the world file")?;
        }
        Ok(path)
    }

    fn new_store(&self, name: &str, shape: Shape) -> anyhow::Result<PathBuf> {
        let path = self.store_files().new_file(name)?;
        self.runtime.block_on(store::prepare(&path, shape))?;
        Ok(path)
    }

    fn store_files(&self) -> StoreFiles<'_> {
        StoreFiles { folder: self.folder }
    }
}

/// The store on which so many syncs have been.
fn synced_name(shape: Shape, syncs: usize, implementation: Implementation) -> String {
    format!("{}-{shape}-{syncs}", implementation.name())
}

/// What changed before the sync of this number on the way to the tenth: one server of a hundred before
/// every second one from the fourth on, and back again. The ninth has the servers of the first.
fn change_at(sync: usize) -> Change {
    if sync >= 4 && sync.is_multiple_of(2) { Change::OnePercent } else { Change::Nothing }
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
        rows_to_write: plan.sync.rows_to_write(all_servers),
        store_seconds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenth_sync_starts_from_the_servers_of_the_first() {
        let changes: Vec<Change> = (1..=9).map(change_at).collect();
        assert_eq!(changes.iter().filter(|change| **change == Change::OnePercent).count(), 3);
        assert_eq!(changes.last(), Some(&Change::Nothing));
    }
}
