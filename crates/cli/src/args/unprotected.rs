//! What is asked of `unprotected`.

use clap::{Args as ClapArgs, Subcommand};

use super::list::ListArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum UnprotectedCommand {
    /// List the instances that no source server names, as the last syncs found them
    List {
        /// Of this account
        #[arg(long, value_name = "ACCOUNT_ID")]
        account: Option<String>,
        /// In this region
        #[arg(long)]
        region: Option<String>,
        /// What is excluded, instead
        #[arg(long, conflicts_with_all = ["account", "region"])]
        exclusions: bool,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Say that an instance, or all with a tag, need not be protected, from the next sync on
    Exclude(ExcludeArgs),
    /// Take an exclusion back, from the next sync on
    Include {
        /// As in tag:Environment=test or id:i-0123456789abcdef0
        what: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExcludeArgs {
    /// As in tag:Environment=test or id:i-0123456789abcdef0
    pub(crate) what: String,
    /// Who answers for it
    #[arg(long, value_name = "TEXT")]
    pub(crate) owner: String,
    /// Why, for whoever reads it later
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Until when, as in 2027-01-31
    #[arg(long, value_name = "TIME")]
    pub(crate) until: String,
}
