//! What must hold, and where it does not.

use std::fmt::Display;

use crate::measure::Row;
use crate::plan::{HUNDRED_ACCOUNTS, SMALL, Sync, TEN_ACCOUNTS, THREE_HUNDRED_ACCOUNTS};
use crate::shape::Shape;

const SMALL_OVER_FLOOR: f64 = 1.25;
const SMALL_FIRST_OVER_LEGACY: f64 = 0.45;
const SMALL_SECOND_OVER_LEGACY: f64 = 0.25;
const TEN_OVER_FLOOR: f64 = 1.5;
const TEN_OVER_LEGACY: f64 = 0.1;
const HUNDRED_PEAK_MIB: f64 = 128.0;
/// Three times as many accounts.
const PEAK_GROWTH: f64 = 1.3;

/// A bar that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    /// What must hold, with what was seen.
    pub(crate) text: String,
    pub(crate) holds: bool,
}

/// Every bar that these rows can tell about.
pub(crate) fn bars(rows: &[Row]) -> Vec<Bar> {
    let mut bars: Vec<Bar> = rows.iter().flat_map(|row| of_row(row, rows)).collect();
    bars.extend(rows.iter().map(calls));
    bars.extend(rows.iter().filter(|row| row.sync == Sync::Second).map(no_row_written));
    bars
}

fn of_row(row: &Row, rows: &[Row]) -> Vec<Bar> {
    let is = |shape: Shape, sync| row.world == shape.to_string() && row.sync == sync;
    let bars = if is(SMALL, Sync::First) {
        vec![over_floor(row), over_legacy(row, SMALL_FIRST_OVER_LEGACY)]
    } else if is(SMALL, Sync::Second) {
        vec![over_floor(row), over_legacy(row, SMALL_SECOND_OVER_LEGACY)]
    } else if is(TEN_ACCOUNTS, Sync::First) {
        vec![over_floor_and_store(row), over_legacy(row, TEN_OVER_LEGACY)]
    } else if is(HUNDRED_ACCOUNTS, Sync::First) {
        vec![peak(row, HUNDRED_PEAK_MIB)]
    } else if is(THREE_HUNDRED_ACCOUNTS, Sync::First) {
        let hundred = rows.iter().find(|row| row.world == HUNDRED_ACCOUNTS.to_string());
        let hundred = hundred.and_then(|row| row.peak_mib);
        vec![hundred.and_then(|hundred| peak(row, hundred * PEAK_GROWTH))]
    } else {
        Vec::new()
    };
    bars.into_iter().flatten().collect()
}

fn at_most(row: &Row, what: &str, seen: f64, most: f64, meaning: impl Display) -> Bar {
    let Row { world, sync, .. } = row;
    let text = format!("{world} {sync}: {what} {seen:.3}, at most {most:.3}{meaning}");
    Bar { text, holds: seen <= most }
}

fn over_floor(row: &Row) -> Option<Bar> {
    Some(at_most(row, "time over floor", row.over_floor, SMALL_OVER_FLOOR, ""))
}

fn over_floor_and_store(row: &Row) -> Option<Bar> {
    let most = TEN_OVER_FLOOR * row.floor_seconds + row.store_seconds?;
    let meaning = format!(" ({TEN_OVER_FLOOR} × floor + store)");
    Some(at_most(row, "seconds", row.seconds.median, most, meaning))
}

fn over_legacy(row: &Row, most: f64) -> Option<Bar> {
    Some(at_most(row, "time over that of the legacy sync", row.over_legacy?, most, ""))
}

fn peak(row: &Row, most: f64) -> Option<Bar> {
    Some(at_most(row, "peak MiB", row.peak_mib?, most, ""))
}

fn calls(row: &Row) -> Bar {
    let Row { world, sync, calls, fewest_calls, .. } = row;
    let text = format!("{world} {sync}: {calls}, the fewest are {fewest_calls}");
    Bar { text, holds: calls == fewest_calls }
}

/// Nothing changed since the first sync.
fn no_row_written(row: &Row) -> Bar {
    let Row { world, sync, rows_written, .. } = row;
    let text = format!("{world} {sync}: {rows_written} rows written, none need be");
    Bar { text, holds: *rows_written == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::Calls;
    use crate::statistics::Spread;

    fn row(shape: Shape, sync: Sync) -> Row {
        let spread = |median| Spread { median, min: median, max: median, runs: 1 };
        Row {
            world: shape.to_string(),
            sync,
            accounts: shape.accounts,
            servers: shape.all_servers(),
            seconds: spread(1.0),
            floor_seconds: 1.0,
            over_floor: 1.0,
            legacy_seconds: Some(spread(20.0)),
            over_legacy: Some(0.05),
            calls: Calls::fewest(shape, sync),
            fewest_calls: Calls::fewest(shape, sync),
            cpu_seconds: Some(1.0),
            cpu_microseconds_a_server: Some(100.0),
            peak_mib: Some(100.0),
            servers_a_second: 50.0,
            rows_written: 0,
            store_seconds: Some(0.1),
        }
    }

    fn broken(rows: &[Row]) -> Vec<String> {
        bars(rows).into_iter().filter(|bar| !bar.holds).map(|bar| bar.text).collect()
    }

    #[test]
    fn what_holds_is_not_named() {
        let rows = [
            row(SMALL, Sync::First),
            row(SMALL, Sync::Second),
            row(TEN_ACCOUNTS, Sync::First),
            row(HUNDRED_ACCOUNTS, Sync::First),
            row(THREE_HUNDRED_ACCOUNTS, Sync::First),
        ];
        assert_eq!(broken(&rows), Vec::<String>::new());
        assert_eq!(bars(&rows).len(), 5 + 1 + 2 + 2 + 2 + 1 + 1);
    }

    #[test]
    fn what_does_not_hold_is_named_with_what_was_seen() {
        let mut slow = row(SMALL, Sync::Second);
        slow.over_legacy = Some(0.3);
        slow.rows_written = 1;
        let mut ten = row(TEN_ACCOUNTS, Sync::First);
        ten.seconds.median = 1.7;
        ten.calls.sts += 1;
        let mut large = row(THREE_HUNDRED_ACCOUNTS, Sync::First);
        large.peak_mib = Some(131.0);
        let broken = broken(&[slow, ten, row(HUNDRED_ACCOUNTS, Sync::First), large]);
        assert_eq!(
            broken,
            [
                "1×6×50 second: time over that of the legacy sync 0.300, at most 0.250",
                "10×6×300 first: seconds 1.700, at most 1.600 (1.5 × floor + store)",
                "300×28×300 first: peak MiB 131.000, at most 130.000",
                "10×6×300 first: STS 12, DRS 340, EC2 60, the fewest are STS 11, DRS 340, EC2 60",
                "1×6×50 second: 1 rows written, none need be",
            ]
        );
    }
}
