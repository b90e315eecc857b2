//! Everything in one run: the program, the syncs, the readers, the units. What fails takes nothing else
//! with it.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use tokio::runtime::Runtime;

use crate::args::Args;
use crate::machine::Machine;
use crate::measure::Bench;
use crate::results::{Measured, Results};
use crate::units::{Counted, Mode, count_month, dollars, time_state_machine};
use crate::{plan, program, readers, serving, start, store};

/// Accounts of the two worlds in which units are counted.
const COUNTED: (usize, usize) = (20, 100);
/// Those of a quick run.
const COUNTED_QUICKLY: (usize, usize) = (5, 20);

/// Runs what was asked for: all of it, the small part of it, or single worlds.
pub(crate) fn run(args: &Args, tell: &dyn Fn(&str)) -> anyhow::Result<Results> {
    let started = Instant::now();
    let machine = Machine::of_today();
    let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
    let folder = args.keep.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let program = &program::program()?;
    let runtime = &Runtime::new()?;
    let regions_at_once = store::limits()?.regions;
    let bench = Bench { program, folder, seed: args.seed, runtime, regions_at_once, tell };
    let everything = args.world.is_empty();
    let mut measured = Measured::default();
    if everything {
        measured.start = noted(start::measure(program, tell), "the program", &mut measured.failed);
    }
    let plans = plan::plans(args);
    for plan in &plans {
        let what = format!("{} {}", plan.shape, plan.sync);
        measured.rows.extend(noted(bench.measure(plan), &what, &mut measured.failed));
    }
    if everything && !args.quick {
        let result = read(&bench, &mut measured);
        noted(result, "readers", &mut measured.failed);
    }
    if everything {
        let accounts = if args.quick { COUNTED_QUICKLY } else { COUNTED };
        for mode in [Mode::Function, Mode::StateMachine] {
            let result = count(&bench, accounts, mode, &mut measured);
            noted(result, &format!("units by {mode}"), &mut measured.failed);
        }
    }
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    Ok(Results::new((machine, args.seed, minutes), &plans, everything, measured))
}

/// The result, or what failed and why among the others.
fn noted<T>(result: anyhow::Result<T>, what: &str, failed: &mut Vec<String>) -> Option<T> {
    result.map_err(|error| failed.push(format!("{what}: finishes: {error:#}"))).ok()
}

/// What people wait for.
fn read(bench: &Bench<'_>, measured: &mut Measured) -> anyhow::Result<()> {
    let Bench { program, folder, seed, runtime, tell, .. } = *bench;
    let store = readers::fill(program, folder, seed, runtime, tell)?;
    // Before the commands: they take minutes, and after half an hour nothing of the store is known.
    let served = serving::time(program, &store, runtime, tell);
    measured.serve = noted(served, "the page", &mut measured.failed);
    measured.commands = Some(readers::time(program, &store, tell)?);
    Ok(())
}

/// What the syncs of a month consume, and of the state machine what its calls take.
fn count(
    bench: &Bench<'_>,
    (few, more): (usize, usize),
    mode: Mode,
    measured: &mut Measured,
) -> anyhow::Result<()> {
    let Bench { seed, runtime, tell, .. } = *bench;
    let [few, more] = dollars::shapes(few, more)?;
    let of = |shape| -> anyhow::Result<Counted> {
        runtime.block_on(count_month(shape, seed, mode, tell))
    };
    if mode == Mode::StateMachine {
        let timed = runtime.block_on(time_state_machine(more, seed, tell));
        measured.state_machine = noted(timed, "calls of the state machine", &mut measured.failed);
    }
    let (at_few, at_more) = (of(few)?, of(more)?);
    measured.months.extend(dollars::months(&at_few, &at_more)?);
    measured.units.push(at_more);
    Ok(())
}

/// Only what people wait for: what is printed, and the bars that do not hold.
pub(crate) fn only_readers(args: &Args, tell: &dyn Fn(&str)) -> anyhow::Result<Measured> {
    let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
    let folder: &Path = args.keep.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let (program, runtime) = (&program::program()?, &Runtime::new()?);
    let bench = Bench { program, folder, seed: args.seed, runtime, regions_at_once: 1, tell };
    let mut measured = Measured::default();
    read(&bench, &mut measured)?;
    Ok(measured)
}
