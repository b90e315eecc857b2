//! How long people and scripts wait for the page: requests to `serve` over 90,000 servers in 900
//! accounts.
//!
//! - `client`: a connection that sends requests.

mod client;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde::Serialize;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::bars::Bar;
use crate::memory::PeakMemory;
use crate::world::{first_account, first_server};
use client::Client;

/// Each question is asked so often, one after the other.
const RUNS: usize = 40;
/// What is read for all who ask within two seconds is read anew after this time.
const UNTIL_READ_ANEW: Duration = Duration::from_millis(2_100);
/// Questions that are asked of nothing that was read before.
const COLD_RUNS: usize = 20;
/// The load: so many requests a second, for so long.
const REQUESTS_PER_SECOND: u64 = 50;
const LOAD_SECONDS: u64 = 10;
/// Bytes of a page with its styles.
const MOST_PAGE_BYTES: f64 = 100_000.0;
/// Their name where nobody measured them.
pub(crate) const ALL_BARS: &str =
    "the page and its lists over 90,000 servers: time of each, a load, bytes, memory of `serve`";
/// MiB.
const MOST_MEMORY: f64 = 128.0;

/// One figure, and what it may be.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Served {
    what: String,
    value: f64,
    unit: &'static str,
    most: f64,
}

/// A running `serve`. It is killed where it is dropped.
struct Serve {
    child: Child,
    authority: String,
    bearer: String,
}

impl Serve {
    fn start(program: &Path, store: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .arg("--store")
            .arg(store)
            .arg("serve")
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut lines = child.stdout.take().map(|said| BufReader::new(said).lines());
        let mut line = || {
            lines
                .as_mut()
                .and_then(Iterator::next)
                .context("serve says nothing")?
                .context("serve says nothing")
        };
        let (address, header) = (line()?, line()?);
        let authority = address.strip_prefix("http://").and_then(|rest| rest.split('/').next());
        let authority = authority.unwrap_or_default().to_owned();
        let bearer = header.strip_prefix("Authorization: ").unwrap_or_default().to_owned();
        ensure!(!authority.is_empty() && !bearer.is_empty(), "serve said {address:?}");
        Ok(Self { child, authority, bearer })
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        // Nothing is left to do where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks a `serve` over this store.
pub(crate) fn time(
    program: &Path,
    store: &Path,
    runtime: &Runtime,
    tell: &dyn Fn(&str),
) -> anyhow::Result<Vec<Served>> {
    let serve = Serve::start(program, store)?;
    let memory = PeakMemory::watch(serve.child.id());
    let (arn, id) = first_server();
    let account = first_account();
    let questions: [(String, f64); 12] = [
        ("/".to_owned(), 100.0),
        ("/overview".to_owned(), 100.0),
        ("/pages/places".to_owned(), 100.0),
        ("/pages/servers".to_owned(), 100.0),
        ("/pages/servers?verdict=NOT_READY".to_owned(), 100.0),
        ("/pages/servers?state=STALLED".to_owned(), 100.0),
        (format!("/pages/servers?account={account}"), 100.0),
        ("/pages/servers?region=us-east-1".to_owned(), 100.0),
        (format!("/source-servers?accountId={account}&limit=50"), 100.0),
        (format!("/pages/server?id={arn}"), 30.0),
        (format!("/pages/server?id={id}"), 100.0),
        ("/pages/changes".to_owned(), 100.0),
    ];
    let mut served = Vec::new();
    for (question, most) in &questions {
        tell(&format!("GET {question}"));
        let took = runtime.block_on(ask(&serve, question, RUNS, Duration::ZERO))?;
        served.push(p95(format!("GET {}, p95", shortened(question)), &took, *most));
    }
    tell("GET / when nothing was read before");
    let took = runtime.block_on(ask(&serve, "/", COLD_RUNS, UNTIL_READ_ANEW))?;
    served.push(p95("GET / read anew, p95".to_owned(), &took, 100.0));
    tell(&format!("{REQUESTS_PER_SECOND} requests a second for {LOAD_SECONDS} s"));
    let paths: Vec<String> = questions.iter().map(|(question, _)| question.clone()).collect();
    let took = runtime.block_on(load(&serve, &paths))?;
    let what = format!("{REQUESTS_PER_SECOND} requests a second, p99");
    served.push(Served { what, value: percentile(&took, 99), unit: "ms", most: 500.0 });
    let bytes = runtime.block_on(page_bytes(&serve))?;
    let what = "page with styles".to_owned();
    served.push(Served { what, value: bytes as f64, unit: "bytes", most: MOST_PAGE_BYTES });
    let what = "memory of serve".to_owned();
    drop(serve);
    let value = memory.mib().unwrap_or(f64::NAN);
    served.push(Served { what, value, unit: "MiB", most: MOST_MEMORY });
    Ok(served)
}

async fn ask(
    serve: &Serve,
    path: &str,
    runs: usize,
    pause: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let mut client = Client::connect(&serve.authority, &serve.bearer).await?;
    let mut took = Vec::new();
    for _ in 0..runs {
        tokio::time::sleep(pause).await;
        let started = Instant::now();
        client.get(path).await?;
        took.push(started.elapsed());
    }
    Ok(took)
}

/// Each request is sent when it is due, whatever became of those before: what waits counts.
async fn load(serve: &Serve, paths: &[String]) -> anyhow::Result<Vec<Duration>> {
    let started = Instant::now();
    let mut requests = JoinSet::new();
    for number in 0..REQUESTS_PER_SECOND * LOAD_SECONDS {
        let due = started + Duration::from_millis(1_000 / REQUESTS_PER_SECOND * number);
        let path = paths[usize::try_from(number)? % paths.len()].clone();
        let (authority, bearer) = (serve.authority.clone(), serve.bearer.clone());
        requests.spawn(async move {
            tokio::time::sleep_until(due.into()).await;
            Client::connect(&authority, &bearer).await?.get(&path).await?;
            anyhow::Ok(due.elapsed())
        });
    }
    let mut took = Vec::new();
    while let Some(request) = requests.join_next().await {
        took.push(request??);
    }
    Ok(took)
}

/// The largest of the first pages, and the style sheet that it names.
async fn page_bytes(serve: &Serve) -> anyhow::Result<usize> {
    let mut client = Client::connect(&serve.authority, &serve.bearer).await?;
    let overview = client.get("/").await?;
    let servers = client.get("/pages/servers").await?;
    let page = String::from_utf8_lossy(&overview);
    let style = page.split("href=\"/assets/style").nth(1).and_then(|rest| rest.split('"').next());
    let style = format!("/assets/style{}", style.context("the page names no style sheet")?);
    Ok(overview.len().max(servers.len()) + client.get(&style).await?.len())
}

fn p95(what: String, took: &[Duration], most: f64) -> Served {
    Served { what, value: percentile(took, 95), unit: "ms", most }
}

/// Milliseconds.
fn percentile(took: &[Duration], per_cent: usize) -> f64 {
    let mut took: Vec<f64> = took.iter().map(|time| time.as_secs_f64() * 1_000.0).collect();
    took.sort_unstable_by(f64::total_cmp);
    let rank = (took.len() * per_cent).div_ceil(100).saturating_sub(1);
    took.get(rank).copied().unwrap_or(f64::NAN)
}

fn shortened(question: &str) -> String {
    match question.split_once("?id=") {
        Some((path, id)) if id.starts_with("arn:") => format!("{path}?id=ARN"),
        Some((path, _)) => format!("{path}?id=ID"),
        None => question.to_owned(),
    }
}

/// For people.
pub(crate) fn table(served: &[Served]) -> String {
    let mut text = String::from("| `serve` | | at most |\n| --- | ---: | ---: |\n");
    for Served { what, value, unit, most } in served {
        text.push_str(&format!("| {what} | {value:.1} {unit} | {most} |\n"));
    }
    text
}

/// The bars.
pub(crate) fn bars(served: &[Served]) -> Vec<Bar> {
    let bar = |it: &Served| Bar::at_most(&it.what, it.value, it.most, it.unit);
    served.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_of_twenty_is_not_the_95th_per_cent() {
        let took: Vec<Duration> = (1..=20).map(Duration::from_millis).collect();
        assert_eq!(percentile(&took, 95), 19.0);
        assert_eq!(percentile(&took, 99), 20.0);
        assert!(percentile(&[], 95).is_nan());
    }

    #[test]
    fn what_is_more_than_it_may_be_does_not_hold() {
        let of = |value| Served { what: "GET /, p95".to_owned(), value, unit: "ms", most: 100.0 };
        let holds = |value| bars(&[of(value)])[0].holds;
        assert!(holds(100.0) && !holds(101.0) && !holds(f64::NAN));
    }
}
