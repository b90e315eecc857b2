//! `bench`: time, calls, processor and memory of the sync on simulated AWS of any size.
//!
//! - [`args`]: what was typed. [`plan`]: which worlds, how often.
//! - [`shape`], [`world`]: the size of a world, and the world file made from it.
//! - [`program`], [`simulator`], [`sync_process`], [`cpu`], [`memory`]: the processes that are measured.
//! - [`store`]: the store of a run, and its time alone.
//! - [`measure`]: one row; [`floor`], [`calls`], [`statistics`]: what its numbers mean.
//! - [`readers`], [`serving`]: how long people wait for answers of commands, and of the page.
//! - [`units`]: what the sync consumes on DynamoDB, without the processes.
//! - [`bars`]: what must hold. [`results`], [`machine`], [`render`]: what is shown and kept.

mod args;
mod bars;
mod calls;
mod cpu;
mod floor;
mod machine;
mod measure;
mod memory;
mod plan;
mod program;
mod readers;
mod render;
mod results;
mod serving;
mod shape;
mod simulator;
mod statistics;
mod store;
mod sync_process;
mod units;
mod world;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use tokio::runtime::Runtime;

use args::{Args, Output};
use machine::Machine;
use measure::Bench;
use results::Results;

fn main() -> ExitCode {
    let args = Args::parse();
    let broken = match (args.units, args.readers) {
        (true, _) => units(&args),
        (false, true) => readers(&args),
        (false, false) => run(&args).map(|results| results.broken),
    };
    match broken {
        Ok(broken) if args.check && !broken.is_empty() => {
            tell(&format!("does not hold:\n{}", broken.join("\n")));
            ExitCode::FAILURE
        }
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<Results> {
    let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
    let folder = args.keep.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let bench = Bench {
        program: &program::program()?,
        folder,
        seed: args.seed,
        runtime: &Runtime::new()?,
        regions_at_once: store::limits()?.regions,
        tell: &tell,
    };
    let plans = plan::plans(args);
    // A world that cannot be synced takes no other row with it.
    let (mut rows, mut failed) = (Vec::new(), Vec::new());
    for plan in &plans {
        match bench.measure(plan) {
            Ok(row) => rows.push(row),
            Err(error) => failed.push(format!("{} {}: finishes: {error:#}", plan.shape, plan.sync)),
        }
    }
    let results = Results::new(Machine::of_today(), args.seed, &plans, rows, failed);
    let json = format!("{}\n", serde_json::to_string_pretty(&results)?);
    if let Some(file) = &args.write {
        write(file, &render::markdown(&results))?;
        write(&file.with_extension("json"), &json)?;
    }
    let shown = match args.output {
        Output::Table => render::table(&results),
        Output::Json => json,
    };
    show(&shown)?;
    Ok(results)
}

/// The bars that do not hold.
fn units(args: &Args) -> anyhow::Result<Vec<String>> {
    let shapes = if args.world.is_empty() { &[units::SHAPE][..] } else { &args.world };
    let runtime = Runtime::new()?;
    let counted =
        shapes.iter().map(|shape| runtime.block_on(units::count(*shape, args.seed, &tell)));
    let counted = counted.collect::<anyhow::Result<Vec<_>>>()?;
    show(&match args.output {
        Output::Table => counted.iter().map(units::render::table).collect::<Vec<_>>().join("\n"),
        Output::Json => format!("{}\n", serde_json::to_string_pretty(&counted)?),
    })?;
    Ok(counted.into_iter().flat_map(|counted| counted.broken).collect())
}

/// The bars that do not hold.
fn readers(args: &Args) -> anyhow::Result<Vec<String>> {
    let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
    let folder = args.keep.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let runtime = Runtime::new()?;
    let program = program::program()?;
    let store = readers::fill(&program, folder, args.seed, &runtime, &tell)?;
    // Before the commands: they take minutes, and after half an hour nothing of the store is known.
    let served = serving::time(&program, &store, &runtime, &tell)?;
    let timed = readers::time(&program, &store, &tell)?;
    show(&match args.output {
        Output::Table => format!("{}\n{}", serving::table(&served), readers::table(&timed)),
        Output::Json => {
            let both = serde_json::json!({ "serve": served, "commands": timed });
            format!("{both:#}\n")
        }
    })?;
    Ok([serving::broken(&served), readers::broken(&timed)].concat())
}

fn show(text: &str) -> anyhow::Result<()> {
    std::io::stdout().write_all(text.as_bytes()).context("cannot write to stdout")
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Tells a person how far it is.
fn tell(text: &str) {
    // Where stderr is closed there is no one to tell.
    let _ = writeln!(std::io::stderr(), "{text}");
}
