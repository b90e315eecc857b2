//! How SQLite is told of a store's file.

use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};

use crate::OpenError;

/// What stays as it is in the path of a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/');

/// The name to write the store at `path` by.
pub(crate) fn to_write(path: &Path) -> String {
    uri(path, "mode=rw")
}

/// SQLite gives some paths a meaning of their own: `:memory:`, `file:…`, all after a `?`. In a
/// URI every path is a path.
pub(crate) fn uri(path: &Path, options: &str) -> String {
    let path = real(path);
    let path = percent_encode(path.as_os_str().as_encoded_bytes(), PATH);
    format!("file://{path}?{options}")
}

pub(crate) fn connect(uri: &str, access: OpenFlags) -> rusqlite::Result<Connection> {
    let always = OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(uri, access | always)
}

/// A file that SQLite keeps beside the store.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Links are followed: SQLite keeps its files beside the file itself.
pub(crate) fn real(path: &Path) -> PathBuf {
    let real = path.canonicalize().or_else(|_| std::path::absolute(path));
    real.unwrap_or_else(|_| path.to_owned())
}

pub(crate) fn open_error(path: &Path, error: &dyn std::fmt::Display) -> OpenError {
    OpenError::Open { path: path.to_owned(), reason: error.to_string() }
}
