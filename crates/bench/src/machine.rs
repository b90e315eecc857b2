//! When, where and on what it was measured.

use std::fs;
use std::process::Command;

use jiff::Timestamp;
use serde::Serialize;

/// What the numbers are to be read with.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Machine {
    /// Day, in UTC.
    pub(crate) date: String,
    pub(crate) cores: usize,
    pub(crate) memory_gib: Option<u64>,
    pub(crate) processor: Option<String>,
    /// Processes at work before, the mean of one, five and fifteen minutes.
    pub(crate) load: Option<String>,
    /// Short, and `+` where files differ from it.
    pub(crate) commit: Option<String>,
}

impl Machine {
    /// This one, now.
    pub(crate) fn of_today() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        Self {
            date: Timestamp::now().strftime("%Y-%m-%d").to_string(),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gib: memory_gib(&read("/proc/meminfo")),
            processor: processor(&read("/proc/cpuinfo")),
            load: load(&read("/proc/loadavg")),
            commit: commit(),
        }
    }
}

fn memory_gib(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some((kib + (1 << 19)) >> 20)
}

fn processor(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The three means.
fn load(loadavg: &str) -> Option<String> {
    let (means, _) = loadavg.match_indices(' ').nth(2).map(|(at, _)| loadavg.split_at(at))?;
    Some(means.to_owned())
}

fn commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changed.is_empty() { commit } else { format!("{commit}+") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells() {
        assert_eq!(memory_gib("MemTotal:       24675000 kB\nMemFree: 1 kB\n"), Some(24));
        let cpuinfo = "processor\t: 0\nmodel name\t: AMD EPYC\nmodel name\t: AMD EPYC\n";
        assert_eq!(processor(cpuinfo).as_deref(), Some("AMD EPYC"));
        assert_eq!(load("0.10 1.25 3.00 1/99 7\n").as_deref(), Some("0.10 1.25 3.00"));
        assert_eq!(load(""), None);
        assert_eq!((memory_gib(""), processor("")), (None, None));
    }
}
