//! What is asked of `servers` and `server`.

use clap::Args as ClapArgs;

use super::list::ListArgs;
use super::sync::SyncOutput;
use super::values::parse_tag;

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
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// A tag that a server must have, or must not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TagTerm {
    pub(crate) tag: (String, String),
    pub(crate) must_have: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ServerArgs {
    /// Its source server id or ARN, as in s-0123456789abcdef0
    pub(crate) id: String,
    /// What to print on stdout
    #[arg(long, value_enum, default_value_t = SyncOutput::Text)]
    pub(crate) output: SyncOutput,
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
