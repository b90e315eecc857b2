//! The processor time of a child: read after its end, while the kernel still keeps its numbers.

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
}
