//! The counts for people.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use super::{Counted, Counts, Units};

const HEADING: [&str; 6] = ["sync", "operation", "table", "index", "read units", "write units"];
/// The others are numbers.
const TEXT_COLUMNS: usize = 4;

/// A table with the sums of each sync, then which bars hold.
pub(crate) fn table(counted: &Counted) -> String {
    let Counted { world, servers, places, accounts, syncs, .. } = counted;
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(HEADING).add_rows(syncs.iter().flat_map(lines));
    for column in table.column_iter_mut().skip(TEXT_COLUMNS) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = format!(
        "{world}: {servers} servers in {places} pairs of account and region of {accounts} accounts\n\n\
         {table}\n\n"
    );
    for counts in syncs {
        let Counts { sync, servers_written, servers_unchanged, .. } = counts;
        text.push_str(&format!(
            "- {sync}: {servers_written} rows written, {servers_unchanged} unchanged\n"
        ));
    }
    text.push('\n');
    let kept = counted.kept.iter().map(|bar| format!("- holds: {bar}\n"));
    let broken = counted.broken.iter().map(|bar| format!("- DOES NOT HOLD: {bar}\n"));
    text.extend(kept.chain(broken));
    text
}

fn lines(counts: &Counts) -> Vec<[String; 6]> {
    let line = |units: &Units| {
        let Units { operation, table, index, read, write } = units;
        let index = index.clone().unwrap_or_default();
        let (read, write) = (number(*read), number(*write));
        [counts.sync.to_string(), operation.clone(), table.clone(), index, read, write]
    };
    let (read, write) = (number(counts.read()), number(counts.written()));
    let all =
        [counts.sync.to_string(), "all".to_owned(), String::new(), String::new(), read, write];
    counts.units.iter().map(line).chain([all]).collect()
}

/// Half units are the smallest there are; nothing of nothing.
fn number(units: f64) -> String {
    if units == 0.0 { String::new() } else { format!("{units}") }
}
