//! What is asked of `report`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::values::parse_tag;

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ReportArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ReportCommand>,
    /// The directory to make: report.html, servers.csv, report.json, manifest.json
    #[arg(long, value_name = "DIR", required = true)]
    pub(crate) out: Option<PathBuf>,
    /// Of this time, told from the history: as in 3d, 2026-11-25 or 2026-11-25T10:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// Servers that run in this account; may be given more than once
    #[arg(long, value_name = "ACCOUNT_ID")]
    pub(crate) account: Vec<String>,
    /// Servers of this protection group; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Vec<String>,
    /// Servers with this EC2 tag; may be given more than once
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_tag)]
    pub(crate) tag: Vec<(String, String)>,
    /// Replace a report that is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Say what of a report is not as it was written: every hash, and every figure from the servers anew
    Verify {
        /// The directory
        dir: PathBuf,
    },
}
