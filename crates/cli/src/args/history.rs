//! What is asked of `changes` and `diff`.

use clap::Args as ClapArgs;
use store::rows::ChangeKind;

use super::list::ListArgs;
use super::status::StatusOutput;

#[derive(Debug, ClapArgs)]
#[command(mut_arg("limit", |arg| arg.help("At most so many, the last ones [default: 1000]")))]
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
    #[command(flatten)]
    pub(crate) list: ListArgs,
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

fn parse_kind(text: &str) -> Result<ChangeKind, String> {
    let known = || ChangeKind::ALL.map(ChangeKind::name).join(", ");
    ChangeKind::from_name(text).ok_or_else(|| format!("expected one of {}", known()))
}
