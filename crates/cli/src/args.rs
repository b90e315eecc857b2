//! What was typed.

mod export_accounts;

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use store::rows::ChangeKind;

pub(crate) use export_accounts::ExportAccountsArgs;

/// One inventory of all AWS Elastic Disaster Recovery source servers.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 all well; 1 the command failed; 2 wrong usage; \
    3 the picture is incomplete (sync, status --fail-on unknown); \
    4 status --fail-on not-ready or at-risk found such servers; 130 and 143 ended by SIGINT and SIGTERM."
)]
pub(crate) struct Args {
    /// A file of the embedded store, or `dynamodb` [default: a file in the user's data directory]
    #[arg(long, global = true, value_name = "PATH|dynamodb")]
    pub(crate) store: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole sync against a simulated AWS; needs no AWS account and no set-up
    Demo(DemoArgs),
    /// Collect the servers of all accounts and regions from AWS into the store
    Sync(SyncArgs),
    /// Serve the page and the HTTP API on this machine, for a browser and for scripts
    Serve(ServeArgs),
    /// List, add or remove target and staging accounts
    #[command(subcommand)]
    Accounts(AccountsCommand),
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
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// Show the result in a browser: serve the page until it is ended
    #[arg(long)]
    pub(crate) serve: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    /// The loopback address to listen on; another machine cannot reach it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) listen: IpAddr,
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Let the page and scripts change accounts, groups and plans, approve removals, and start syncs
    #[arg(long)]
    pub(crate) allow_changes: bool,
    /// Only read; this is the default
    #[arg(long, conflicts_with = "allow_changes")]
    pub(crate) read_only: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SyncArgs {
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
pub(crate) enum AccountsCommand {
    /// List the accounts
    List {
        /// How to print them
        #[arg(long, value_enum, default_value_t = Format::Table)]
        output: Format,
    },
    /// Add a target account, or a staging account of one
    Add(AddAccountArgs),
    /// Write all accounts into a file that `accounts import` reads, in this installation or another
    Export(ExportAccountsArgs),
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

/// Each filter takes several values, separated by commas or given more than once, of which one must
/// fit; `!` before a value means that it must not.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Several values: --region eu-west-1,us-east-1. None of these: --state '!CONTINUOUS'."
)]
pub(crate) struct ServersArgs {
    /// Servers that run in this account
    #[arg(long, value_name = "ACCOUNT_ID")]
    pub(crate) account: Vec<String>,
    /// Servers replicated into this account
    #[arg(long, value_name = "ACCOUNT_ID")]
    pub(crate) staging_account: Vec<String>,
    /// Servers replicated into this region
    #[arg(long)]
    pub(crate) region: Vec<String>,
    /// Servers with this verdict: ready, at-risk, not-ready, unknown
    #[arg(long)]
    pub(crate) verdict: Vec<String>,
    /// Servers with this reason, as in LAG_ABOVE_RPO
    #[arg(long, value_name = "CODE")]
    pub(crate) reason: Vec<String>,
    /// Servers whose last drill is this: current, old, never, failed, changed-since
    #[arg(long)]
    pub(crate) drill: Vec<String>,
    /// Servers of this protection group
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Vec<String>,
    /// Servers in this replication state, as in STALLED
    #[arg(long)]
    pub(crate) state: Vec<String>,
    /// Servers that lag behind more than this, as in 15m, 2h or PT1H
    #[arg(long, value_name = "TIME", value_parser = parse_length)]
    pub(crate) lag_above: Option<u64>,
    /// Servers whose host name or domain name has this in it
    #[arg(long, value_name = "TEXT")]
    pub(crate) hostname: Vec<String>,
    /// As they were at this time, told from the history: as in 3d, 2026-11-25 or 2026-11-25T10:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// Servers with this EC2 tag; `!KEY=VALUE` for servers without it; of several all must fit
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_tag_term)]
    pub(crate) tag: Vec<TagTerm>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
}

/// A tag that a server must have, or must not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TagTerm {
    pub(crate) tag: (String, String),
    pub(crate) must_have: bool,
}

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

#[derive(Debug, ClapArgs)]
pub(crate) struct DiffArgs {
    /// The earlier moment, as in 3d, 2026-11-25 or 2026-11-25T10:00:00Z
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// The later one [default: now]
    #[arg(value_name = "TO")]
    pub(crate) to: Option<String>,
    /// What to print on stdout
    #[arg(long, value_enum, default_value_t = StatusOutput::Text)]
    pub(crate) output: StatusOutput,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ServerArgs {
    /// Its source server id or ARN, as in s-0123456789abcdef0
    pub(crate) id: String,
    /// What to print on stdout
    #[arg(long, value_enum, default_value_t = SyncOutput::Text)]
    pub(crate) output: SyncOutput,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ChangesArgs {
    /// What happened to this server: its source server id or ARN
    #[arg(long, value_name = "ID")]
    pub(crate) server: Option<String>,
    /// What concerns this account: itself, its regions, the servers that DRS lists there
    #[arg(long, value_name = "ACCOUNT_ID")]
    pub(crate) account: Option<String>,
    /// What concerns this region
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// This kind, as in missing; may be given more than once
    #[arg(long, value_parser = parse_kind)]
    pub(crate) kind: Vec<ChangeKind>,
    /// From this time on, as in 2h, 3d or 2026-11-25T10:00:00Z [default: of a server everything, else
    /// 7d]
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// At most so many, the last ones
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
}

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
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
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

#[derive(Debug, Subcommand)]
pub(crate) enum RemovalsCommand {
    /// List what waits: rows that too many others are missing with, and servers of closed regions
    List {
        /// How to print them
        #[arg(long, value_enum, default_value_t = Format::Table)]
        output: Format,
    },
    /// Let the next sync remove what you have seen; on a terminal it is shown and asked for
    Approve(ApproveArgs),
    /// Put back the row of a server that was removed, flagged as missing until a sync finds it
    Restore {
        /// The ARN, as `changes --kind removed` shows it
        arn: String,
    },
}

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
        /// How to print them
        #[arg(long, value_enum, default_value_t = Format::Table)]
        output: Format,
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

#[derive(Debug, Subcommand)]
pub(crate) enum TablesCommand {
    /// Create the tables and indexes that are missing
    Create,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// One array
    Json,
    /// One object per line
    Jsonl,
    /// One row per line, all attributes
    Csv,
}

fn parse_kind(text: &str) -> Result<ChangeKind, String> {
    let known = || ChangeKind::ALL.map(ChangeKind::name).join(", ");
    ChangeKind::from_name(text).ok_or_else(|| format!("expected one of {}", known()))
}

fn parse_tag(text: &str) -> Result<(String, String), String> {
    api::parameters::key_and_value(text).ok_or_else(|| "expected KEY=VALUE".to_owned())
}

fn parse_tag_term(text: &str) -> Result<TagTerm, String> {
    let (must_have, tag) = match text.strip_prefix('!') {
        Some(tag) => (false, tag),
        None => (true, text),
    };
    Ok(TagTerm { tag: parse_tag(tag)?, must_have })
}

/// Seconds.
fn parse_length(text: &str) -> Result<u64, String> {
    let span: Result<jiff::Span, _> = text.parse();
    let seconds = span.ok().and_then(|span| {
        span.total(jiff::SpanTotal::from(jiff::Unit::Second).days_are_24_hours()).ok()
    });
    let expected = || "expected a length of time, as in 15m, 2h or PT1H".to_owned();
    // No lag comes near 2^53 seconds.
    seconds.filter(|it| *it >= 0.0).map(|it| it as u64).ok_or_else(expected)
}
