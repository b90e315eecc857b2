//! How long people wait for answers about 90,000 servers in 900 accounts: the program as they start it,
//! over a store that one sync has filled.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use inventory::switch::Implementation;
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::shape::Shape;
use crate::simulator::Simulator;
use crate::world::first_server;
use crate::{store, sync_process, world};

/// 90,000 servers.
const SHAPE: Shape = Shape::new(900, 2, 100);
/// Each question is asked so often; the median counts.
const RUNS: usize = 5;

/// What one question took.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Timed {
    /// As it is typed.
    question: String,
    /// Seconds from the start of the program to its end, the median.
    seconds: f64,
    /// At most so many; none where nothing was promised.
    most: Option<f64>,
}

/// A store in `folder` that one sync has filled.
pub(crate) fn fill(
    program: &Path,
    folder: &Path,
    seed: u64,
    runtime: &Runtime,
    tell: &dyn Fn(&str),
) -> anyhow::Result<PathBuf> {
    let (world, store) = (folder.join("readers.json"), folder.join("readers.db"));
    tell(&format!("syncs {SHAPE} once"));
    world::write(&world, SHAPE, seed).context("cannot write the world")?;
    runtime.block_on(store::prepare(&store, SHAPE))?;
    let simulator = Simulator::start(program, &world, &folder.join("readers.calls"))?;
    let servers = SHAPE.all_servers();
    sync_process::run(program, &store, &simulator.endpoint, Implementation::Refactored, servers)?;
    simulator.stop()?;
    Ok(store)
}

/// Asks each question of a filled store.
pub(crate) fn time(
    program: &Path,
    store: &Path,
    tell: &dyn Fn(&str),
) -> anyhow::Result<Vec<Timed>> {
    let (arn, id) = first_server();
    let questions: [(&[&str], Option<f64>); 6] = [
        (&["--version"], None),
        (&["status"], Some(0.5)),
        (&["servers", "--state", "STALLED"], Some(0.5)),
        (&["server", &arn], None),
        (&["server", &id], None),
        (&["servers"], None),
    ];
    questions
        .into_iter()
        .map(|(question, most)| ask(program, store, question, most, tell))
        .collect()
}

fn ask(
    program: &Path,
    store: &Path,
    question: &[&str],
    most: Option<f64>,
    tell: &dyn Fn(&str),
) -> anyhow::Result<Timed> {
    let typed = question.join(" ");
    tell(&typed);
    let runs = (0..RUNS).map(|_| run(program, store, question));
    let mut runs = runs.collect::<anyhow::Result<Vec<Duration>>>()?;
    runs.sort_unstable();
    let seconds = runs.get(RUNS / 2).copied().unwrap_or_default().as_secs_f64();
    Ok(Timed { question: typed, seconds, most })
}

fn run(program: &Path, store: &Path, question: &[&str]) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let status = Command::new(program)
        .arg("--store")
        .arg(store)
        .args(question)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("cannot start the program")?;
    let took = started.elapsed();
    ensure!(status.success(), "{} ended with {status}", question.join(" "));
    Ok(took)
}

/// For people: each beside the list of all servers, since machines differ.
pub(crate) fn table(timed: &[Timed]) -> String {
    let whole = timed.last().map_or(1.0, |timed| timed.seconds);
    let mut text = format!(
        "{SHAPE}: {} servers, median of {RUNS} runs\n\n| question | seconds | of a list of all | at most |\n| --- | ---: | ---: | ---: |\n",
        SHAPE.all_servers()
    );
    for Timed { question, seconds, most } in timed {
        let share = seconds / whole;
        let most = most.map_or_else(String::new, |most| format!("{most}"));
        text.push_str(&format!("| `{question}` | {seconds:.3} | {share:.3} | {most} |\n"));
    }
    text
}

/// What took longer than it may.
pub(crate) fn broken(timed: &[Timed]) -> Vec<String> {
    let over = timed.iter().filter(|it| it.most.is_some_and(|most| it.seconds > most));
    let said = over.map(|Timed { question, seconds, most }| {
        format!("{question}: {seconds:.3} s, at most {} s", most.unwrap_or_default())
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_longer_than_it_may_is_named() {
        let timed =
            |question: &str, seconds, most| Timed { question: question.to_owned(), seconds, most };
        let timed = [timed("status", 0.6, Some(0.5)), timed("servers", 6.0, None)];
        assert_eq!(broken(&timed), ["status: 0.600 s, at most 0.5 s"]);
        assert!(table(&timed).contains("| `status` | 0.600 | 0.100 | 0.5 |"), "{}", table(&timed));
    }
}
