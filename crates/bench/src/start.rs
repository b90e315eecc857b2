//! The program itself: how soon it is there, and how large it is, on disk and in memory.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use serde::Serialize;

use crate::bars::{Bar, Promise};
use crate::memory;
use crate::statistics::Spread;

/// A start takes milliseconds, and any other program at work can double one.
const RUNS: usize = 51;
const MOST_MILLISECONDS: f64 = 10.0;
const MOST_MEGABYTES: f64 = 25.0;

/// What was seen of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Start {
    /// From the start of `--version` to its end.
    pub(crate) milliseconds: Spread,
    /// Millions of bytes of the file, stripped as it is released.
    pub(crate) megabytes: f64,
    /// MiB of `--version`; none where the system does not tell.
    pub(crate) peak_mib: Option<f64>,
}

/// Starts the program many times.
pub(crate) fn measure(program: &Path, tell: &dyn Fn(&str)) -> anyhow::Result<Start> {
    tell(&format!("--version, {RUNS} times"));
    let runs = (0..RUNS).map(|_| milliseconds(program));
    let milliseconds = runs.collect::<anyhow::Result<Vec<f64>>>()?;
    // Apart: whoever looks at a process takes time from it.
    let peaks = (0..RUNS).map(|_| peak(program)).collect::<anyhow::Result<Vec<_>>>()?;
    let bytes = std::fs::metadata(program).context("the size of the program")?.len();
    Ok(Start {
        milliseconds: Spread::of(milliseconds).context("no runs")?,
        megabytes: bytes as f64 / 1e6,
        peak_mib: peaks.into_iter().flatten().reduce(f64::max),
    })
}

fn milliseconds(program: &Path) -> anyhow::Result<f64> {
    let started = Instant::now();
    let mut child = start(program)?;
    let status = child.wait().context("cannot wait for the program")?;
    let took = started.elapsed();
    ensure!(status.success(), "--version ended with {status}");
    Ok(took.as_secs_f64() * 1e3)
}

/// MiB.
fn peak(program: &Path) -> anyhow::Result<Option<f64>> {
    memory::looked_at_until_its_end(&mut start(program)?).context("cannot wait for the program")
}

fn start(program: &Path) -> anyhow::Result<Child> {
    let mut command = Command::new(program);
    command.arg("--version").env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().context("cannot start the program")
}

/// The bars, whether they were measured or not.
pub(crate) fn promised(start: Option<&Start>) -> Vec<Promise> {
    let of = |what: &str, seen: Option<f64>, most, unit| {
        (what.to_owned(), seen.map(|seen| Bar::at_most(what, seen, most, unit)))
    };
    let milliseconds = start.map(|start| start.milliseconds.median);
    vec![
        of("start of the program (--version)", milliseconds, MOST_MILLISECONDS, "ms"),
        of("the program's file", start.map(|start| start.megabytes), MOST_MEGABYTES, "MB"),
    ]
}

/// For people.
pub(crate) fn table(start: &Start) -> String {
    let Start { milliseconds: Spread { median, min, max, runs }, megabytes, peak_mib } = start;
    let peak = peak_mib.map_or_else(|| "-".to_owned(), |peak| format!("{peak:.1} MiB"));
    format!(
        "| the program | |\n| --- | ---: |\n\
         | `--version`, median (range) | {median:.1} ms ({min:.1}–{max:.1}, {runs} runs) |\n\
         | its peak memory | {peak} |\n| size of the file | {megabytes:.1} MB |\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_start_and_a_large_file_do_not_hold() {
        let milliseconds = Spread { median: 10.5, min: 9.0, max: 30.0, runs: 51 };
        let start = Start { milliseconds, megabytes: 25.0, peak_mib: Some(11.0) };
        let holds: Vec<_> = promised(Some(&start)).into_iter().map(|(_, bar)| bar).collect();
        let holds: Vec<_> = holds.into_iter().map(|bar| bar.map(|bar| bar.holds)).collect();
        assert_eq!(holds, [Some(false), Some(true)]);
        assert!(promised(None).iter().all(|(_, bar)| bar.is_none()));
        assert!(table(&start).contains("| 10.5 ms (9.0–30.0, 51 runs) |"), "{}", table(&start));
    }
}
