//! What syncs consume on DynamoDB: read and write units by operation, table and index, from the store's
//! own record.
//!
//! - `lab`: simulated AWS, store and sync in this process, and a clock that is moved.
//! - `bars`: what must hold.
//! - `render`: what is shown.

mod bars;
mod lab;
pub(crate) mod render;

use std::time::Duration;

use embedded::Consumed;
use serde::Serialize;
use sync::Report;

use crate::shape::Shape;
use lab::Lab;

/// The world where none is given: 30,000 servers.
pub(crate) const SHAPE: Shape = Shape::new(100, 3, 300);

/// From one sync to the next: longer than the ten minutes for which a sync does not believe the index
/// of rows that were just written.
const BETWEEN_SYNCS: Duration = Duration::from_secs(11 * 60);
/// One server of so many changes before the last sync.
const CHANGED_ONE_OF: usize = 100;

/// The syncs of a world.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counted {
    world: String,
    servers: usize,
    /// Pairs of account and region with servers.
    places: usize,
    accounts: usize,
    syncs: Vec<Counts>,
    /// Bars that hold.
    kept: Vec<String>,
    /// Bars that do not hold.
    pub(crate) broken: Vec<String>,
}

/// What one sync did, and consumed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    sync: Kind,
    servers_written: usize,
    servers_unchanged: usize,
    units: Vec<Units>,
}

/// Which sync it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    /// Nothing is known.
    First,
    /// Every server is as it was.
    Unchanged,
    /// One server of a hundred is not.
    Changed,
}

/// Units of one operation in one table or index.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Units {
    operation: String,
    table: String,
    index: Option<String>,
    read: f64,
    write: f64,
}

impl From<Consumed> for Units {
    fn from(consumed: Consumed) -> Self {
        let Consumed { operation, table, index, read, write } = consumed;
        Self { operation, table, index, read, write }
    }
}

impl Counts {
    fn of(sync: Kind, report: &Report, units: Vec<Consumed>) -> Self {
        Self {
            sync,
            servers_written: report.servers_written,
            servers_unchanged: report.servers_unchanged,
            units: units.into_iter().map(Units::from).collect(),
        }
    }

    fn read(&self) -> f64 {
        self.units.iter().map(|units| units.read).sum()
    }

    fn written(&self) -> f64 {
        self.units.iter().map(|units| units.write).sum()
    }

    /// In the table and its indexes.
    fn written_to(&self, table: &str) -> f64 {
        self.units.iter().filter(|units| units.table == table).map(|units| units.write).sum()
    }
}

/// Syncs the world three times, and counts.
///
/// # Errors
/// A sync fails, or is not complete: its units would be those of less work.
pub(crate) async fn count(shape: Shape, seed: u64, tell: &dyn Fn(&str)) -> anyhow::Result<Counted> {
    tell(&format!("{shape}: making the world"));
    let mut lab = Lab::of(shape, seed).await?;
    let mut syncs = Vec::new();
    for kind in [Kind::First, Kind::Unchanged, Kind::Changed] {
        match kind {
            Kind::First => {}
            Kind::Unchanged => lab.wait(BETWEEN_SYNCS),
            Kind::Changed => {
                lab.wait(BETWEEN_SYNCS);
                lab.change_one_of(CHANGED_ONE_OF);
            }
        }
        tell(&format!("{shape}: {kind}"));
        let (report, units) = lab.sync().await?;
        syncs.push(Counts::of(kind, &report, units));
    }
    let with_servers = shape.servers_by_region().filter(|(_, servers)| *servers > 0).count();
    let counted = Counted {
        world: shape.to_string(),
        servers: shape.all_servers(),
        places: with_servers * shape.accounts,
        accounts: shape.accounts,
        syncs,
        kept: Vec::new(),
        broken: Vec::new(),
    };
    let bars = bars::bars(&counted);
    let (kept, broken): (Vec<_>, Vec<_>) = bars.into_iter().partition(|bar| bar.holds);
    let texts = |bars: Vec<crate::bars::Bar>| bars.into_iter().map(|bar| bar.text).collect();
    Ok(Counted { kept: texts(kept), broken: texts(broken), ..counted })
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Unchanged => "unchanged",
            Self::Changed => "1 % changed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_small_world_holds_and_its_table_says_what_was_counted() {
        // Without optimisation it is too large for the stack of a test.
        let counted = Box::pin(count(Shape::new(3, 2, 50), 1, &|_| {})).await.unwrap();
        assert_eq!(counted.broken, Vec::<String>::new());
        let rows = |counts: &Counts| (counts.servers_written, counts.servers_unchanged);
        let rows: Vec<_> = counted.syncs.iter().map(rows).collect();
        assert_eq!(rows, [(150, 0), (0, 150), (2, 148)]);
        assert!(counted.syncs[0].written_to("source-server-inventory") >= 150.0);
        // Two servers that changed and the summary of the sync, each in the table and in its index.
        assert_eq!(counted.syncs[2].written_to("inventory-changes"), 6.0);
        let table = render::table(&counted);
        assert!(table.contains("| 1 % changed | BatchWriteItem |"), "{table}");
        assert!(table.contains("- holds: "), "{table}");
    }
}
