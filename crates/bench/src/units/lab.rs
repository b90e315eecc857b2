//! Simulated AWS, a store that keeps count, and a sync between them, in this process.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use aws::Aws;
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use embedded::Consumed;
use model::environment::Environment;
use sim::world::Latency;
use sim::{Service, Simulator, World};
use sync::time::now;
use sync::{
    AccountsSynced, InventorySync, Settings, SyncRequest, finish_inventory_sync,
    handle_sync_source_server_inventory_refactored,
};

use super::apart::SimulatorApart;
use super::{Mode, Rows};
use crate::calls::Calls;
use crate::change::Change;
use crate::shape::Shape;
use crate::{store, world};

/// Whether the store counts what calls consume; that takes processor time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    Units,
    Nothing,
}

pub(super) struct Lab {
    shape: Shape,
    seed: u64,
    /// World files that were made.
    worlds: BTreeMap<Change, String>,
    simulator: SimulatorApart,
    store: embedded::Store,
    sync: InventorySync,
    clock: MovedClock,
}

/// What one sync did.
pub(super) struct Synced {
    pub(super) rows: Rows,
    pub(super) units: Vec<Consumed>,
    pub(super) calls: Calls,
    /// Seconds of all calls for accounts, or of the one call for all of them; none where the system does
    /// not tell.
    pub(super) cpu_seconds: Option<f64>,
    /// Seconds of the call that ends a sync of many calls.
    pub(super) finish_cpu_seconds: Option<f64>,
}

impl Lab {
    pub(super) async fn of(shape: Shape, seed: u64, watch: Watch) -> anyhow::Result<Self> {
        let text = world_text(shape, seed, Change::Nothing)?;
        let clock = MovedClock::default();
        let shared = SharedTimeSource::new(clock.clone());
        let simulator = SimulatorApart::start(world_of(&text, &shared)?).await?;
        let store = embedded::Store::in_memory()?;
        let store = if watch == Watch::Units { store.watched() } else { store };
        let tables = store::with_tables(store.client()).await?;
        store::fill(&tables, shape).await?;
        let settings = Settings::from_environment(&Environment::of([]))?;
        let settings = Settings { row_refresh: super::steps::ROW_REFRESH, ..settings };
        let aws = Aws::simulated(&simulator.simulator.endpoint());
        let sync = InventorySync::new(aws, tables, settings, shared);
        let worlds = BTreeMap::from([(Change::Nothing, text)]);
        Ok(Self { shape, seed, worlds, simulator, store, sync, clock })
    }

    /// Lets time pass for the sync.
    pub(super) fn wait(&self, time: Duration) {
        self.clock.ahead.fetch_add(time.as_secs(), Ordering::Relaxed);
    }

    /// One sync of all servers, of which these changed from how they were made.
    pub(super) async fn sync(&mut self, mode: Mode, change: Change) -> anyhow::Result<Synced> {
        self.serve(change)?;
        self.store.clear_units();
        let simulator = &self.simulator.simulator;
        simulator.clear_calls();
        let started = self.simulator.cpu_of_the_others();
        let started_at = now(&self.sync.clock);
        let rows = match mode {
            Mode::Function => self.sync_some(None).await?,
            Mode::StateMachine => self.sync_each().await?,
        };
        let synced = self.simulator.cpu_of_the_others();
        if mode == Mode::StateMachine {
            let synced =
                AccountsSynced { started_at: Some(started_at), ..AccountsSynced::default() };
            let request = SyncRequest::default();
            let finished = Box::pin(finish_inventory_sync(&self.sync, &request, synced)).await?;
            ensure!(
                finished.complete,
                "the sync is not complete: {:?}",
                finished.not_known.first()
            );
        }
        let finished = self.simulator.cpu_of_the_others();
        let (listed, servers) = (rows.written + rows.unchanged, self.shape.all_servers());
        ensure!(listed == servers, "{listed} of {servers} servers were synced");
        let seconds = |from: Option<Duration>, to: Option<Duration>| {
            Some(to?.checked_sub(from?)?.as_secs_f64())
        };
        Ok(Synced {
            rows,
            units: self.store.units(),
            calls: calls(simulator),
            cpu_seconds: seconds(started, synced),
            finish_cpu_seconds: seconds(synced, finished),
        })
    }

    /// One call for all accounts, or for this one.
    async fn sync_some(&self, account: Option<String>) -> anyhow::Result<Rows> {
        let rolls_up = account.is_none();
        let accounts = account.into_iter().collect();
        let request = SyncRequest { accounts, rolls_up, ..SyncRequest::default() };
        // Without optimisation its future is too large for the stack of a test.
        let report =
            Box::pin(handle_sync_source_server_inventory_refactored(&self.sync, &request)).await?;
        ensure!(report.complete, "this is missing: {:?}", report.failed.first());
        Ok(Rows { written: report.servers_written, unchanged: report.servers_unchanged })
    }

    /// One call for each account, one after another.
    async fn sync_each(&self) -> anyhow::Result<Rows> {
        let mut all = Rows::default();
        for account in world::account_ids(self.shape) {
            let rows = self.sync_some(Some(account)).await?;
            all.written += rows.written;
            all.unchanged += rows.unchanged;
        }
        Ok(all)
    }

    /// Agents were seen a minute before the sync's own time: one that is silent would change its server.
    fn serve(&mut self, change: Change) -> anyhow::Result<()> {
        let text = match self.worlds.remove(&change) {
            Some(text) => text,
            None => world_text(self.shape, self.seed, change)?,
        };
        self.simulator.simulator.set_world(world_of(&text, &self.sync.clock)?);
        self.worlds.insert(change, text);
        Ok(())
    }
}

fn world_text(shape: Shape, seed: u64, change: Change) -> anyhow::Result<String> {
    let file = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    world::write(file.path(), shape, seed, change).context("cannot write the world file")?;
    std::fs::read_to_string(file.path()).context("cannot read the world file")
}

/// It answers at once: no unit depends on time.
fn world_of(text: &str, clock: &SharedTimeSource) -> anyhow::Result<World> {
    let mut world = World::from_json_at(text, now(clock))?;
    world.latency_ms = Latency::default();
    Ok(world)
}

fn calls(simulator: &Simulator) -> Calls {
    let calls = simulator.calls();
    let count = |service| calls.iter().filter(|call| call.service == service).count();
    Calls { sts: count(Service::Sts), drs: count(Service::Drs), ec2: count(Service::Ec2) }
}

/// This machine's clock, ahead by so many seconds.
#[derive(Debug, Clone, Default)]
struct MovedClock {
    ahead: Arc<AtomicU64>,
}

impl TimeSource for MovedClock {
    fn now(&self) -> SystemTime {
        SystemTime::now() + Duration::from_secs(self.ahead.load(Ordering::Relaxed))
    }
}
