//! The peak memory of a child, as the kernel counts it.
//!
//! `ru_maxrss` of a child would not do: it starts at the peak of the process that spawned it.

use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fs, io};

/// The peak only grows, and the kernel keeps it: what may be missed is what a process takes in
/// this time before its end.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Looks at a process until it is told to stop.
pub(crate) struct PeakMemory {
    watcher: JoinHandle<()>,
    kib: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl PeakMemory {
    /// Starts to look at the process.
    pub(crate) fn watch(pid: u32) -> Self {
        let (kib, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (seen, ended) = (Arc::clone(&kib), Arc::clone(&over));
        let watcher = thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                // None once the process has ended, and where there is no /proc.
                if let Some(peak) = peak_of(pid) {
                    seen.fetch_max(peak, Ordering::Relaxed);
                }
                thread::sleep(LOOK_EVERY);
            }
        });
        Self { watcher, kib, over }
    }

    /// MiB; none where the system does not tell.
    pub(crate) fn mib(self) -> Option<f64> {
        self.over.store(true, Ordering::Relaxed);
        // A watcher that failed has seen what it has seen.
        let _ = self.watcher.join();
        mib(self.kib.load(Ordering::Relaxed))
    }
}

/// MiB of a child that ends too soon for a look now and then; none where the system does not tell.
///
/// # Errors
/// It cannot be waited for.
pub(crate) fn looked_at_until_its_end(child: &mut Child) -> io::Result<Option<f64>> {
    let mut most = 0;
    while child.try_wait()?.is_none() {
        most = most.max(peak_of(child.id()).unwrap_or_default());
    }
    Ok(mib(most))
}

fn mib(kib: u64) -> Option<f64> {
    let kib = u32::try_from(kib).ok()?;
    (kib > 0).then(|| f64::from(kib) / 1024.0)
}

fn peak_of(pid: u32) -> Option<u64> {
    peak(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

/// KiB. Source: proc(5), `VmHWM`.
fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_status() {
        assert_eq!(peak("Name:\tx\nVmHWM:\t   51200 kB\nVmRSS:\t 4 kB\n"), Some(51_200));
        assert_eq!(peak("Name:\tx\nState:\tZ (zombie)\n"), None);
    }
}
