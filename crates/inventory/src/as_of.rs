//! The servers and their verdicts at a moment: now, or in the past.
//!
//! The past is told from the rows of now, taken back through the history after that moment. What was
//! not known then is `UNKNOWN`, with the last verdict beside it; where nothing was read for too long,
//! everything is. Where the history cannot tell, the answer errs on the side of not known.
//!
//! - `server`: one server at that moment.
//! - `figures`: what the servers amount to.
//! - `rows`: the rows of now, as little of them as is needed.
//! - `history`: what happened after the moment, as what has to be taken back.
//! - `summaries`: what whole syncs came to, and the gaps between them.
//! - `places`: whether a place was known.
//! - `past`: all of that together.
//! - `difference`: between two moments.

mod difference;
mod error;
mod figures;
mod history;
mod past;
mod places;
mod rows;
mod server;
mod summaries;

use jiff::Timestamp;
use model::environment::ConfigError;
use store::tables::{
    InventoryChangesTable, SourceServerInventoryTable, get_inventory_changes_table,
    get_source_server_inventory_table,
};
use store::{QueryError, Store};
use sync::time::iso;

use crate::picture::{Freshness, NotKnown, PictureTables, picture_of_servers};

pub use difference::{Difference, Turned, difference};
pub use error::AsOfError;
pub use figures::Figures;
pub use server::{ServerThen, Standing};
pub use summaries::{Gap, gaps_between};

/// The tables that a moment is told from.
#[derive(Debug, Clone)]
pub struct AsOfTables {
    /// The rows of now.
    pub inventory: SourceServerInventoryTable,
    /// What happened.
    pub changes: InventoryChangesTable,
    /// What was seen when, and what there is to see.
    pub picture: PictureTables,
}

impl AsOfTables {
    /// The tables of `store`.
    ///
    /// # Errors
    /// The variable that names one of them is not set.
    pub fn of(store: &Store) -> Result<Self, ConfigError> {
        Ok(Self {
            inventory: get_source_server_inventory_table(store)?,
            changes: get_inventory_changes_table(store)?,
            picture: PictureTables::of(store)?,
        })
    }
}

/// All servers at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fleet {
    /// The moment.
    pub at: Timestamp,
    /// The worst and least known first.
    pub servers: Vec<ServerThen>,
    /// What was not known, by name.
    pub not_known: Vec<NotKnown>,
    /// Whether more was not known than is named.
    pub is_cut: bool,
    /// The time without a whole sync that the moment is in, where that is too long.
    pub gap: Option<Gap>,
    /// Start of the last whole sync at the moment, ISO 8601; none where none had ended.
    pub last_sync: Option<String>,
}

impl Fleet {
    /// What the servers amount to.
    pub fn figures(&self) -> Figures {
        Figures::of(&self.servers)
    }
}

/// All servers at `time`; `freshness` says what time it is now, and how old an answer may be.
///
/// Reads the whole inventory. Of the past also what happened since, at most
/// 400 days and 10,000 pages of it.
///
/// # Errors
/// [`AsOfError`] where the history does not reach `time`, or a table cannot be read.
pub async fn fleet_as_of(
    tables: &AsOfTables,
    time: Timestamp,
    freshness: &Freshness,
) -> Result<Fleet, AsOfError> {
    if time > freshness.now {
        return Err(AsOfError::Future { time: iso(time), now: iso(freshness.now) });
    }
    match time == freshness.now {
        true => Ok(Box::pin(fleet_now(tables, freshness)).await?),
        false => Box::pin(past::fleet_then(tables, time, freshness)).await,
    }
}

/// All servers as they are now. Reads the whole inventory, and nothing of the history.
///
/// # Errors
/// [`QueryError`] names the table that cannot be read.
pub async fn fleet_now(tables: &AsOfTables, freshness: &Freshness) -> Result<Fleet, QueryError> {
    let mut rows = rows::read_rows(&tables.inventory).await?;
    let picture = picture_of_servers(&tables.picture, &mut rows, freshness).await?;
    let servers = rows.iter().map(|row| ServerThen::now(row, &picture.not_known));
    let servers = server::sorted(servers.collect());
    let gap = summaries::gap_now(picture.as_of.as_deref(), freshness);
    Ok(Fleet {
        at: freshness.now,
        servers,
        not_known: picture.not_known,
        is_cut: picture.is_cut,
        gap,
        last_sync: picture.as_of,
    })
}
