//! The right to write, which one process has at a time, and who has it.

use std::fmt::{Display, Formatter};
use std::path::Path;
use std::time::Duration;

use rusqlite::{ErrorCode, OpenFlags};

use crate::OpenError;
use crate::connection::{beside, connect, open_error, real, to_write};

/// How long a store that is opened to write waits for another process. Its writes take
/// milliseconds each; what holds the file for longer stands still.
pub(crate) const WAIT: Duration = Duration::from_secs(3);

/// Waits until nobody else writes to the store at `path`. The engine would wait for half a minute.
pub(crate) fn wait_for_turn(path: &Path) -> Result<(), OpenError> {
    let try_to_write = || {
        let connection = connect(&to_write(path), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(WAIT)?;
        connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")
    };
    try_to_write().map_err(|error| refusal(path, &error))
}

/// What to say where SQLite refuses the file.
pub(crate) fn refusal(path: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            OpenError::InUse { path: path.to_owned(), by: Holder::of(path) }
        }
        _ => open_error(path, error),
    }
}

/// Whoever holds a store for writing. Shown by its number and its name: its arguments are its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder(Option<(u32, String)>);

impl Holder {
    /// Found where the system has `/proc`.
    pub(crate) fn of(path: &Path) -> Self {
        let path = real(path);
        let locks = std::fs::read_to_string("/proc/locks").unwrap_or_default();
        let inode = |path: &Path| inode_of(path).map(|inode| format!(":{inode}"));
        let (store, shared) = (inode(&path), inode(&beside(&path, "-shm")));
        let held = |lock: &Lock<'_>| {
            let is = |inode: &Option<String>| {
                inode.as_ref().is_some_and(|inode| lock.place.ends_with(inode.as_str()))
            };
            is(&store) || (is(&shared) && (lock.start..=lock.end).contains(&WRITE_LOCK))
        };
        let pid = locks.lines().filter_map(Lock::to_write).find(held).map(|lock| lock.pid);
        Self(pid.map(|pid| (pid, name_of(pid))))
    }
}

impl Display for Holder {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            None => f.write_str("another process"),
            Some((pid, name)) if name.is_empty() => write!(f, "process {pid}"),
            Some((pid, name)) => write!(f, "process {pid} ({name})"),
        }
    }
}

/// The byte of the `-shm` file that is locked to write. Source: SQLite, "WAL-mode File Format",
/// 2.3.1.
const WRITE_LOCK: u64 = 120;

/// A line of `/proc/locks`. Source: proc_locks(5).
struct Lock<'a> {
    pid: u32,
    /// Device and inode.
    place: &'a str,
    start: u64,
    end: u64,
}

impl<'a> Lock<'a> {
    /// None for a lock to read, for one that is waited for, and for one that belongs to a process
    /// that cannot be seen from here.
    fn to_write(line: &'a str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, "POSIX", _, "WRITE", pid, place, start, end] = words[..] else { return None };
        let pid = pid.parse().ok().filter(|pid| *pid > 0)?;
        let end = if end == "EOF" { u64::MAX } else { end.parse().ok()? };
        Some(Self { pid, place, start: start.parse().ok()?, end })
    }
}

#[cfg(unix)]
fn inode_of(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|metadata| metadata.ino())
}

#[cfg(not(unix))]
fn inode_of(_: &Path) -> Option<u64> {
    None
}

fn name_of(pid: u32) -> String {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim_end().to_owned()
}
