//! Everything that was measured, and with what.

use serde::Serialize;

use crate::bars::{self, Bar, Promise};
use crate::machine::Machine;
use crate::measure::Row;
use crate::plan::Plan;
use crate::readers::Timed;
use crate::serving::Served;
use crate::start::Start;
use crate::units::Counted;
use crate::units::dollars::Month;
use crate::{readers, serving, start, units};

/// What was measured. What was left out, or failed, is empty.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measured {
    pub(crate) start: Option<Start>,
    pub(crate) rows: Vec<Row>,
    pub(crate) serve: Option<Vec<Served>>,
    pub(crate) commands: Option<Vec<Timed>>,
    /// By each mode, at the larger of two sizes.
    pub(crate) units: Vec<Counted>,
    pub(crate) state_machine: Option<Counted>,
    pub(crate) months: Vec<Month>,
    /// What could not be measured, and why.
    #[serde(skip)]
    pub(crate) failed: Vec<String>,
}

/// What the command prints and writes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Results {
    #[serde(flatten)]
    pub(crate) machine: Machine,
    pub(crate) seed: u64,
    /// Of the whole run.
    pub(crate) minutes: f64,
    #[serde(flatten)]
    pub(crate) measured: Measured,
    /// What a reader of the rows must know.
    pub(crate) notes: Vec<String>,
    /// Bars that do not hold, and what failed.
    pub(crate) broken: Vec<String>,
    /// Bars that were promised, and of which this run can say nothing.
    pub(crate) not_measured: Vec<String>,
    /// Bars that hold.
    pub(crate) kept: Vec<String>,
}

impl Results {
    /// Of `plans`, and of everything else where it was asked for `everything`: what is not measured is
    /// named then.
    pub(crate) fn new(
        (machine, seed, minutes): (Machine, u64, f64),
        plans: &[Plan],
        everything: bool,
        measured: Measured,
    ) -> Self {
        let (bars, missing) = told(promised(&measured));
        let worlds = bars::bars(&measured.rows).into_iter();
        let others = measured.serve.iter().flat_map(|served| serving::bars(served));
        let bars = worlds.chain(bars).chain(others);
        let (kept, broken): (Vec<_>, Vec<_>) = bars.partition(|bar| bar.holds);
        let texts =
            |bars: Vec<Bar>| -> Vec<String> { bars.into_iter().map(|bar| bar.text).collect() };
        let notes = plans.iter().filter(|plan| plan.sync.before() == 0 && plan.legacy_runs == 0);
        let notes = notes.filter_map(|plan| without_legacy(plan, &measured.rows)).collect();
        let broken = measured.failed.iter().cloned().chain(texts(broken)).collect();
        let not_measured = if everything { missing } else { Vec::new() };
        Self { machine, seed, minutes, notes, broken, not_measured, kept: texts(kept), measured }
    }
}

/// The bars that do not come from the rows, and those of the rows that are missing.
fn promised(measured: &Measured) -> Vec<Promise> {
    let missing_of_rows = bars::promised(&measured.rows);
    let missing_of_rows = missing_of_rows.into_iter().filter(|(_, bar)| bar.is_none());
    let unchanged = match measured.units.as_slice() {
        [] => units::bars::promised(None),
        all => all.iter().flat_map(|counted| units::bars::promised(Some(counted))).collect(),
    };
    let mut promises: Vec<Promise> = missing_of_rows.chain(unchanged).collect();
    promises.extend(units::dollars::promised(&measured.months));
    promises.extend(readers::promised(measured.commands.as_deref()));
    promises.extend(start::promised(measured.start.as_ref()));
    if measured.serve.is_none() {
        promises.push((serving::ALL_BARS.to_owned(), None));
    }
    promises
}

/// What is known, and the names of the rest.
fn told(promises: Vec<Promise>) -> (Vec<Bar>, Vec<String>) {
    let (mut bars, mut missing) = (Vec::new(), Vec::new());
    for (name, bar) in promises {
        match bar {
            Some(bar) => bars.push(bar),
            None => missing.push(name),
        }
    }
    (bars, missing)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_that_was_not_measured_is_named_and_neither_kept_nor_broken() {
        let of = |everything| {
            let failed = vec!["readers: finishes: no disk".to_owned()];
            let measured = Measured { failed, ..Measured::default() };
            Results::new((Machine::of_today(), 1, 0.1), &[], everything, measured)
        };
        let results = of(true);
        assert!(results.kept.is_empty(), "{:?}", results.kept);
        assert_eq!(results.broken, ["readers: finishes: no disk"]);
        // 4 + 2 + 5 + 1 of worlds, 2 and 4 of units, 4 of commands, 2 of the program, those of the page.
        assert_eq!(results.not_measured.len(), 12 + 2 + 4 + 4 + 2 + 1);
        assert!(of(false).not_measured.is_empty());
    }
}
