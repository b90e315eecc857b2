//! What is asked of `sync` and `tables`.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

#[derive(Debug, ClapArgs)]
pub(crate) struct SyncArgs {
    /// Ask this account alone, a target or a staging account; may be given more than once. The others
    /// stay as they were read last
    #[arg(long, value_name = "ACCOUNT_ID", value_delimiter = ',')]
    pub(crate) account: Vec<String>,
    /// What to print on stdout
    #[arg(long, value_enum, default_value_t = SyncOutput::Text)]
    pub(crate) output: SyncOutput,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SyncOutput {
    /// A summary for people
    Text,
    /// The response, as the Lambda function gives it
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TablesCommand {
    /// Create the tables and indexes that are missing
    Create,
}
