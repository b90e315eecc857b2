//! A stage, and a sync between its simulated AWS and its store.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws::check_answers;
use aws_smithy_async::time::SharedTimeSource;
use embedded::Store as Embedded;
use inventory::outcome::OutcomeError;
use inventory::response::Response;
use inventory::servers::ServerTables;
use inventory::{Outcome, handle_sync_source_server_inventory};
use model::environment::Environment;
use serde_json::Value;
use sim::Simulator;
use store::tables::{
    AccountRegionStatusTable, DrsRegionStatusTable, InventoryChangesTable, ProtectionGroupsTable,
    RecoveryPlansTable, SourceServerInventoryTable, Table, TableNames, TargetAccountsTable,
    get_account_region_status_table, get_drs_region_status_table, get_inventory_changes_table,
    get_protection_groups_table, get_recovery_plans_table, get_source_server_inventory_table,
    get_target_accounts_table,
};
use store::{Indexes, Store};
use sync::{InventorySync, Settings, SyncRequest};

use crate::client::{TokioClock, aws};
use crate::stage::{Stage, parse, put, rows, scan};

/// A simulated AWS, an embedded store and a sync between them.
pub struct Lab {
    /// The simulated AWS.
    pub sim: Simulator,
    /// The store, which remembers its calls.
    pub store: Embedded,
    /// The sync.
    pub sync: InventorySync,
    /// What the sync reads its settings from.
    pub environment: Environment,
}

impl Lab {
    /// A lab of this world, all settings their defaults.
    pub async fn of(world: Value) -> Self {
        Self::with(world, &[]).await
    }

    /// With these variables; the empty name of a table is that of a missing one.
    pub async fn with(world: Value, variables: &[(&str, &str)]) -> Self {
        let Stage { sim, store } = Stage::of(&world).await;
        let environment = Environment::of(variables.iter().copied());
        let names = TableNames::with_defaults(&environment);
        let tables =
            Store { client: check_answers(&store.client()), names, indexes: Indexes::MayLag };
        let settings = Settings::from_environment(&environment).unwrap();
        let clock = SharedTimeSource::new(TokioClock::new());
        let sync = InventorySync::new(aws(&sim.endpoint()), tables, settings, clock);
        Self { sim, store, sync, environment }
    }

    /// Another sync over the same store and the same simulated AWS, which knows nothing of this one.
    pub fn another(&self) -> Another<'_> {
        let InventorySync { aws, store, settings, clock, .. } = self.sync.clone();
        Another { lab: self, sync: InventorySync::new(aws, store, settings, clock) }
    }

    /// A sync that ends at its n-th call of the store, as one that is killed there. False where it was
    /// done before.
    pub async fn killed_at(&self, calls: usize) -> bool {
        let before = self.store.calls().len();
        let watch = async {
            while self.store.calls().len() - before < calls {
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
        };
        tokio::select! {
            biased;
            () = watch => true,
            _ = self.run() => false,
        }
    }

    /// The accounts table.
    pub fn accounts(&self) -> TargetAccountsTable {
        get_target_accounts_table(&self.sync.store).unwrap()
    }

    /// The inventory table.
    pub fn inventory(&self) -> SourceServerInventoryTable {
        get_source_server_inventory_table(&self.sync.store).unwrap()
    }

    /// What lists of servers, and one server, are read from.
    pub fn server_tables(&self) -> ServerTables {
        ServerTables::of(&self.sync.store, &self.environment).unwrap()
    }

    /// The region-status table.
    pub fn region_status(&self) -> DrsRegionStatusTable {
        get_drs_region_status_table(&self.sync.store).unwrap()
    }

    /// The ledger.
    pub fn ledger(&self) -> AccountRegionStatusTable {
        get_account_region_status_table(&self.sync.store).unwrap()
    }

    /// The history.
    pub fn changes(&self) -> InventoryChangesTable {
        get_inventory_changes_table(&self.sync.store).unwrap()
    }

    /// The table of protection groups.
    pub fn groups(&self) -> ProtectionGroupsTable {
        get_protection_groups_table(&self.sync.store).unwrap()
    }

    /// The table of recovery plans.
    pub fn plans(&self) -> RecoveryPlansTable {
        get_recovery_plans_table(&self.sync.store).unwrap()
    }

    /// Replaces the simulated AWS's world; the accounts table stays as it is.
    pub fn set_world(&self, world: Value) {
        self.sim.set_world(parse(&world));
    }

    /// Writes a row.
    pub async fn put(&self, table: &Table, item: &Value) {
        put(table, item).await;
    }

    /// One sync; the body of its response.
    pub async fn run(&self) -> Value {
        self.response().await.body
    }

    /// One sync as asked for; the body of its response.
    pub async fn run_with(&self, request: &SyncRequest) -> Value {
        Response::from(&self.outcome(request).await.unwrap()).body
    }

    /// One sync; its response.
    pub async fn response(&self) -> Response {
        Response::from(&self.outcome(&SyncRequest::default()).await.unwrap())
    }

    /// The error of a sync that fails.
    pub async fn error(&self) -> OutcomeError {
        self.outcome(&SyncRequest::default()).await.unwrap_err()
    }

    /// What came of one sync.
    ///
    /// # Errors
    /// What the sync fails with.
    pub async fn outcome(&self, request: &SyncRequest) -> Result<Outcome, OutcomeError> {
        let sync = handle_sync_source_server_inventory(&self.sync, &self.environment, request);
        // Without optimisation it is too large for the stack of a test.
        Box::pin(sync).await
    }

    /// Rows of the inventory by server id.
    pub async fn servers(&self) -> HashMap<String, Value> {
        by(&self.inventory(), "sourceServerID").await
    }

    /// Rows of the region status by region.
    pub async fn regions(&self) -> HashMap<String, Value> {
        let mut rows = by(&self.region_status(), "region").await;
        rows.retain(|region, _| !region.starts_with('#'));
        rows
    }

    /// Entries of the ledger by `ACCOUNT/REGION`.
    pub async fn places(&self) -> BTreeMap<String, Value> {
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        let rows = rows(scan(&self.ledger()).await).into_iter();
        let name = |row: &Value| format!("{}/{}", text(row, "accountId"), text(row, "region"));
        rows.map(|row| (name(&row), row)).collect()
    }

    /// The history in the order of time, as `KIND SUBJECT`, without the summaries of whole syncs.
    pub async fn history(&self) -> Vec<String> {
        let mut rows = rows(scan(&self.changes()).await);
        rows.retain(|row| row["kind"] != "summary");
        rows.sort_by_key(|row| row["at"].as_str().unwrap().to_owned());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        rows.iter().map(|row| format!("{} {}", text(&row["kind"]), text(&row["subject"]))).collect()
    }

    /// How many calls of an operation the simulated AWS got.
    pub fn count(&self, operation: &str) -> usize {
        self.sim.calls().iter().filter(|call| call.operation == operation).count()
    }
}

/// A sync beside that of a lab.
pub struct Another<'a> {
    lab: &'a Lab,
    sync: InventorySync,
}

impl Another<'_> {
    /// One sync; the body of its response.
    pub async fn run(&self) -> Value {
        let request = SyncRequest::default();
        let done =
            handle_sync_source_server_inventory(&self.sync, &self.lab.environment, &request).await;
        Response::from(&done.unwrap()).body
    }
}

async fn by(table: &Table, key: &str) -> HashMap<String, Value> {
    let rows = rows(scan(table).await).into_iter();
    rows.map(|row| (row[key].as_str().unwrap().to_owned(), row)).collect()
}
