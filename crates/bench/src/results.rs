//! All rows of a benchmark, and with what they were measured.

use serde::Serialize;

use crate::bars::{Bar, bars};
use crate::machine::Machine;
use crate::measure::Row;
use crate::plan::Plan;

/// What the command prints and writes.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Results {
    #[serde(flatten)]
    pub(crate) machine: Machine,
    pub(crate) seed: u64,
    pub(crate) rows: Vec<Row>,
    /// What a reader of the rows must know.
    pub(crate) notes: Vec<String>,
    /// Bars that do not hold.
    pub(crate) broken: Vec<String>,
    /// Bars that hold.
    pub(crate) kept: Vec<String>,
}

impl Results {
    /// `failed`: the rows that could not be measured, and why.
    pub(crate) fn new(
        machine: Machine,
        seed: u64,
        plans: &[Plan],
        rows: Vec<Row>,
        failed: Vec<String>,
    ) -> Self {
        let (kept, broken): (Vec<_>, Vec<_>) = bars(&rows).into_iter().partition(|bar| bar.holds);
        let texts =
            |bars: Vec<Bar>| -> Vec<String> { bars.into_iter().map(|bar| bar.text).collect() };
        let notes = plans.iter().filter(|plan| plan.legacy_runs == 0);
        let notes = notes.filter_map(|plan| without_legacy(plan, &rows)).collect();
        let broken = failed.into_iter().chain(texts(broken)).collect();
        Self { machine, seed, notes, broken, kept: texts(kept), rows }
    }
}

/// Why the legacy sync was not run, worked out from the largest world on which it was: it takes one
/// account after another.
fn without_legacy(plan: &Plan, rows: &[Row]) -> Option<String> {
    let measured = rows.iter().filter(|row| row.legacy_seconds.is_some());
    let measured = measured.max_by_key(|row| row.accounts)?;
    let accounts = f64::from(u32::try_from(measured.accounts).ok()?);
    let each = measured.legacy_seconds?.median / accounts;
    let minutes = each * f64::from(u32::try_from(plan.shape.accounts).ok()?) / 60.0;
    Some(format!(
        "{}: the legacy sync was not run. It takes one account after another, in {} {each:.1} s each; \
         at that rate it would take at least {minutes:.0} minutes.",
        plan.shape, measured.world
    ))
}
