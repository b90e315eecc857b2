//! What is asked of commands that need no AWS: `demo`, `sim` and `compare`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// Show the result in a browser: serve the page until it is ended
    #[arg(long)]
    pub(crate) serve: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SimArgs {
    /// The world file to serve
    #[arg(long, value_name = "FILE")]
    pub(crate) world: PathBuf,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// An AWS emulator whose STS says which account an access key belongs to
    #[arg(long, value_name = "URL")]
    pub(crate) accounts_from: Option<String>,
    /// Write every call to this file at the end, one JSON object per line
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompareArgs {
    /// A world file; may be given more than once
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) world: Vec<PathBuf>,
    /// Milliseconds before each answer of DRS, EC2 and STS [default: as the world says]
    #[arg(long, value_name = "MS")]
    pub(crate) latency: Option<u64>,
    /// What to print on stdout
    #[arg(long, value_enum, default_value_t = CompareOutput::Table)]
    pub(crate) output: CompareOutput,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompareOutput {
    /// Every difference with its reason, and the calls of both
    Table,
    /// One line per world
    Line,
    /// docs/comparison.md
    Markdown,
    /// One array
    Json,
}
