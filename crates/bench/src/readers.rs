//! How long people wait for answers about 90,000 servers in 900 accounts: the program as they start it,
//! over a store that one sync has filled.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use inventory::switch::Implementation;
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::bars::{Bar, Promise};
use crate::change::Change;
use crate::shape::Shape;
use crate::simulator::Simulator;
use crate::statistics::Spread;
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
    world::write(&world, SHAPE, seed, Change::Nothing).context("cannot write the world")?;
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
    questions().into_iter().map(|question| ask(program, store, question, tell)).collect()
}

/// As they are typed, and at most so many seconds; the list of all servers last.
fn questions() -> Vec<Question> {
    let (arn, id) = first_server();
    let of = |words: &[&str], name: &str, most| Question {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        name: name.to_owned(),
        most,
    };
    vec![
        of(&["status"], "status", Some(0.3)),
        of(&["servers", "--state", "STALLED"], "servers --state STALLED", Some(0.5)),
        of(&["server", &arn], "server ARN", Some(0.1)),
        of(&["server", &id], "server ID", Some(0.1)),
        of(&["accounts", "list"], "accounts list", None),
        of(&["regions"], "regions", None),
        of(&["changes"], "changes", None),
        of(&["servers"], "servers", None),
    ]
}

struct Question {
    words: Vec<String>,
    name: String,
    most: Option<f64>,
}

fn ask(
    program: &Path,
    store: &Path,
    question: Question,
    tell: &dyn Fn(&str),
) -> anyhow::Result<Timed> {
    let Question { words, name, most } = question;
    tell(&name);
    let runs = (0..RUNS).map(|_| Ok(run(program, store, &words)?.as_secs_f64()));
    let seconds = Spread::of(runs.collect::<anyhow::Result<Vec<f64>>>()?).context("no runs")?;
    Ok(Timed { question: name, seconds: seconds.median, most })
}

fn run(program: &Path, store: &Path, question: &[String]) -> anyhow::Result<Duration> {
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

/// The bars, whether they were measured or not.
pub(crate) fn promised(timed: Option<&[Timed]>) -> Vec<Promise> {
    let seen = |name: &str| timed?.iter().find(|timed| timed.question == name);
    let promise = |Question { name, most, .. }| {
        let most = most?;
        let bar =
            seen(&name).map(|seen| Bar::at_most(format!("`{name}`"), seen.seconds, most, "s"));
        Some((format!("`{name}` over {} servers", SHAPE.all_servers()), bar))
    };
    questions().into_iter().filter_map(promise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_longer_than_it_may_does_not_hold() {
        let timed =
            |question: &str, seconds, most| Timed { question: question.to_owned(), seconds, most };
        let timed = [timed("status", 0.6, Some(0.3)), timed("servers", 6.0, None)];
        let bars: Vec<Bar> =
            promised(Some(&timed)).into_iter().filter_map(|(_, bar)| bar).collect();
        let text = "`status` 0.600 s, at most 0.300 s".to_owned();
        assert_eq!(bars, [Bar { text, holds: false }]);
        assert_eq!(promised(None).len(), 4);
        assert!(table(&timed).contains("| `status` | 0.600 | 0.100 | 0.3 |"), "{}", table(&timed));
    }
}
