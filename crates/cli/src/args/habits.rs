//! What is asked of commands about the program itself: `settings`, `completions`, `man`.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use clap_complete::Shell;

use super::list::ListArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct SettingsArgs {
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ManArgs {
    /// The page of this command, as in `accounts add` [default: of the program]
    pub(crate) command: Vec<String>,
    /// Write the pages of the program and of every command into this directory
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) out: Option<PathBuf>,
}
