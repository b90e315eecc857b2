//! Whether a directory is the report that was written: every hash, and every figure from the servers anew.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::Path;

use super::manifest::{FileHash, Manifest};
use super::write::files;
use super::{CSV_FILE, HTML_FILE, JSON_FILE, MANIFEST_FILE, Report, csv, html, tool};
use crate::as_of::Figures;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// In which file.
    pub file: String,
    /// What.
    pub what: String,
}

/// Everything of a directory that does not fit; nothing where it is as it was written.
pub fn verify_report(directory: &Path) -> Vec<Mismatch> {
    let mut found = Found::default();
    let contents = found.read_all(directory);
    let parsed = |name: &str| contents.get(name).map(Vec::as_slice);
    let manifest: Option<Manifest> = found.parse(MANIFEST_FILE, parsed(MANIFEST_FILE));
    let report: Option<Report> = found.parse(JSON_FILE, parsed(JSON_FILE));
    if let Some(manifest) = &manifest {
        found.hashes(manifest, &contents);
    }
    if let Some(report) = &report {
        found.figures_of(report, &contents);
        found.files_of(report, &contents);
    }
    if let (Some(manifest), Some(report)) = (&manifest, &report) {
        found.manifest_of(manifest, report, &contents);
    }
    found.mismatches
}

type Contents = BTreeMap<String, Vec<u8>>;

#[derive(Default)]
struct Found {
    mismatches: Vec<Mismatch>,
}

impl Found {
    fn add(&mut self, file: &str, what: impl Display) {
        let mismatch = Mismatch { file: file.to_owned(), what: what.to_string() };
        if !self.mismatches.contains(&mismatch) {
            self.mismatches.push(mismatch);
        }
    }

    fn read_all(&mut self, directory: &Path) -> Contents {
        let mut contents = Contents::new();
        for name in [MANIFEST_FILE, JSON_FILE, HTML_FILE, CSV_FILE] {
            match fs::read(directory.join(name)) {
                Ok(content) => {
                    contents.insert(name.to_owned(), content);
                }
                Err(error) => self.add(name, format!("cannot be read: {error}")),
            }
        }
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            if ![MANIFEST_FILE, JSON_FILE, HTML_FILE, CSV_FILE].contains(&name.as_str()) {
                self.add(&name, "is no file of the report");
            }
        }
        contents
    }

    fn parse<T: serde::de::DeserializeOwned>(
        &mut self,
        name: &str,
        content: Option<&[u8]>,
    ) -> Option<T> {
        match serde_json::from_slice(content?) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.add(name, format!("is not what a report holds: {error}"));
                None
            }
        }
    }

    fn hashes(&mut self, manifest: &Manifest, contents: &Contents) {
        for name in [JSON_FILE, HTML_FILE, CSV_FILE] {
            let (said, is) = (manifest.files.get(name), contents.get(name));
            if let Some(is) = is.map(|content| FileHash::of(content))
                && said != Some(&is)
            {
                self.add(name, format!("its SHA-256 is {}, not that of the manifest", is.sha256));
            }
        }
    }

    /// Each figure once more from the servers, from the lines of the table, and from the page.
    fn figures_of(&mut self, report: &Report, contents: &Contents) {
        let counted = Figures::of(&report.servers);
        self.compare(JSON_FILE, &report.figures, &counted);
        let text = |name: &str| {
            contents.get(name).map(|content| String::from_utf8_lossy(content).into_owned())
        };
        if let Some(table) = text(CSV_FILE) {
            match csv::figures(&table) {
                Some(figures) => self.compare(CSV_FILE, &figures, &counted),
                None => self.add(CSV_FILE, "is no table of servers with verdicts"),
            }
        }
        let shown = text(HTML_FILE).map(|page| html::figures(&page)).unwrap_or_default();
        for (name, value) in counted.named() {
            let said = shown.get(&name).map_or("nothing", String::as_str);
            if contents.contains_key(HTML_FILE) && said != value.to_string() {
                self.add(
                    HTML_FILE,
                    format!("{name} is {value} by the servers, and the page says {said}"),
                );
            }
        }
    }

    fn compare(&mut self, file: &str, said: &Figures, counted: &Figures) {
        let (said, counted) = (said.named(), counted.named());
        for name in said.keys().chain(counted.keys()) {
            let value =
                |figures: &BTreeMap<String, u64>| figures.get(name).copied().unwrap_or_default();
            if value(&said) != value(&counted) {
                let (said, counted) = (value(&said), value(&counted));
                self.add(
                    file,
                    format!("{name} is {counted} by the servers, and the file says {said}"),
                );
            }
        }
    }

    /// A file of another version of the program may look otherwise; its figures do not.
    fn files_of(&mut self, report: &Report, contents: &Contents) {
        if report.tool != tool() {
            return;
        }
        let Ok(files) = files(report) else { return };
        for (name, text) in files {
            if contents.get(name).is_some_and(|content| content != text.as_bytes()) {
                self.add(name, "does not say what the servers of report.json say");
            }
        }
    }

    fn manifest_of(&mut self, manifest: &Manifest, report: &Report, contents: &Contents) {
        self.compare(MANIFEST_FILE, &manifest.figures, &Figures::of(&report.servers));
        let expected = Manifest::of(report, manifest.files.clone());
        let is_whole = manifest.files.len() == 3;
        let text = contents.get(MANIFEST_FILE).map(Vec::as_slice).unwrap_or_default();
        let is_as_written = report.tool != tool() || text == expected.to_json().as_bytes();
        if !(is_whole && is_as_written && *manifest == expected) {
            self.add(MANIFEST_FILE, "does not say what report.json says");
        }
    }
}
