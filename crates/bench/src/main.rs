//! `bench`: time, calls, processor and memory of the sync on simulated AWS of any size.
//!
//! - [`args`]: what was typed. [`suite`]: everything in one run. [`plan`]: which worlds, how often.
//! - [`shape`], [`change`], [`world`]: the size of a world, what changed in it, and the file made from it.
//! - [`program`], [`simulator`], [`sync_process`], [`cpu`], [`memory`]: the processes that are measured.
//! - [`store`], [`store_files`]: the store of a run, its time alone, and its copies.
//! - [`start`]: the program itself.
//! - [`measure`]: one row; [`floor`], [`calls`], [`statistics`]: what its numbers mean.
//! - [`readers`], [`serving`]: how long people wait for answers of commands, and of the page.
//! - [`units`]: what the sync consumes on DynamoDB, without the processes, and what that costs.
//! - [`bars`]: what must hold. [`results`], [`machine`], [`render`], [`markdown_table`]: what is shown and
//!   kept.

mod args;
mod bars;
mod calls;
mod change;
mod cpu;
mod floor;
mod machine;
mod markdown_table;
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
mod start;
mod statistics;
mod store;
mod store_files;
mod suite;
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
use bars::Bar;
use results::{Measured, Results};

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
    let results = suite::run(args, &tell)?;
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
    Ok(broken(counted.iter().flat_map(units::bars::bars)))
}

/// The bars that do not hold.
fn readers(args: &Args) -> anyhow::Result<Vec<String>> {
    let Measured { serve, commands, failed, .. } = suite::only_readers(args, &tell)?;
    let (served, timed) = (serve.unwrap_or_default(), commands.unwrap_or_default());
    show(&match args.output {
        Output::Table => format!("{}\n{}", serving::table(&served), readers::table(&timed)),
        Output::Json => {
            let both = serde_json::json!({ "serve": served, "commands": timed });
            format!("{both:#}\n")
        }
    })?;
    let commands = readers::promised(Some(&timed)).into_iter().filter_map(|(_, bar)| bar);
    Ok([failed, broken(serving::bars(&served).into_iter().chain(commands))].concat())
}

fn broken(bars: impl Iterator<Item = Bar>) -> Vec<String> {
    bars.filter(|bar| !bar.holds).map(|bar| bar.text).collect()
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
