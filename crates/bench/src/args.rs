//! What was typed.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::shape::Shape;

/// Time, calls, processor, memory and units of the sync on simulated AWS, and what readers wait for.
#[derive(Debug, Parser)]
#[command(
    after_help = "Exit codes: 0 measured; 1 it failed, or with --check a bar does not hold; \
    2 wrong usage."
)]
pub(crate) struct Args {
    /// The small worlds alone, under two minutes
    #[arg(long, conflicts_with = "world")]
    pub(crate) quick: bool,
    /// Only count what three syncs of one world consume on DynamoDB, by operation, table and
    /// index: a first one, one of the same servers, and one where 1 % of them changed. The world is
    /// 100x3x300 without --world
    #[arg(long, conflicts_with_all = ["quick", "legacy", "write", "keep"])]
    pub(crate) units: bool,
    /// Only time what people ask of 90,000 servers in 900 accounts: `status`, lists, one server
    #[arg(long, conflicts_with_all = ["quick", "units", "world", "legacy", "write"])]
    pub(crate) readers: bool,
    /// Only this world, ACCOUNTSxREGIONSxSERVERS with the servers of one account; may be given
    /// more than once
    #[arg(long, value_name = "AxRxS")]
    pub(crate) world: Vec<Shape>,
    /// With --world: run the legacy sync on it, too
    #[arg(long, requires = "world")]
    pub(crate) legacy: bool,
    /// What the worlds are made from
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// What to print on stdout
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,
    /// Write the results to this Markdown file, and to a JSON file beside it
    #[arg(long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,
    /// Fail where a bar does not hold
    #[arg(long)]
    pub(crate) check: bool,
    /// Leave worlds, stores and records in this folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Table,
    /// One object
    Json,
}
