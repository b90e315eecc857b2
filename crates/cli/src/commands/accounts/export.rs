//! `accounts export`: all accounts in a file.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use inventory::accounts::{AccountsExport, ExternalIds, export_accounts};
use inventory::words::count;
use store::tables::get_target_accounts_table;
use tempfile::NamedTempFile;

use crate::args::ExportAccountsArgs;
use crate::render::note;
use crate::setup::Setup;
use crate::store::open_to_read;
use crate::text::one_line;

pub(super) async fn run(setup: &Setup, args: &ExportAccountsArgs) -> anyhow::Result<()> {
    let ExportAccountsArgs { file, with_external_ids } = args;
    let is_csv = is_csv(file)?;
    let opened = open_to_read(setup).await?;
    let external_ids = if *with_external_ids { ExternalIds::Written } else { ExternalIds::LeftOut };
    let export = export_accounts(&get_target_accounts_table(&opened)?, external_ids).await?;
    let text = if is_csv { export.to_csv()? } else { export.to_json() };
    write_private(file, &text)?;
    tell(&export, file, *with_external_ids);
    Ok(())
}

fn is_csv(file: &Path) -> anyhow::Result<bool> {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Ok(false),
        Some("csv") => Ok(true),
        _ => bail!("{}: expected a name that ends with .json or .csv", file.display()),
    }
}

/// All of the file or nothing, and never over one that is there. Only its owner can read it.
fn write_private(file: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", file.display());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut made = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).with_context(cannot)?;
    made.write_all(text.as_bytes()).with_context(cannot)?;
    made.as_file().sync_all().with_context(cannot)?;
    made.persist_noclobber(file).map(drop).map_err(|error| error.error).with_context(cannot)
}

fn tell(export: &AccountsExport, file: &Path, with_external_ids: bool) {
    let targets = count(export.targets() as u64, "target account");
    let stagings = count(export.staging_accounts() as u64, "staging account");
    note(&format!("{}: {targets}, {stagings}", one_line(&file.display().to_string())));
    for left_out in export.left_out() {
        note(&format!("not in the file: {}", one_line(left_out)));
    }
    if with_external_ids {
        note("it holds external ids: keep it where you keep passwords, and nowhere else");
    }
}
