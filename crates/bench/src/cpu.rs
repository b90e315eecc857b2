//! The processor time of a child, read after its end, while the kernel still keeps its numbers; and of
//! this process and its threads.

use std::io;
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// Source: proc(5), `sysconf(_SC_CLK_TCK)`: 100 a second on every Linux.
const TICK: Duration = Duration::from_millis(10);
/// Of the fields behind the name, from 0. Source: proc(5), `/proc/PID/stat`.
const USER: usize = 11;
/// As [`USER`].
const SYSTEM: usize = 12;

/// Waits until `child` has ended, and leaves it to be waited for.
pub(crate) fn wait_for_end(child: &Child) -> io::Result<()> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(Pid::from_child(child)), options)?;
    Ok(())
}

/// User and system time of a child that was not waited for yet; none where there is no `/proc`.
pub(crate) fn of(child: &Child) -> Option<Duration> {
    ticks(&std::fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?)
}

/// That of this process so far.
pub(crate) fn of_this_process() -> Option<Duration> {
    ticks(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// That of a thread of this process so far: one of `/proc/self/task`.
pub(crate) fn of_thread(id: &str) -> Option<Duration> {
    ticks(&std::fs::read_to_string(format!("/proc/self/task/{id}/stat")).ok()?)
}

/// The thread that asks.
pub(crate) fn this_thread() -> Option<String> {
    let link = std::fs::read_link("/proc/thread-self").ok()?;
    Some(link.file_name()?.to_str()?.to_owned())
}

/// The name may hold anything, brackets included.
fn ticks(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let field = |place: usize| fields.get(place)?.parse::<u32>().ok();
    Some(TICK * (field(USER)? + field(SYSTEM)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_a_stat() {
        let stat = "7 (a) (b) Z 1 7 7 0 -1 4 9 0 0 0 131 12 0 0 20 0 1 0 99 0 0";
        assert_eq!(ticks(stat), Some(Duration::from_millis(1430)));
        assert_eq!(ticks("7 (a) Z 1"), None);
    }

    #[test]
    fn a_thread_finds_itself() {
        let thread = this_thread().unwrap();
        assert!(of_thread(&thread).unwrap() <= of_this_process().unwrap());
        assert_eq!(of_thread("0"), None);
    }
}
