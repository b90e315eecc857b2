//! What is asked to bring accounts in: found in the organization, read from a file, checked.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::status::StatusOutput;

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Without --ou, --tag and --account the installation's own selection counts (DISCOVER_OUS, DISCOVER_TAGS, \
    DISCOVER_ACCOUNTS), and accounts that were never added are not known in every picture. Nothing is ever removed."
)]
pub(crate) struct DiscoverArgs {
    /// Accounts in this organizational unit or below it, as in ou-ab12-cdefghij; `!` before one: not
    /// there
    #[arg(long, value_name = "OU")]
    pub(crate) ou: Vec<String>,
    /// Accounts with this tag; `!KEY=VALUE` for accounts without it
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) tag: Vec<String>,
    /// These accounts; `!` before one: not that one
    #[arg(long, value_name = "ACCOUNT_ID")]
    pub(crate) account: Vec<String>,
    /// A role of the management account, or of a delegated administrator, that may read the
    /// organization [default: ORGANIZATION_ROLE_ARN, else the caller's own credentials]
    #[arg(long, value_name = "ARN")]
    pub(crate) role_arn: Option<String>,
    /// Add the new ones, with the role MEMBER_ROLE_NAME and the external id DEFAULT_EXTERNAL_ID
    #[arg(long)]
    pub(crate) apply: bool,
    /// What to print on stdout
    #[arg(long, value_enum, default_value_t = StatusOutput::Text)]
    pub(crate) output: StatusOutput,
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "CSV: a first line with accountId, and any of accountName, roleArn, externalId, hasExternalId, stagingOf. \
    JSON: as `accounts export` writes it. The whole file is checked first; up to 100 accounts are added all or none."
)]
pub(crate) struct ImportArgs {
    /// A file that ends in .csv or .json; `-` reads JSON from stdin
    pub(crate) file: PathBuf,
    /// Add the accounts; without it, only say what would be added
    #[arg(long)]
    pub(crate) apply: bool,
    /// The external id of accounts with a role of which the file does not say one
    #[arg(long, value_name = "ID", env = "DRS_INVENTORY_EXTERNAL_ID", hide_env_values = true)]
    pub(crate) external_id: Option<String>,
    /// What to print on stdout
    #[arg(long, value_enum, default_value_t = StatusOutput::Text)]
    pub(crate) output: StatusOutput,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "Exit codes: 0 all passed; 1 nothing could be checked; 3 a step failed.")]
pub(crate) struct CheckAccountsArgs {
    /// These accounts [default: all of the table]
    pub(crate) account_id: Vec<String>,
    /// Show every step of every account, and not only what failed or could be better
    #[arg(long)]
    pub(crate) steps: bool,
    /// What to print on stdout
    #[arg(long, value_enum, default_value_t = StatusOutput::Text)]
    pub(crate) output: StatusOutput,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "Exit codes: 0 all passed; 1 nothing could be checked; 3 a step failed.")]
pub(crate) struct CheckArgs {
    /// What to print on stdout
    #[arg(long, value_enum, default_value_t = StatusOutput::Text)]
    pub(crate) output: StatusOutput,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct UpdateAccountArgs {
    /// The target account: 12 digits
    pub(crate) account_id: String,
    /// A name for people
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The role to assume in this account
    #[arg(long, value_name = "ARN")]
    pub(crate) role_arn: Option<String>,
    /// The external id that the role asks for; where no option is given, that of
    /// DRS_INVENTORY_EXTERNAL_ID
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
}
