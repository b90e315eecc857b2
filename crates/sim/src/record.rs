//! The record of calls as a file: one JSON object per line, in the order of arrival.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::recorder::{Call, Outcome};

/// One line: a call, timed from the start of the simulator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedCall {
    /// As in `drs`.
    pub service: String,
    /// As in `DescribeSourceServers`.
    pub operation: String,
    /// The account of the access key; of `AssumeRole`, that of the role.
    pub account: String,
    /// The region it was signed for.
    pub region: String,
    /// Instance ids asked for, in EC2; else 0.
    pub ids: usize,
    /// Microseconds from the start of the simulator to its arrival.
    pub start_us: u64,
    /// Microseconds from arrival to answer; none while it is under way.
    pub took_us: Option<u64>,
    /// `answered`, `reset`, `hung`, `underWay`, or the code of the service's error.
    pub outcome: String,
}

impl RecordedCall {
    fn of(call: &Call, started: Instant) -> Self {
        Self {
            service: call.service.name().to_owned(),
            operation: call.operation.clone(),
            account: call.account.clone(),
            region: call.region.clone(),
            ids: call.ids,
            start_us: microseconds(call.started.saturating_duration_since(started)),
            took_us: call.took.map(microseconds),
            outcome: name(&call.outcome).to_owned(),
        }
    }
}

/// Writes `calls` to a file; one that is there is replaced.
pub(crate) fn write(path: &Path, calls: &[Call], started: Instant) -> io::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    for call in calls {
        serde_json::to_writer(&mut file, &RecordedCall::of(call, started))?;
        file.write_all(b"\n")?;
    }
    file.flush()
}

/// Reads what [`crate::Simulator::write_record`] wrote.
///
/// # Errors
/// The file cannot be read, or a line is no call.
pub fn read_record(path: &Path) -> io::Result<Vec<RecordedCall>> {
    let text = std::fs::read_to_string(path)?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn name(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::UnderWay => "underWay",
        Outcome::Answered => "answered",
        Outcome::Failed { code, .. } => code,
        Outcome::Reset => "reset",
        Outcome::Hung => "hung",
    }
}
