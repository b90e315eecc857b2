//! Evidence of one moment, for auditors: the servers with their verdicts, what they rest on, and what was
//! not known.
//!
//! - `select`: of which accounts, groups and tags.
//! - `html`, `csv`: the report for people and for spreadsheets.
//! - `manifest`: hashes, figures and what was not known.
//! - `write`: the directory, all of it or nothing.
//! - `verify`: whether a directory is as it was written.

mod csv;
mod html;
mod manifest;
mod select;
mod verify;
mod write;

use std::time::Duration;

use jiff::Timestamp;
use model::readiness::Policy;
use serde::{Deserialize, Serialize};
use sync::time::iso;

use crate::as_of::{Figures, Fleet, Gap, ServerThen};
use crate::picture::NotKnown;

pub use manifest::{FileHash, Manifest};
pub use select::Selection;
pub use verify::{Mismatch, verify_report};
pub use write::{ReportError, write_report};

/// The report as data. The other files are made of it.
pub const JSON_FILE: &str = "report.json";
/// The report for people.
pub const HTML_FILE: &str = "report.html";
/// The servers for spreadsheets.
pub const CSV_FILE: &str = "servers.csv";
/// Hashes and figures.
pub const MANIFEST_FILE: &str = "manifest.json";

/// A report. Times are ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Report {
    /// The program that wrote it, and its version.
    pub tool: String,
    /// When it was written.
    pub created_at: String,
    /// The moment that it is of.
    pub at: String,
    /// Start of the last sync of all accounts at that moment; none where none had ended.
    pub last_sync: Option<String>,
    /// The time without a sync of all accounts that the moment is in, where that is too long.
    pub gap: Option<Gap>,
    /// What verdicts rest on where a group says nothing else: the settings when it was written.
    pub policy: PolicyShown,
    /// Of which servers it is.
    pub selection: Selection,
    /// What was not known, by name.
    pub not_known: Vec<NotKnown>,
    /// Whether more was not known than is named.
    pub not_known_is_cut: bool,
    /// What the servers amount to.
    pub figures: Figures,
    /// The worst and least known first.
    pub servers: Vec<ServerThen>,
}

/// What verdicts rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyShown {
    /// `RPO_MINUTES`
    pub rpo_minutes: u64,
    /// `AGENT_SILENT_MINUTES`
    pub agent_silent_minutes: u64,
    /// `DRILL_MAX_AGE_DAYS`; none where drills lower no verdict.
    pub drill_max_age_days: Option<i64>,
}

impl From<&Policy> for PolicyShown {
    fn from(policy: &Policy) -> Self {
        let minutes = |of: Duration| of.as_secs() / 60;
        Self {
            rpo_minutes: minutes(policy.rpo),
            agent_silent_minutes: minutes(policy.agent_silent),
            drill_max_age_days: policy.drill_max_age.map(|age| age.as_hours() / 24),
        }
    }
}

/// This program.
pub(crate) fn tool() -> String {
    format!("drs-inventory {}", env!("CARGO_PKG_VERSION"))
}

impl Report {
    /// Of the selected servers of a fleet, written at `now`.
    pub fn of(fleet: &Fleet, selection: Selection, policy: &Policy, now: Timestamp) -> Self {
        let Fleet { at, servers, not_known, is_cut, gap, last_sync } = fleet;
        let servers: Vec<ServerThen> =
            servers.iter().filter(|it| selection.has(it)).cloned().collect();
        let not_known = not_known.iter().filter(|it| selection.concerns(it)).cloned().collect();
        Self {
            tool: tool(),
            created_at: iso(now),
            at: iso(*at),
            last_sync: last_sync.clone(),
            gap: gap.clone(),
            policy: policy.into(),
            selection,
            not_known,
            not_known_is_cut: *is_cut,
            figures: Figures::of(&servers),
            servers,
        }
    }

    /// As `report.json` holds it.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}
