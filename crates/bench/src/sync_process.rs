//! One sync as a process of its own: its wall time, its processor time, its memory, its answer.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use inventory::switch::Implementation;
use serde_json::Value;

use crate::cpu;
use crate::memory::PeakMemory;

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// From the start of the process to its end.
    pub(crate) wall: Duration,
    /// User and system; none where the system does not tell.
    pub(crate) cpu: Option<Duration>,
    /// MiB; none where the system does not tell.
    pub(crate) peak_mib: Option<f64>,
    /// Rows of servers; none of the legacy sync, which writes all and does not say so.
    pub(crate) rows_written: Option<u64>,
}

/// Settings that are passed on to the sync, so that they can be tried out.
const PASSED_ON: &str = "MAX_CONCURRENT_";

/// Runs one sync. Anything but a complete picture of `servers` servers is an error: its time would
/// be that of less work.
pub(crate) fn run(
    program: &Path,
    store: &Path,
    endpoint: &str,
    implementation: Implementation,
    servers: usize,
) -> anyhow::Result<Run> {
    let output = store.with_extension("response.json");
    let mut command = command(program, store, endpoint, implementation);
    command.stdout(File::create(&output)?);
    let started = Instant::now();
    let mut child = command.spawn().context("cannot start the sync")?;
    let memory = PeakMemory::watch(child.id());
    cpu::wait_for_end(&child).context("cannot wait for the sync")?;
    let wall = started.elapsed();
    let cpu = cpu::of(&child);
    let peak_mib = memory.mib();
    let status = child.wait().context("cannot wait for the sync")?;
    let response = std::fs::read_to_string(&output).context("the response of the sync")?;
    let response: Value = serde_json::from_str(&response).context("the response of the sync")?;
    ensure!(
        status.success(),
        "the {} sync ended with {status}: {}",
        implementation.name(),
        failure(&response)
    );
    expect_all(&response, servers)?;
    let rows_written = response["body"]["details"]["serversWritten"].as_u64();
    Ok(Run { wall, cpu, peak_mib, rows_written })
}

/// Nothing of the caller's environment but limits reaches it.
fn command(
    program: &Path,
    store: &Path,
    endpoint: &str,
    implementation: Implementation,
) -> Command {
    let limits = std::env::vars().filter(|(name, _)| name.starts_with(PASSED_ON));
    let flag = (implementation == Implementation::Refactored).to_string();
    let mut command = Command::new(program);
    command
        .args(["sync", "--output", "json", "--store"])
        .arg(store)
        .env_clear()
        .envs(limits)
        .env("USE_REFACTORED_INVENTORY_SYNC", flag)
        .env("AWS_ACCESS_KEY_ID", "AKIABENCHMARK")
        .env("AWS_SECRET_ACCESS_KEY", "benchmark")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null());
    for service in ["DRS", "EC2", "STS"] {
        command.env(format!("AWS_ENDPOINT_URL_{service}"), endpoint);
    }
    command
}

fn expect_all(response: &Value, servers: usize) -> anyhow::Result<()> {
    let synced = &response["body"]["totalSynced"];
    if synced.as_u64() != u64::try_from(servers).ok() {
        bail!("the sync has {synced} of {servers} servers");
    }
    Ok(())
}

/// How much is missing, and what of it comes first; of an older error, the body.
fn failure(response: &Value) -> String {
    let body = &response["body"];
    match body["details"]["failed"].as_array().map(Vec::as_slice) {
        Some([first, ..]) => {
            let count = body["totalErrors"].to_string();
            format!("{count} errors, the first at {}: {}", first["row"], first["message"])
        }
        _ => body.to_string(),
    }
}
