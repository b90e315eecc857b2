//! The results for people, for programs, and for the documentation.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::measure::Row;
use crate::results::Results;
use crate::statistics::Spread;

const TIMES: [&str; 9] = [
    "world",
    "sync",
    "s, median (range)",
    "floor s",
    "÷ floor",
    "legacy sync s",
    "÷ legacy",
    "store s",
    "− floor s",
];
const WORK: [&str; 10] = [
    "world",
    "sync",
    "STS (fewest)",
    "DRS (fewest)",
    "EC2 (fewest)",
    "CPU s",
    "CPU µs per server",
    "peak MiB",
    "servers per second",
    "rows written",
];
/// World and sync; the others are numbers.
const TEXT_COLUMNS: usize = 2;

/// Two tables, notes, and which bars hold.
pub(crate) fn table(results: &Results) -> String {
    let rows = &results.rows;
    let mut text = format!(
        "{}\n\n{}\n",
        lines(TIMES, rows.iter().map(times)),
        lines(WORK, rows.iter().map(work))
    );
    for note in &results.notes {
        text.push_str(&format!("\n{note}\n"));
    }
    text.push('\n');
    let kept = results.kept.iter().map(|bar| format!("- holds: {bar}\n"));
    let broken = results.broken.iter().map(|bar| format!("- DOES NOT HOLD: {bar}\n"));
    text.extend(kept.chain(broken));
    text
}

/// The same within a page of the documentation.
pub(crate) fn markdown(results: &Results) -> String {
    let machine = &results.machine;
    let unknown = || "unknown".to_owned();
    let memory = machine.memory_gib.map_or_else(unknown, |gib| format!("{gib} GiB"));
    format!(
        "{}\nMeasured on {}: {} cores, {memory} memory, {}; commit {}; seed {}.\n\n{}",
        include_str!("performance.md"),
        machine.date,
        machine.cores,
        machine.processor.clone().unwrap_or_else(unknown),
        machine.commit.clone().unwrap_or_else(unknown),
        results.seed,
        table(results)
    )
}

fn lines<const N: usize>(heading: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(heading).add_rows(rows);
    for column in table.column_iter_mut().skip(TEXT_COLUMNS) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

fn times(row: &Row) -> [String; 9] {
    let legacy = row.legacy_seconds.as_ref();
    [
        row.world.clone(),
        row.sync.to_string(),
        spread(&row.seconds),
        format!("{:.2}", row.floor_seconds),
        format!("{:.2}", row.over_floor),
        legacy.map_or_else(untold, spread),
        row.over_legacy.map_or_else(untold, |ratio| format!("{ratio:.2}")),
        row.store_seconds.map_or_else(untold, |seconds| format!("{seconds:.2}")),
        format!("{:.2}", row.seconds.median - row.floor_seconds),
    ]
}

fn work(row: &Row) -> [String; 10] {
    let (made, fewest) = (&row.calls, &row.fewest_calls);
    [
        row.world.clone(),
        row.sync.to_string(),
        format!("{} ({})", made.sts, fewest.sts),
        format!("{} ({})", made.drs, fewest.drs),
        format!("{} ({})", made.ec2, fewest.ec2),
        row.cpu_seconds.map_or_else(untold, |seconds| format!("{seconds:.2}")),
        row.cpu_microseconds_a_server.map_or_else(untold, |us| format!("{us:.0}")),
        row.peak_mib.map_or_else(untold, |mib| format!("{mib:.0}")),
        format!("{:.0}", row.servers_a_second),
        row.rows_written.to_string(),
    ]
}

fn untold() -> String {
    "-".to_owned()
}

fn spread(spread: &Spread) -> String {
    let Spread { median, min, max, runs } = spread;
    if *runs == 1 {
        return format!("{median:.2} (1 run)");
    }
    format!("{median:.2} ({min:.2}–{max:.2}, {runs} runs)")
}
