//! What is asked of `accounts`.

use clap::{Args as ClapArgs, Subcommand};

use super::export_accounts::ExportAccountsArgs;
use super::list::ListArgs;
use super::onboarding::{CheckAccountsArgs, DiscoverArgs, ImportArgs, UpdateAccountArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum AccountsCommand {
    /// List the accounts
    List(ListArgs),
    /// Add a target account, or a staging account of one
    Add(AddAccountArgs),
    /// Write all accounts into a file that `accounts import` reads, in this installation or another
    Export(ExportAccountsArgs),
    /// Change a target account; what is not given stays
    Update(UpdateAccountArgs),
    /// Compare the accounts of AWS Organizations with the table, and add the new ones
    Discover(DiscoverArgs),
    /// Add the accounts of a CSV or JSON file
    Import(ImportArgs),
    /// Check whether each account can be read, and say what mends it where not
    Check(CheckAccountsArgs),
    /// Remove a target account with its staging accounts, or one staging account
    Remove {
        /// The account: 12 digits
        account_id: String,
        /// The target account whose staging account it is
        #[arg(long, value_name = "ACCOUNT_ID")]
        staging_of: Option<String>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AddAccountArgs {
    /// The account: 12 digits
    pub(crate) account_id: String,
    /// A name for people
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The role to assume in this account; the account the sync runs in needs none
    #[arg(long, value_name = "ARN")]
    pub(crate) role_arn: Option<String>,
    /// The external id that the role asks for
    #[arg(long, value_name = "ID", env = "DRS_INVENTORY_EXTERNAL_ID", hide_env_values = true)]
    pub(crate) external_id: Option<String>,
    /// Add it as a staging account of this target account
    #[arg(long, value_name = "ACCOUNT_ID")]
    pub(crate) staging_of: Option<String>,
}
