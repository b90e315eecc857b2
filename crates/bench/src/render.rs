//! The results for people, for programs, and for the documentation.

use crate::markdown_table::markdown_table;
use crate::measure::Row;
use crate::results::{Measured, Results};
use crate::statistics::Spread;
use crate::units::Mode;
use crate::{readers, serving, start, units};

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
    "rows written (changed)",
];
/// World and sync; the others are numbers.
const TEXT_COLUMNS: usize = 2;

/// Tables, notes, and which bars hold.
pub(crate) fn table(results: &Results) -> String {
    let Measured { rows, start, serve, commands, .. } = &results.measured;
    let mut parts = vec![
        markdown_table(TIMES, TEXT_COLUMNS, rows.iter().map(times)),
        markdown_table(WORK, TEXT_COLUMNS, rows.iter().map(work)),
    ];
    parts.extend(results.notes.iter().cloned());
    parts.extend(start.as_ref().map(start::table));
    parts.extend(commands.as_deref().map(readers::table));
    parts.extend(serve.as_deref().map(serving::table));
    parts.extend(of_units(&results.measured));
    parts.push(bars(results));
    parts.iter().map(|part| format!("{}\n", part.trim_end())).collect::<Vec<_>>().join("\n")
}

fn of_units(measured: &Measured) -> Vec<String> {
    let Measured { units, state_machine, months, .. } = measured;
    let mut parts: Vec<String> = units.iter().map(units::render::summary).collect();
    let counted = units.iter().find(|counted| counted.mode() == Mode::StateMachine);
    if let (Some(timed), Some(counted)) = (state_machine, counted) {
        parts.push(units::render::state_machine(timed, counted));
    }
    if !months.is_empty() {
        parts.push(units::render::months(months));
    }
    parts
}

/// A line a bar.
fn bars(results: &Results) -> String {
    let Results { kept, broken, not_measured, .. } = results;
    let kept = kept.iter().map(|bar| format!("- holds: {bar}\n"));
    let broken = broken.iter().map(|bar| format!("- DOES NOT HOLD: {bar}\n"));
    let not_measured =
        not_measured.iter().map(|bar| format!("- not measured in this run: {bar}\n"));
    kept.chain(broken).chain(not_measured).collect()
}

/// The same within a page of the documentation.
pub(crate) fn markdown(results: &Results) -> String {
    let machine = &results.machine;
    let unknown = || "unknown".to_owned();
    let memory = machine.memory_gib.map_or_else(unknown, |gib| format!("{gib} GiB"));
    format!(
        "{}\nMeasured on {} in {:.0} minutes: {} cores, {memory} memory, {}; load before {}; commit {}; \
         seed {}.\n\n{}",
        include_str!("performance.md"),
        machine.date,
        results.minutes,
        machine.cores,
        machine.processor.clone().unwrap_or_else(unknown),
        machine.load.clone().unwrap_or_else(unknown),
        machine.commit.clone().unwrap_or_else(unknown),
        results.seed,
        table(results)
    )
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
        format!("{} ({})", row.rows_written, row.rows_to_write),
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
