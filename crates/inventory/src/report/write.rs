//! The directory of a report: all of it, or nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::manifest::{FileHash, Manifest};
use super::{CSV_FILE, HTML_FILE, JSON_FILE, MANIFEST_FILE, Report, csv, html};

/// A report could not be written. What was there before is still there.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The directory has something in it.
    #[error(
        "{path} is there and not empty; give another directory, or --force to replace a report"
    )]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// The directory has something else in it than a report.
    #[error("{path} is no report, and is not replaced; give another directory")]
    NoReport {
        /// The directory.
        path: PathBuf,
    },
    /// A file or directory could not be made.
    #[error("cannot write {path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file could not be made of the report.
    #[error("cannot make {file} of the report: {cause}")]
    Render {
        /// Which.
        file: &'static str,
        /// Why.
        cause: String,
    },
}

/// The files of a report by name, without its manifest.
pub(super) fn files(report: &Report) -> Result<BTreeMap<&'static str, String>, ReportError> {
    let failed = |file, cause: String| ReportError::Render { file, cause };
    let html = html::render(report).map_err(|error| failed(HTML_FILE, error.to_string()))?;
    let csv = csv::render(report).map_err(|error| failed(CSV_FILE, error.to_string()))?;
    Ok(BTreeMap::from([(HTML_FILE, html), (CSV_FILE, csv), (JSON_FILE, report.to_json())]))
}

/// Writes the files into a directory beside `directory`, which then takes its place.
///
/// # Errors
/// [`ReportError`]: the directory is not empty (with `replace`: and is no report), or cannot be written.
pub fn write_report(report: &Report, directory: &Path, replace: bool) -> Result<(), ReportError> {
    let is_there = is_there(directory)?;
    if is_there && !replace {
        return Err(ReportError::NotEmpty { path: directory.to_owned() });
    }
    if is_there && !directory.join(MANIFEST_FILE).is_file() {
        return Err(ReportError::NoReport { path: directory.to_owned() });
    }
    let files = files(report)?;
    let hashes =
        files.iter().map(|(name, text)| ((*name).to_owned(), FileHash::of(text.as_bytes())));
    let manifest = Manifest::of(report, hashes.collect()).to_json();
    let made = beside(directory, "new");
    remove(&made)?;
    let written = write_all(&made, files.iter().chain([(&MANIFEST_FILE, &manifest)]));
    let placed = written.and_then(|()| put_in_place(&made, directory));
    if placed.is_err() {
        // What was begun is nothing that anybody looks at.
        let _ = remove(&made);
    }
    placed
}

/// Whether there is something in the directory.
fn is_there(directory: &Path) -> Result<bool, ReportError> {
    match fs::read_dir(directory) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(ReportError::Io { path: directory.to_owned(), source }),
    }
}

/// As in `.report.new` beside `report`.
fn beside(directory: &Path, suffix: &str) -> PathBuf {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    directory.with_file_name(format!(".{name}.{suffix}"))
}

fn write_all<'a>(
    directory: &Path,
    files: impl Iterator<Item = (&'a &'static str, &'a String)>,
) -> Result<(), ReportError> {
    at(directory, fs::create_dir_all(directory))?;
    for (name, text) in files {
        let path = directory.join(name);
        at(&path, fs::write(&path, text))?;
    }
    Ok(())
}

fn put_in_place(made: &Path, directory: &Path) -> Result<(), ReportError> {
    let old = beside(directory, "old");
    remove(&old)?;
    if directory.exists() {
        at(directory, fs::rename(directory, &old))?;
    }
    at(directory, fs::rename(made, directory))?;
    remove(&old)
}

fn remove(directory: &Path) -> Result<(), ReportError> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => at(directory, removed),
    }
}

fn at(path: &Path, done: io::Result<()>) -> Result<(), ReportError> {
    done.map_err(|source| ReportError::Io { path: path.to_owned(), source })
}
