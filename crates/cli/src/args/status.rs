//! What is asked of `status`.

use clap::{Args as ClapArgs, ValueEnum};

#[derive(Debug, ClapArgs)]
pub(crate) struct StatusArgs {
    /// End with 3 where anything is unknown, with 4 where a server is not ready, or is at risk or
    /// worse
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) fail_on: Vec<FailOn>,
    /// Show it again every so many seconds, until it is ended
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        default_missing_value = "30",
        value_parser = clap::value_parser!(u64).range(1..),
        conflicts_with_all = ["fail_on", "output", "as_of"]
    )]
    pub(crate) watch: Option<u64>,
    /// As it was at this time, told from the history: as in 3d, 2026-11-25 or 2026-11-25T10:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// What to print on stdout
    #[arg(long, value_enum, default_value_t = StatusOutput::Text)]
    pub(crate) output: StatusOutput,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Something is not known: exit code 3
    Unknown,
    /// A server is not ready: exit code 4
    NotReady,
    /// A server is at risk, or not ready: exit code 4
    AtRisk,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusOutput {
    /// One screen for people
    Text,
    /// One object
    Json,
}
