//! The counts for people.

use super::bars::INVENTORY;
use super::dollars::{Month, SYNC_EVERY_MINUTES};
use super::{Counted, Counts, Kind, Rows, Units};
use crate::markdown_table::markdown_table;

/// Every operation, table and index, with the sums of each sync.
pub(crate) fn table(counted: &Counted) -> String {
    let heading = ["sync", "operation", "table", "index", "read units", "write units"];
    let table = markdown_table(heading, 4, counted.syncs.iter().flat_map(operations));
    let mut text = format!("{}\n\n{table}\n\n", title(counted));
    for Counts { sync, rows: Rows { written, unchanged }, .. } in &counted.syncs {
        text.push_str(&format!("- {sync}: {written} rows written, {unchanged} unchanged\n"));
    }
    text
}

/// A line a sync.
pub(crate) fn summary(counted: &Counted) -> String {
    let heading = [
        "sync",
        "rows written",
        "write units: tables",
        "indexes",
        "of them rows of servers and their indexes",
        "read units",
    ];
    let line = |counts: &Counts| {
        let indexes: f64 =
            counts.units.iter().filter(|it| it.index.is_some()).map(|it| it.write).sum();
        [
            counts.sync.to_string(),
            counts.rows.written.to_string(),
            format!("{}", counts.written() - indexes),
            format!("{indexes}"),
            format!("{}", counts.written_to(INVENTORY)),
            format!("{}", counts.read()),
        ]
    };
    let table = markdown_table(heading, 1, counted.syncs.iter().map(line));
    let row = row_units(counted).map_or_else(|| "-".to_owned(), |units| format!("{units:.2}"));
    format!(
        "{}, by {}; a row has {row} write units in its table\n\n{table}\n",
        title(counted),
        counted.mode
    )
}

/// Write units of a new row in the table itself: 2 where it has 2 KB.
fn row_units(counted: &Counted) -> Option<f64> {
    let first = counted.of(Kind::First)?;
    let of_table = |it: &&Units| it.table == INVENTORY && it.index.is_none();
    let units: f64 = first.units.iter().filter(of_table).map(|it| it.write).sum();
    (first.rows.written > 0).then(|| units / first.rows.written as f64)
}

/// What the calls of the state machine take: `timed` has the processor's time and the calls to AWS,
/// `counted` the units.
pub(crate) fn state_machine(timed: &Counted, counted: &Counted) -> String {
    let heading = [
        "sync",
        "CPU ms an account",
        "finish_sync CPU ms",
        "STS an account",
        "DRS",
        "EC2",
        "write units an account",
        "read units an account",
    ];
    let line = |counts: &Counts| {
        let accounts = timed.accounts as f64;
        let each = |number: f64, of: usize| format!("{:.2}", number / of as f64);
        let units = counted.of(counts.sync);
        let told = |ms: Option<f64>| ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms:.1}"));
        [
            counts.sync.to_string(),
            told(counts.cpu_seconds.map(|seconds| seconds * 1e3 / accounts)),
            told(counts.finish_cpu_seconds.map(|seconds| seconds * 1e3)),
            each(counts.calls.sts as f64, timed.accounts),
            each(counts.calls.drs as f64, timed.accounts),
            each(counts.calls.ec2 as f64, timed.accounts),
            units.map_or_else(|| "-".to_owned(), |it| each(it.written(), counted.accounts)),
            units.map_or_else(|| "-".to_owned(), |it| each(it.read(), counted.accounts)),
        ]
    };
    format!("{}\n\n{}\n", title(timed), markdown_table(heading, 1, timed.syncs.iter().map(line)))
}

/// Dollars by size.
pub(crate) fn months(months: &[Month]) -> String {
    let heading = [
        "accounts",
        "servers",
        "ROW_REFRESH_MINUTES",
        "by",
        "tables",
        "indexes",
        "reads",
        "all, $ in 30 days",
    ];
    let line = |month: &Month| {
        let Month { accounts, servers, mode, refresh_minutes, tables, indexes, reads } = month;
        let [accounts, servers, minutes] =
            [*accounts as u64, *servers as u64, *refresh_minutes].map(|number| number.to_string());
        let [tables, indexes, reads, all] =
            [*tables, *indexes, *reads, month.all()].map(|dollars| format!("{dollars:.2}"));
        [accounts, servers, minutes, mode.to_string(), tables, indexes, reads, all]
    };
    let table = markdown_table(heading, 0, months.iter().map(line));
    format!(
        "A sync every {SYNC_EVERY_MINUTES} minutes, 1 % of the servers changed in each.\n\n{table}\n"
    )
}

fn title(counted: &Counted) -> String {
    let Counted { world, servers, places, accounts, .. } = counted;
    format!(
        "{world}: {servers} servers in {places} pairs of account and region of {accounts} accounts"
    )
}

fn operations(counts: &Counts) -> Vec<[String; 6]> {
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
