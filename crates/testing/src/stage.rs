//! A simulated AWS and an embedded store, with the accounts of a world.

use embedded::Store as Embedded;
use serde_json::Value;
use sim::{Simulator, World};
use store::tables::{Table, TableKind, TableNames, create_tables};
use store::{Indexes, Item, Store};

/// A simulated AWS and a store with all tables, under their default names.
pub struct Stage {
    /// The simulated AWS.
    pub sim: Simulator,
    /// The store, which remembers its calls.
    pub store: Embedded,
}

/// A simulated AWS of this world.
pub async fn simulator(world: &Value) -> Simulator {
    Simulator::start(parse(world)).await.unwrap()
}

pub(crate) fn parse(world: &Value) -> World {
    World::from_json(&world.to_string()).unwrap()
}

impl Stage {
    /// The accounts table has the target accounts of the world.
    pub async fn of(world: &Value) -> Self {
        let targets = parse(world).target_accounts;
        let store = Embedded::in_memory().unwrap().watched();
        let stage = Self { sim: simulator(world).await, store };
        create_tables(&stage.tables()).await.unwrap();
        for target in targets {
            stage.put(TableKind::TargetAccounts, &Value::Object(target)).await;
        }
        stage
    }

    fn tables(&self) -> Store {
        Store {
            client: self.store.client(),
            names: TableNames::default().or_defaults(),
            indexes: Indexes::MayLag,
        }
    }

    fn table(&self, kind: TableKind) -> Table {
        let Store { client, names, .. } = self.tables();
        Table { client, name: names.get(kind).unwrap().to_owned() }
    }

    /// Writes a row.
    pub async fn put(&self, kind: TableKind, item: &Value) {
        put(&self.table(kind), item).await;
    }

    /// Every row of a table.
    pub async fn rows(&self, kind: TableKind) -> Vec<Value> {
        rows(scan(&self.table(kind)).await)
    }
}

/// Every row of a table.
pub async fn scan(table: &Table) -> Vec<Item> {
    store::scan(table).await.unwrap()
}

pub(crate) async fn put(table: &Table, item: &Value) {
    let item: Item = serde_dynamo::to_item(item).unwrap();
    let put = table.client.put_item().table_name(&table.name).set_item(Some(item));
    put.send().await.unwrap();
}

/// Rows as JSON.
pub fn rows(items: Vec<Item>) -> Vec<Value> {
    items.into_iter().map(|item| serde_dynamo::from_item(item).unwrap()).collect()
}
