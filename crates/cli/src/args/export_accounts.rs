//! What was typed after `accounts export`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct ExportAccountsArgs {
    /// The file to make, as JSON or, where its name ends with .csv, as CSV
    pub(crate) file: PathBuf,
    /// Write the external ids, too: the file is a secret then, and only its owner can read it
    #[arg(long)]
    pub(crate) with_external_ids: bool,
}
