//! What is asked of `regions`.

use clap::{Args as ClapArgs, Subcommand};

use super::list::ListArgs;

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct RegionsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<RegionsCommand>,
    /// What this account got in each region
    #[arg(long, value_name = "ACCOUNT_ID")]
    pub(crate) account: Option<String>,
    /// This region alone
    #[arg(long)]
    pub(crate) region: Option<String>,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegionsCommand {
    /// Say that a region of an account is closed on purpose: until then it is no failure
    Acknowledge(AcknowledgeArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AcknowledgeArgs {
    /// The account: 12 digits
    pub(crate) account_id: String,
    /// As in us-east-1
    pub(crate) region: String,
    /// Until when, as in 2027-01-31
    #[arg(long, value_name = "TIME")]
    pub(crate) until: String,
    /// Why, for whoever reads it later
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: String,
}
