//! What was typed; one file per group of commands.

mod accounts;
mod export_accounts;
mod globals;
mod habits;
mod history;
mod list;
mod onboarding;
mod regions;
mod removals;
mod report;
mod serve;
mod servers;
mod simulated;
mod status;
mod sync;
mod unprotected;
mod values;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub(crate) use accounts::{AccountsCommand, AddAccountArgs};
pub(crate) use export_accounts::ExportAccountsArgs;
pub(crate) use globals::{DYNAMODB, Globals};
pub(crate) use habits::{CompletionsArgs, ManArgs, SettingsArgs};
pub(crate) use history::{ChangesArgs, DiffArgs};
pub(crate) use list::ListArgs;
pub(crate) use onboarding::{
    CheckAccountsArgs, CheckArgs, DiscoverArgs, ImportArgs, UpdateAccountArgs,
};
pub(crate) use regions::{AcknowledgeArgs, RegionsArgs, RegionsCommand};
pub(crate) use removals::{ApproveArgs, RemovalsCommand};
pub(crate) use report::{ReportArgs, ReportCommand};
pub(crate) use serve::ServeArgs;
pub(crate) use servers::{ServerArgs, ServersArgs, TagTerm};
pub(crate) use simulated::{CompareArgs, CompareOutput, DemoArgs, SimArgs};
pub(crate) use status::{FailOn, StatusArgs, StatusOutput};
pub(crate) use sync::{SyncArgs, SyncOutput, TablesCommand};
pub(crate) use unprotected::{ExcludeArgs, UnprotectedCommand};
pub(crate) use values::Format;

/// One inventory of all AWS Elastic Disaster Recovery source servers.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 all well; 1 the command failed; 2 wrong usage; \
    3 the picture is incomplete (sync, status --fail-on unknown); \
    4 status --fail-on not-ready or at-risk found such servers; 130 and 143 ended by SIGINT and SIGTERM."
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// What this process was started with. Ends it where that is no usage.
    pub(crate) fn of_process() -> Self {
        let matches = command().get_matches();
        let mut args = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        args.globals.region = globals::hub_region(&matches);
        args
    }
}

/// All that can be typed, for who describes it.
pub(crate) fn command() -> clap::Command {
    globals::with_hub_region(Args::command())
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole sync against a simulated AWS; needs no AWS account and no set-up
    Demo(DemoArgs),
    /// Collect the servers of all accounts and regions from AWS into the store
    Sync(SyncArgs),
    /// Serve the page and the HTTP API on this machine, for a browser and for scripts
    Serve(ServeArgs),
    /// List, find, check, add or remove target and staging accounts
    #[command(subcommand)]
    Accounts(AccountsCommand),
    /// Check what a sync starts with: credentials, clock, tables, permissions, room
    Check(CheckArgs),
    /// One screen: can we recover, what do we not know, what to do next
    Status(StatusArgs),
    /// Show the servers of the inventory, the worst first
    Servers(ServersArgs),
    /// Show one server: what is known of it, as of when, and what happened to it
    Server(ServerArgs),
    /// Show what happened: servers that came, changed, went; regions that failed
    Changes(ChangesArgs),
    /// Show what became of the servers between two moments
    Diff(DiffArgs),
    /// Write evidence of one moment for auditors, or verify it
    Report(ReportArgs),
    /// Show what came of asking each region
    Regions(RegionsArgs),
    /// List removals that wait for an approval, or approve them
    #[command(subcommand)]
    Removals(RemovalsCommand),
    /// List EC2 instances that nothing protects, or say which need not be
    #[command(subcommand)]
    Unprotected(UnprotectedCommand),
    /// Serve a simulated AWS (DRS, EC2, STS) to any AWS client
    Sim(SimArgs),
    /// Run the legacy and the refactored sync on simulated worlds and compare them
    Compare(CompareArgs),
    /// Create the tables in the store
    #[command(subcommand)]
    Tables(TablesCommand),
    /// Show each setting, its value and where it comes from; no secret
    Settings(SettingsArgs),
    /// Print what completes commands and options in a shell
    Completions(CompletionsArgs),
    /// Print a manual page, or write all of them
    Man(ManArgs),
}
