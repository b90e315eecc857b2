//! What lists of servers, and one server, are read from.

use std::collections::BTreeSet;

use model::environment::{ConfigError, Environment};
use model::region::all_regions;
use store::rows::Counts;
use store::tables::{
    DrsRegionStatusTable, SourceServerInventoryTable, get_drs_region_status_table,
    get_source_server_inventory_table,
};
use store::{Item, QueryError, Store, attribute, number, text};
use sync::settings;

use crate::picture::{PictureTables, query_regions};

/// The tables that lists of servers, and one server, are read from.
#[derive(Debug, Clone)]
pub struct ServerTables {
    /// The rows.
    pub inventory: SourceServerInventoryTable,
    /// Which regions have servers. None: every region is looked through, as those that may have some.
    pub regions: Option<DrsRegionStatusTable>,
    /// As of when the rows are, and which accounts and regions have servers.
    pub picture: PictureTables,
    /// Regions beside the built-in list that may have servers. `DRS_REGIONS`.
    pub configured: Vec<String>,
}

/// The regions that may have servers, each list sorted.
pub(super) struct Regions {
    /// Those that are known to have some.
    pub(super) with_servers: Vec<String>,
    /// A sync that was killed may have written rows of any other.
    pub(super) others: Vec<String>,
}

impl Regions {
    /// Those that are known to have servers first.
    pub(super) fn all(&self) -> Vec<String> {
        [self.with_servers.as_slice(), &self.others].concat()
    }
}

impl ServerTables {
    /// The tables of `store`. That of the region status may be missing.
    ///
    /// # Errors
    /// The variable that names one of the others is not set, or `DRS_REGIONS` cannot be used.
    pub fn of(store: &Store, environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            inventory: get_source_server_inventory_table(store)?,
            regions: get_drs_region_status_table(store).ok(),
            picture: PictureTables::of(store)?,
            configured: settings::regions(environment)?.unwrap_or_default(),
        })
    }

    /// The rows of the region status.
    ///
    /// # Errors
    /// [`QueryError`] names the table.
    pub(super) async fn read_regions(&self) -> Result<Vec<Item>, QueryError> {
        match &self.regions {
            Some(table) => query_regions(table, None).await,
            None => Ok(Vec::new()),
        }
    }

    /// All regions, by what these rows say of them.
    pub(super) fn regions_of(&self, rows: &[Item]) -> Regions {
        let name = |row: &Item| text(row, "region").to_owned();
        let with_servers: BTreeSet<String> =
            rows.iter().filter(|row| has_servers(row)).map(name).collect();
        let built_in = ["aws", "aws-us-gov"].into_iter().flat_map(|it| all_regions(None, it));
        let configured = self.configured.iter().cloned();
        let all: BTreeSet<String> =
            built_in.chain(configured).chain(rows.iter().map(name)).collect();
        let others = all.difference(&with_servers).cloned().collect();
        Regions { with_servers: with_servers.into_iter().collect(), others }
    }
}

fn has_servers(row: &Item) -> bool {
    let counts: Counts = attribute(row, "counts").unwrap_or_default();
    number::<u64>(row, "serverCount").unwrap_or_default() + counts.missing() > 0
}
