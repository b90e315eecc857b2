//! The file that a store is in: whether it is one, and who may read it.
//!
//! The engine makes its tables in whatever SQLite file it is given. So each file is looked at
//! here first, in a way that leaves nothing behind.

use std::fs::{File, Metadata, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{ErrorCode, OpenFlags};

use crate::OpenError;
use crate::connection::{beside, connect, open_error, real, to_write, uri};
use crate::lock::{WAIT, refusal};

/// Stands in the header of every store, where SQLite keeps room for it. Source: SQLite file
/// format, 1.3.15, "Application ID".
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"drsi");
/// The engine's own tables. A store made before there was an application id is known by them.
const ENGINE_TABLES: &str = "SELECT count(*) = 2 FROM sqlite_master WHERE type = 'table' AND name IN ('_tables', '_config')";

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// No file, or one without a byte in it.
    Nothing,
    /// A store of this program.
    Store,
}

/// Looks without a lock and without the files beside it, so that nothing changes.
pub(crate) fn examine(path: &Path) -> Result<Content, OpenError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Content::Nothing),
        Err(error) => Err(open_error(path, &error)),
        Ok(metadata) => examine_file(path, &metadata),
    }
}

fn examine_file(path: &Path, metadata: &Metadata) -> Result<Content, OpenError> {
    let foreign = |what| OpenError::Foreign { path: path.to_owned(), what };
    if !metadata.is_file() {
        return Err(foreign("it is no file"));
    }
    if metadata.len() == 0 {
        return Ok(Content::Nothing);
    }
    match is_store(path) {
        Ok(true) => Ok(Content::Store),
        Ok(false) => Err(foreign("it is a database of another program")),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(foreign("it is no database"))
        }
        Err(error) => Err(refusal(path, &error)),
    }
}

fn is_store(path: &Path) -> rusqlite::Result<bool> {
    let connection = connect(&uri(path, "immutable=1"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let id: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let engine: bool = connection.query_row(ENGINE_TABLES, [], |row| row.get(0))?;
    Ok(id == APPLICATION_ID || (id == 0 && engine))
}

/// Makes folders and file where there are none, and marks the file as a store. External ids will
/// be in it: it is its owner's alone from the start.
pub(crate) fn create(path: &Path) -> Result<(), OpenError> {
    create_private(path).map_err(|source| OpenError::Create { path: path.to_owned(), source })?;
    mark(path).map_err(|error| refusal(path, &error))
}

fn create_private(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn mark(path: &Path) -> rusqlite::Result<()> {
    let connection = connect(&to_write(path), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(WAIT)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)
}

/// Takes the store, and what SQLite keeps beside it, from everybody but its owner. False where
/// the file system does not let it.
pub(crate) fn make_private(path: &Path) -> bool {
    [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")].iter().all(|it| restrict(it))
}

#[cfg(unix)]
fn restrict(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = std::fs::metadata(path) else { return true };
    let mode = metadata.permissions().mode();
    let private = std::fs::Permissions::from_mode(mode & !0o077);
    mode & 0o077 == 0 || std::fs::set_permissions(path, private).is_ok()
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> bool {
    true
}

/// The name to read the store at `path` by, which asks for no permission to write.
///
/// SQLite keeps two files beside a store that is in use. Where they cannot be made nobody writes,
/// so that the store may be read as a file that does not change; but not where the last writes
/// stand in one of them.
pub(crate) fn to_read(path: &Path) -> Result<String, OpenError> {
    let shared = uri(path, "mode=ro");
    let Err(error) = try_to_read(&shared) else { return Ok(shared) };
    let folder_is_closed =
        matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly));
    let log = beside(&real(path), "-wal");
    match std::fs::metadata(&log).map_or(0, |log| log.len()) {
        _ if !folder_is_closed => Err(refusal(path, &error)),
        0 => Ok(uri(path, "immutable=1")),
        _ => Err(OpenError::Unfinished { path: path.to_owned(), log }),
    }
}

fn try_to_read(uri: &str) -> rusqlite::Result<()> {
    let connection = connect(uri, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(WAIT)?;
    connection.query_row(ENGINE_TABLES, [], |_| Ok(()))
}
