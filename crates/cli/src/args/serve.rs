//! What is asked of `serve`.

use std::net::IpAddr;

use clap::Args as ClapArgs;

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
