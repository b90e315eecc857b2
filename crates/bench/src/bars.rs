//! What must hold, and where it does not.

use std::fmt::Display;

use crate::measure::Row;
use crate::plan::{HUNDRED_ACCOUNTS, SECOND, SMALL, Sync, TEN_ACCOUNTS, THREE_HUNDRED_ACCOUNTS};
use crate::shape::Shape;

const SMALL_FIRST_OVER_FLOOR: f64 = 1.15;
const SMALL_SECOND_OVER_FLOOR: f64 = 1.2;
const SMALL_FIRST_OVER_LEGACY: f64 = 0.36;
const SMALL_SECOND_OVER_LEGACY: f64 = 0.24;
const TEN_OVER_FLOOR: f64 = 1.3;
const TEN_OVER_LEGACY: f64 = 0.08;
/// Time and processor time of an unchanged second sync, of the first one's.
const HUNDRED_SECOND_OVER_FIRST: f64 = 0.5;
/// Microseconds, the store's among them.
const HUNDRED_SECOND_CPU_A_SERVER: f64 = 200.0;
const HUNDRED_PEAK_MIB: f64 = 96.0;
/// Three times as many accounts.
const PEAK_GROWTH: f64 = 1.15;

/// A bar that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    /// What must hold, with what was seen.
    pub(crate) text: String,
    pub(crate) holds: bool,
}

/// A bar that was promised: its name, and what is known of it.
pub(crate) type Promise = (String, Option<Bar>);

impl Bar {
    /// `seen` is `most` at most. What is no number does not hold.
    pub(crate) fn at_most(what: impl Display, seen: f64, most: f64, unit: &str) -> Self {
        let figures = |number: f64| match number.abs() {
            large if large >= 1000.0 => format!("{number:.0}"),
            middle if middle >= 10.0 => format!("{number:.1}"),
            _ => format!("{number:.3}"),
        };
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let (seen_text, most_text) = (figures(seen), figures(most));
        Self {
            text: format!("{what} {seen_text}{unit}, at most {most_text}{unit}"),
            holds: seen <= most,
        }
    }
}

/// Every bar that these rows can tell about.
pub(crate) fn bars(rows: &[Row]) -> Vec<Bar> {
    let mut bars: Vec<Bar> = promised(rows).into_iter().filter_map(|(_, bar)| bar).collect();
    bars.extend(rows.iter().map(calls));
    for bar in rows.iter().filter(|row| row.sync != Sync::First).map(rows_written) {
        // One of them was promised by name.
        if !bars.contains(&bar) {
            bars.push(bar);
        }
    }
    bars
}

/// The bars of the worlds, whether they were measured or not.
pub(crate) fn promised(rows: &[Row]) -> Vec<Promise> {
    let rows = Rows(rows);
    [rows.small(), rows.ten(), rows.hundred(), rows.three_hundred()].concat()
}

#[derive(Clone, Copy)]
struct Rows<'a>(&'a [Row]);

impl Rows<'_> {
    fn small(self) -> Vec<Promise> {
        let over_floor = |row: &Row| Some(row.over_floor);
        let over_legacy = |row: &Row| row.over_legacy;
        vec![
            self.of(SMALL, Sync::First, OVER_FLOOR, over_floor, SMALL_FIRST_OVER_FLOOR),
            self.of(SMALL, SECOND, OVER_FLOOR, over_floor, SMALL_SECOND_OVER_FLOOR),
            self.of(SMALL, Sync::First, OVER_LEGACY, over_legacy, SMALL_FIRST_OVER_LEGACY),
            self.of(SMALL, SECOND, OVER_LEGACY, over_legacy, SMALL_SECOND_OVER_LEGACY),
        ]
    }

    fn ten(self) -> Vec<Promise> {
        let most = |row: &Row| Some(TEN_OVER_FLOOR * row.floor_seconds + row.store_seconds?);
        let most = self.find(TEN_ACCOUNTS, Sync::First).and_then(most).unwrap_or(f64::NAN);
        let what = format!("seconds (at most {TEN_OVER_FLOOR} × floor + store)");
        let seconds = |row: &Row| row.store_seconds.is_some().then_some(row.seconds.median);
        vec![
            self.of(TEN_ACCOUNTS, Sync::First, &what, seconds, most),
            self.of(TEN_ACCOUNTS, Sync::First, OVER_LEGACY, |row| row.over_legacy, TEN_OVER_LEGACY),
        ]
    }

    fn hundred(self) -> Vec<Promise> {
        let first = self.find(HUNDRED_ACCOUNTS, Sync::First);
        let time = |row: &Row| Some(row.seconds.median / first?.seconds.median);
        let cpu = |row: &Row| Some(row.cpu_seconds? / first?.cpu_seconds?);
        let cpu_a_server = |row: &Row| row.cpu_microseconds_a_server;
        let (most, most_cpu) = (HUNDRED_SECOND_OVER_FIRST, HUNDRED_SECOND_CPU_A_SERVER);
        let of = |what, seen: &dyn Fn(&Row) -> Option<f64>, most| {
            self.of(HUNDRED_ACCOUNTS, SECOND, what, seen, most)
        };
        let peak = self.peak(HUNDRED_ACCOUNTS);
        vec![
            of("time over that of the first sync", &time, most),
            of("processor time over that of the first sync", &cpu, most),
            of("µs of processor a server, store included,", &cpu_a_server, most_cpu),
            self.no_row_written(HUNDRED_ACCOUNTS),
            promise_of_peak(HUNDRED_ACCOUNTS, "", peak, Some(HUNDRED_PEAK_MIB)),
        ]
    }

    fn three_hundred(self) -> Vec<Promise> {
        let most = self.peak(HUNDRED_ACCOUNTS).map(|peak| peak * PEAK_GROWTH);
        let meaning = format!(" ({PEAK_GROWTH} × that of {HUNDRED_ACCOUNTS})");
        let peak = self.peak(THREE_HUNDRED_ACCOUNTS);
        vec![promise_of_peak(THREE_HUNDRED_ACCOUNTS, &meaning, peak, most)]
    }

    fn find(&self, shape: Shape, sync: Sync) -> Option<&Row> {
        self.0.iter().find(|row| row.world == shape.to_string() && row.sync == sync)
    }

    /// The most of all its syncs.
    fn peak(self, shape: Shape) -> Option<f64> {
        let rows = self.0.iter().filter(|row| row.world == shape.to_string());
        rows.filter_map(|row| row.peak_mib).reduce(f64::max)
    }

    fn of(
        self,
        shape: Shape,
        sync: Sync,
        what: &str,
        seen: impl Fn(&Row) -> Option<f64>,
        most: f64,
    ) -> Promise {
        let name = format!("{shape} {sync}: {what}");
        let bar = self.find(shape, sync).and_then(seen);
        let bar = bar.map(|seen| Bar::at_most(&name, seen, most, ""));
        (name, bar)
    }

    fn no_row_written(self, shape: Shape) -> Promise {
        (format!("{shape} {SECOND}: rows written"), self.find(shape, SECOND).map(rows_written))
    }
}

const OVER_FLOOR: &str = "time over floor";
const OVER_LEGACY: &str = "time over that of the legacy sync";

fn promise_of_peak(shape: Shape, meaning: &str, peak: Option<f64>, most: Option<f64>) -> Promise {
    let name = format!("{shape}: peak memory{meaning}");
    let bar = peak.zip(most).map(|(peak, most)| Bar::at_most(&name, peak, most, "MiB"));
    (name, bar)
}

fn calls(row: &Row) -> Bar {
    let Row { world, sync, calls, fewest_calls, .. } = row;
    let text = format!("{world} {sync}: {calls}, the fewest are {fewest_calls}");
    Bar { text, holds: calls == fewest_calls }
}

fn rows_written(row: &Row) -> Bar {
    let Row { world, sync, rows_written, rows_to_write, .. } = row;
    let text =
        format!("{world} {sync}: {rows_written} rows written, {rows_to_write} servers changed");
    Bar { text, holds: u64::try_from(*rows_to_write) == Ok(*rows_written) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::Calls;
    use crate::statistics::Spread;

    fn row(shape: Shape, sync: Sync) -> Row {
        let spread = |median| Spread { median, min: median, max: median, runs: 1 };
        let share = if sync == Sync::First { 1.0 } else { 0.5 };
        Row {
            world: shape.to_string(),
            sync,
            accounts: shape.accounts,
            servers: shape.all_servers(),
            seconds: spread(share),
            floor_seconds: 1.0,
            over_floor: 1.0,
            legacy_seconds: Some(spread(20.0)),
            over_legacy: Some(0.05),
            calls: Calls::fewest(shape, sync),
            fewest_calls: Calls::fewest(shape, sync),
            cpu_seconds: Some(share),
            cpu_microseconds_a_server: Some(100.0),
            peak_mib: Some(90.0),
            servers_a_second: 50.0,
            rows_written: sync.rows_to_write(shape.all_servers()) as u64,
            rows_to_write: sync.rows_to_write(shape.all_servers()),
            store_seconds: Some(0.1),
        }
    }

    fn broken(rows: &[Row]) -> Vec<String> {
        bars(rows).into_iter().filter(|bar| !bar.holds).map(|bar| bar.text).collect()
    }

    #[test]
    fn what_holds_is_not_named_and_nothing_promised_is_left_out() {
        let rows = [
            row(SMALL, Sync::First),
            row(SMALL, SECOND),
            row(TEN_ACCOUNTS, Sync::First),
            row(HUNDRED_ACCOUNTS, Sync::First),
            row(HUNDRED_ACCOUNTS, SECOND),
            row(THREE_HUNDRED_ACCOUNTS, Sync::First),
        ];
        assert_eq!(broken(&rows), Vec::<String>::new());
        assert!(promised(&rows).iter().all(|(_, bar)| bar.is_some()));
        let measured = promised(&rows[..3]);
        let known = measured.iter().filter(|(_, bar)| bar.is_some()).count();
        assert_eq!((known, measured.len()), (4 + 2, promised(&rows).len()));
        assert_eq!(
            measured.last().unwrap().0,
            "300×28×300: peak memory (1.15 × that of 100×28×300)"
        );
    }

    #[test]
    fn what_does_not_hold_is_named_with_what_was_seen() {
        let mut slow = row(SMALL, SECOND);
        slow.over_legacy = Some(0.3);
        slow.rows_written = 1;
        let mut ten = row(TEN_ACCOUNTS, Sync::First);
        ten.seconds.median = 1.7;
        ten.calls.sts += 1;
        let mut large = row(THREE_HUNDRED_ACCOUNTS, Sync::First);
        large.peak_mib = Some(131.0);
        let mut second = row(HUNDRED_ACCOUNTS, SECOND);
        second.cpu_seconds = Some(0.6);
        let broken = broken(&[slow, ten, row(HUNDRED_ACCOUNTS, Sync::First), second, large]);
        assert_eq!(
            broken,
            [
                "1×6×50 second: time over that of the legacy sync 0.300, at most 0.240",
                "10×6×300 first: seconds (at most 1.3 × floor + store) 1.700, at most 1.400",
                "100×28×300 second: processor time over that of the first sync 0.600, at most 0.500",
                "300×28×300: peak memory (1.15 × that of 100×28×300) 131.0 MiB, at most 103.5 MiB",
                "10×6×300 first: STS 12, DRS 340, EC2 60, the fewest are STS 11, DRS 340, EC2 60",
                "1×6×50 second: 1 rows written, 0 servers changed",
            ]
        );
    }

    #[test]
    fn what_is_no_number_does_not_hold() {
        assert!(Bar::at_most("a", 1.0, 1.0, "").holds);
        assert!(!Bar::at_most("a", f64::NAN, 1.0, "").holds);
        assert_eq!(
            Bar::at_most("GET /, p95", 12.34, 100.0, "ms").text,
            "GET /, p95 12.3 ms, at most 100.0 ms"
        );
    }
}
