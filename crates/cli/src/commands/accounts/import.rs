//! `accounts import`: accounts from a file.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use inventory::accounts::import::{Entry, Imported, import_accounts, parse_csv, parse_json};
use inventory::words::count;
use model::ExternalId;
use store::tables::get_target_accounts_table;

use crate::args::{ImportArgs, StatusOutput};
use crate::exit;
use crate::render::{note, print};
use crate::setup::Setup;
use crate::store::open;
use crate::text::one_line;

/// Bytes of a file: some hundred thousand accounts.
const LARGEST: u64 = 64 * 1024 * 1024;

pub(super) async fn run(setup: &Setup, args: ImportArgs) -> anyhow::Result<u8> {
    let file = args.file.display().to_string();
    let entries = read(&args.file).with_context(|| format!("cannot import {file}"))?;
    let opened = open(setup).await?;
    let table = get_target_accounts_table(&opened)?;
    let external_id = args.external_id.map(ExternalId::new);
    let imported = import_accounts(&table, entries, external_id.as_ref(), None, args.apply).await;
    let imported = imported.with_context(|| format!("cannot import {file}"))?;
    match args.output {
        StatusOutput::Text => print(&in_words(&imported))?,
        StatusOutput::Json => print(&format!("{}\n", serde_json::to_string_pretty(&imported)?))?,
    }
    if !args.apply && !imported.new.is_empty() {
        note("nothing was added; --apply adds them");
    }
    Ok(exit::OK)
}

fn read(path: &Path) -> anyhow::Result<Vec<Entry>> {
    let is_stdin = path == Path::new("-");
    let parse = match path.extension().and_then(|extension| extension.to_str()) {
        _ if is_stdin => parse_json,
        Some("json") => parse_json,
        Some("csv") => parse_csv,
        _ => bail!("expected a name that ends in .csv or .json, or - for JSON from stdin"),
    };
    let mut text = String::new();
    let source: Box<dyn Read> = match is_stdin {
        true => Box::new(std::io::stdin()),
        false => Box::new(std::fs::File::open(path)?),
    };
    let read = source.take(LARGEST + 1).read_to_string(&mut text);
    read.context("expected a text in UTF-8")?;
    anyhow::ensure!(text.len() as u64 <= LARGEST, "more than {LARGEST} bytes");
    Ok(parse(text.trim_start_matches('\u{feff}'))?)
}

fn in_words(imported: &Imported) -> String {
    let mut text = String::new();
    let title = if imported.applied { "Added" } else { "Would add" };
    for (title, accounts) in [(title, &imported.new), ("There already", &imported.unchanged)] {
        text.push_str(&format!("{title} {}\n", count(accounts.len() as u64, "target account")));
        for account in accounts {
            let staging = match account.staging_accounts {
                0 => String::new(),
                some => format!(", {}", count(some as u64, "staging account")),
            };
            let name = one_line(&account.account_name);
            text.push_str(&format!("  {}  {name}{staging}\n", account.account_id));
        }
    }
    text
}
