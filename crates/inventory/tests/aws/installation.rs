//! Tables of its own for a test, gone after it, also after one that failed.

use std::panic::AssertUnwindSafe;

use aws::Aws;
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use futures::FutureExt;
use inventory::handle_sync_source_server_inventory;
use inventory::response::Response;
use model::environment::Environment;
use serde_json::Value;
use store::tables::{self, TableKind, TableNames, create_tables};
use store::{Indexes, Item, Store, get, scan};
use sync::{InventorySync, Settings, SyncRequest};

pub(crate) struct Installation {
    /// Begins the name of every table.
    pub(crate) prefix: String,
    sync: InventorySync,
    environment: Environment,
}

/// A variable that is set, and not to nothing.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Installation {
    /// Runs `test` on new tables, and deletes them whatever comes of it.
    pub(crate) async fn with(regions: &[String], test: impl AsyncFnOnce(&Self)) {
        if variable("DRS_INVENTORY_AWS_TESTS").as_deref() != Some("1") {
            println!("not run: DRS_INVENTORY_AWS_TESTS is not 1");
            return;
        }
        let installation = Self::new(regions).await;
        let result = AssertUnwindSafe(async {
            create_tables(&installation.sync.store).await.unwrap();
            test(&installation).await;
        });
        let result = result.catch_unwind().await;
        installation.delete_tables().await;
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    }

    async fn new(regions: &[String]) -> Self {
        let mut random = [0; 6];
        getrandom::fill(&mut random).unwrap();
        let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let prefix = format!("drs-inventory-test-{hex}");
        let tables = TableKind::ALL.map(|kind| kind.schema());
        let names = tables.map(|s| (s.variable, format!("{prefix}-{}", s.default_name)));
        let names = names.iter().map(|(name, value)| (*name, value.as_str()));
        let regions = regions.join(",");
        let own = [("DRS_REGIONS", regions.as_str()), ("MAX_CONCURRENT_REGIONS", "4")];
        let environment = Environment::of(names.chain(own));
        let aws = Aws::from_environment(&Environment::of_process()).await;
        let names = TableNames::from_environment(&environment);
        let settings = Settings::from_environment(&environment).unwrap();
        let clock = SharedTimeSource::new(SystemTimeSource::new());
        let store = Store { client: aws.dynamodb(), names, indexes: Indexes::MayLag };
        Self { prefix, sync: InventorySync::new(aws, store, settings, clock), environment }
    }

    async fn delete_tables(&self) {
        for kind in TableKind::ALL {
            let (client, name) =
                (&self.sync.store.client, self.sync.store.names.get(kind).unwrap());
            let unprotected = client.update_table().table_name(name);
            let _ = unprotected.deletion_protection_enabled(false).send().await;
            // One that was never made is no reason to leave the others.
            if let Err(error) = client.delete_table().table_name(name).send().await {
                println!("{name} may be left: {error:?}");
            }
        }
    }

    pub(crate) async fn add_target(&self, target: &Value) {
        let table = tables::get_target_accounts_table(&self.sync.store).unwrap();
        let item: Item = serde_dynamo::to_item(target).unwrap();
        let put = table.client.put_item().table_name(&table.name).set_item(Some(item));
        put.send().await.unwrap();
    }

    /// One sync; its body.
    pub(crate) async fn sync(&self) -> Value {
        let request = SyncRequest::default();
        let done =
            handle_sync_source_server_inventory(&self.sync, &self.environment, &request).await;
        Response::from(&done.unwrap()).body
    }

    pub(crate) async fn servers(&self) -> Vec<Item> {
        let table = tables::get_source_server_inventory_table(&self.sync.store).unwrap();
        scan(&table).await.unwrap()
    }

    pub(crate) async fn region(&self, region: &str) -> Item {
        let table = tables::get_drs_region_status_table(&self.sync.store).unwrap();
        get(&table, "region", region).await.unwrap().unwrap()
    }

    /// The account of the credentials that the tests run with.
    pub(crate) async fn hub(&self) -> String {
        let identity = self.sync.aws.sts().get_caller_identity().send().await.unwrap();
        identity.account().unwrap().to_owned()
    }

    /// The ARNs of the hub's servers, asked of DRS without the inventory. None where DRS refuses.
    pub(crate) async fn list_directly(&self, region: &str) -> Vec<String> {
        let session = aws::AccountSession {
            account_id: self.hub().await,
            partition: "aws".to_owned(),
            credentials: self.sync.aws.hub_credentials().unwrap(),
        };
        let drs = self.sync.aws.drs(&session, region);
        let pages = drs.describe_source_servers().into_paginator().items().send();
        let servers: Vec<_> = pages.try_collect().await.unwrap_or_default();
        servers.into_iter().filter_map(|server| server.arn).collect()
    }
}
