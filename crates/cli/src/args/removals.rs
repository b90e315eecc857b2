//! What is asked of `removals`.

use clap::{Args as ClapArgs, Subcommand};

use super::list::ListArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum RemovalsCommand {
    /// List what waits: rows that too many others are missing with, and servers of closed regions
    List(ListArgs),
    /// Let the next sync remove what you have seen; on a terminal it is shown and asked for
    Approve(ApproveArgs),
    /// Put back the row of a server that was removed, flagged as missing until a sync finds it
    Restore {
        /// The ARN, as `changes --kind removed` shows it
        arn: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ApproveArgs {
    /// The account: 12 digits
    #[arg(required_unless_present = "installation", requires = "region")]
    pub(crate) account_id: Option<String>,
    /// As in us-east-1
    pub(crate) region: Option<String>,
    /// All removals of the installation
    #[arg(long, conflicts_with = "account_id")]
    pub(crate) installation: bool,
    /// How many servers you saw; more than these are refused
    #[arg(long, value_name = "N", requires = "since")]
    pub(crate) count: Option<u64>,
    /// Since when they waited, as `removals list` shows it; another set is refused
    #[arg(long, value_name = "TIME", requires = "count")]
    pub(crate) since: Option<String>,
}
