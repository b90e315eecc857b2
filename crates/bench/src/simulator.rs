//! The simulated AWS as a process of its own, so that its work and memory are not the sync's.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};
use sim::{RecordedCall, read_record};

/// A running simulator. It is killed where it is dropped without [`Simulator::stop`].
pub(crate) struct Simulator {
    child: Child,
    record: PathBuf,
    /// `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
}

impl Simulator {
    /// Starts it, and waits until it has read the world and listens.
    pub(crate) fn start(program: &Path, world: &Path, record: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .args(["sim", "--port", "0", "--world"])
            .arg(world)
            .arg("--record")
            .arg(record)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut said = String::new();
        if let Some(stderr) = child.stderr.take() {
            BufReader::new(stderr).read_line(&mut said).context("the simulator says nothing")?;
        }
        let endpoint = said.split([' ', ';']).find(|word| word.starts_with("http://"));
        let endpoint = endpoint.unwrap_or_default().to_owned();
        let simulator = Self { child, record: record.to_owned(), endpoint };
        ensure!(!simulator.endpoint.is_empty(), "the simulator did not start: {}", said.trim());
        Ok(simulator)
    }

    /// Ends it, and reads the calls it got.
    pub(crate) fn stop(mut self) -> anyhow::Result<Vec<RecordedCall>> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).context("cannot end the simulator")?;
        let status = self.child.wait().context("cannot wait for the simulator")?;
        ensure!(status.success(), "the simulator ended with {status}");
        read_record(&self.record)
            .with_context(|| format!("cannot read the record {}", self.record.display()))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // After `stop` there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
