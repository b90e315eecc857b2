//! Simulated AWS, a store that keeps count, and a sync between them, in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use aws::Aws;
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use embedded::Consumed;
use model::environment::Environment;
use serde_json::json;
use sim::world::Latency;
use sim::{Simulator, World};
use sync::{
    InventorySync, Report, Settings, SyncRequest, handle_sync_source_server_inventory_refactored,
};

use crate::shape::Shape;
use crate::{store, world};

pub(super) struct Lab {
    servers: usize,
    world: World,
    simulator: Simulator,
    store: embedded::Store,
    sync: InventorySync,
    clock: MovedClock,
}

impl Lab {
    /// Of a world that answers at once: no unit depends on time.
    pub(super) async fn of(shape: Shape, seed: u64) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let file = folder.path().join("world.json");
        world::write(&file, shape, seed).context("cannot write the world file")?;
        let mut world = World::from_file(&file)?;
        world.latency_ms = Latency::default();
        let simulator = Simulator::start(world.clone()).await?;
        let store = embedded::Store::in_memory()?.watched();
        let tables = store::with_tables(store.client()).await?;
        store::fill(&tables, shape).await?;
        let settings = Settings::from_environment(&Environment::of([]))?;
        let clock = MovedClock::default();
        let aws = Aws::simulated(&simulator.endpoint());
        let sync = InventorySync::new(aws, tables, settings, SharedTimeSource::new(clock.clone()));
        Ok(Self { servers: shape.all_servers(), world, simulator, store, sync, clock })
    }

    /// Lets time pass for the sync.
    pub(super) fn wait(&self, time: Duration) {
        self.clock.ahead.fetch_add(time.as_secs(), Ordering::Relaxed);
    }

    /// Another version of the agent on every `n`th server, of all in the order of accounts and regions.
    pub(super) fn change_one_of(&mut self, n: usize) {
        let regions = self.world.accounts.values_mut().flat_map(|account| account.drs.values_mut());
        let servers = regions.flat_map(|region| region.source_servers.iter_mut());
        for server in servers.step_by(n) {
            server["agentVersion"] = json!("6.6.20261101");
        }
        self.simulator.set_world(self.world.clone());
    }

    /// One sync of all servers, and what it consumed.
    pub(super) async fn sync(&self) -> anyhow::Result<(Report, Vec<Consumed>)> {
        self.store.clear_units();
        let request = SyncRequest::default();
        let report = handle_sync_source_server_inventory_refactored(&self.sync, &request).await?;
        let (synced, servers) = (report.servers_synced(), self.servers);
        ensure!(
            report.complete && synced == servers,
            "{synced} of {servers} servers were synced, and this is missing: {:?}",
            report.failed.first()
        );
        Ok((report, self.store.units()))
    }
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
