//! One implementation on a world, with a simulator and a store of its own.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant, SystemTime};

use aws::Aws;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_async::time::{SharedTimeSource, StaticTimeSource};
use inventory::handle_sync_source_server_inventory;
use inventory::outcome::OutcomeError;
use inventory::response::Response;
use inventory::switch::Implementation;
use model::environment::Environment;
use serde_json::{Value, json};
use sim::{Simulator, World};
use store::tables::{
    TableNames, create_tables, get_drs_region_status_table, get_source_server_inventory_table,
    get_target_accounts_table,
};
use store::{Indexes, Item, QueryError, Store, scan, text};
use sync::{InventorySync, Settings, SyncRequest};

/// What one implementation did.
#[derive(Debug)]
pub struct Side {
    /// Status code and body; of an error that left the function, what the handler makes of it.
    pub response: Value,
    /// The inventory, by ARN and staging account.
    pub rows: BTreeMap<String, Value>,
    /// The region status, by region.
    pub regions: BTreeMap<String, Value>,
    /// Calls by service and operation.
    pub calls: BTreeMap<String, usize>,
    /// Calls of a second sync, ten minutes after the first, and the rows that it wrote.
    pub calls_again: BTreeMap<String, usize>,
    /// Wall time of the sync.
    pub took: Duration,
    /// Most memory that the process held during it, simulator and store included; none where the
    /// system does not tell.
    pub peak_mib: Option<f64>,
}

/// As many regions of an account at once as there are: the legacy sync asks all of its own at once,
/// and their times are compared.
const REGIONS_AT_ONCE: &str = "34";

/// From the first sync to the next.
const BETWEEN_SYNCS: Duration = Duration::from_secs(600);
/// Among the calls of the next sync: rows of the inventory that it wrote.
pub(crate) const ROWS_WRITTEN: &str = "dynamodb:rows written";

/// When the first sync starts.
fn start_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_534_400)
}

/// A side could not be run or read.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The simulator did not start.
    #[error("cannot start the simulated AWS: {0}")]
    Simulator(#[from] std::io::Error),
    /// The store did not start, or could not be filled.
    #[error("cannot prepare the store: {0}")]
    Store(String),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] QueryError),
}

/// One implementation between a simulated AWS and a store.
pub(crate) struct Runner {
    simulator: Simulator,
    sync: InventorySync,
    environment: Environment,
}

impl Runner {
    /// Gets everything ready. All are given the same time, so that rows of two implementations
    /// can be the same to the letter.
    pub(crate) async fn new(
        world: &World,
        implementation: Implementation,
        variables: &[(&str, &str)],
    ) -> Result<Self, RunError> {
        let simulator = Simulator::start(world.clone()).await?;
        let (sync, environment) =
            prepare(world, &simulator.endpoint(), implementation, variables).await?;
        Ok(Self { simulator, sync, environment })
    }

    /// One sync, measured; what the store holds after it.
    pub(crate) async fn run(&self) -> Result<Side, RunError> {
        forget_peak_memory();
        let started = Instant::now();
        let result = handle_sync_source_server_inventory(
            &self.sync,
            &self.environment,
            &SyncRequest::default(),
        )
        .await;
        let took = started.elapsed();
        let peak_mib = peak_memory();
        let store = &self.sync.store;
        let failed = |error: model::environment::ConfigError| RunError::Store(error.to_string());
        let inventory = get_source_server_inventory_table(store).map_err(failed)?;
        let region_status = get_drs_region_status_table(store).map_err(failed)?;
        Ok(Side {
            response: result
                .map_or_else(|error| response_of(&error), |done| Response::from(&done).to_json()),
            rows: by(&scan(&inventory).await?, &["sourceServerArn", "stagingAccountId"]),
            regions: by(&regions(&scan(&region_status).await?), &["region"]),
            calls: count_calls(&self.simulator),
            calls_again: BTreeMap::new(),
            took,
            peak_mib,
        })
    }

    /// The calls of one sync more, ten minutes later, and the rows that it wrote.
    pub(crate) async fn calls_again(&self) -> Result<BTreeMap<String, usize>, RunError> {
        self.simulator.clear_calls();
        let later = StaticTimeSource::new(start_time() + BETWEEN_SYNCS);
        let sync = InventorySync { clock: SharedTimeSource::new(later), ..self.sync.clone() };
        // Its failure is that of the first sync, which was compared.
        let _ =
            handle_sync_source_server_inventory(&sync, &self.environment, &SyncRequest::default())
                .await;
        let failed = |error: model::environment::ConfigError| RunError::Store(error.to_string());
        let inventory = get_source_server_inventory_table(&self.sync.store).map_err(failed)?;
        let rows = scan(&inventory).await?;
        let time = sync::time::iso(sync::time::now(&sync.clock));
        let written = rows.iter().filter(|row| text(row, "lastUpdated") == time).count();
        let mut calls = count_calls(&self.simulator);
        calls.insert(ROWS_WRITTEN.to_owned(), written);
        Ok(calls)
    }
}

async fn prepare(
    world: &World,
    endpoint: &str,
    implementation: Implementation,
    variables: &[(&str, &str)],
) -> Result<(InventorySync, Environment), RunError> {
    let failed = |error: &dyn std::fmt::Display| RunError::Store(error.to_string());
    let client = embedded::Store::in_memory().map_err(|error| failed(&error))?.client();
    let flag = (implementation == Implementation::Refactored).to_string();
    let own = [
        ("USE_REFACTORED_INVENTORY_SYNC", flag.as_str()),
        ("MAX_CONCURRENT_REGIONS", REGIONS_AT_ONCE),
    ];
    let environment = Environment::of(own.iter().chain(variables).copied());
    let store =
        Store { client, names: TableNames::with_defaults(&environment), indexes: Indexes::MayLag };
    create_tables(&store).await.map_err(|error| failed(&error))?;
    let accounts = get_target_accounts_table(&store).map_err(|error| failed(&error))?;
    for account in &world.target_accounts {
        let item: HashMap<String, AttributeValue> =
            serde_dynamo::to_item(account).map_err(|error| failed(&error))?;
        let put = store.client.put_item().table_name(&accounts.name).set_item(Some(item));
        put.send().await.map_err(|error| failed(&error))?;
    }
    let settings = Settings::from_environment(&environment).map_err(|error| failed(&error))?;
    let aws = Aws::simulated(endpoint);
    let clock = SharedTimeSource::new(StaticTimeSource::new(start_time()));
    Ok((InventorySync::new(aws, store, settings, clock), environment))
}

/// Without the rows that the refactored sync keeps there for itself.
fn regions(items: &[Item]) -> Vec<Item> {
    items.iter().filter(|item| !text(item, "region").starts_with('#')).cloned().collect()
}

fn response_of(error: &OutcomeError) -> Value {
    let body = json!({ "error": "INTERNAL_ERROR", "message": error.to_string() });
    json!({ "statusCode": 500, "body": body })
}

fn by(items: &[Item], keys: &[&str]) -> BTreeMap<String, Value> {
    let row = |item: &Item| serde_dynamo::from_item::<_, Value>(item.clone()).unwrap_or_default();
    let key = |row: &Value| {
        let parts = keys.iter().map(|key| row[*key].as_str().unwrap_or_default());
        parts.collect::<Vec<_>>().join(" ")
    };
    items.iter().map(row).map(|row| (key(&row), row)).collect()
}

fn count_calls(simulator: &Simulator) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in simulator.calls() {
        let name = format!("{}:{}", call.service.name(), call.operation);
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// Linux counts the peak anew from here. Source: proc(5), `clear_refs`.
fn forget_peak_memory() {
    // Elsewhere, or without permission, `peak_memory` tells the peak of the process so far.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}
