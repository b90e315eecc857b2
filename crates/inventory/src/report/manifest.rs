//! Hashes, figures and what was not known: what a report is checked against.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{PolicyShown, Report};
use crate::as_of::Figures;
use crate::picture::NotKnown;

/// What a report is checked against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// The program that wrote the report, and its version.
    pub tool: String,
    /// When, ISO 8601.
    pub created_at: String,
    /// The moment that it is of, ISO 8601.
    pub at: String,
    /// What verdicts rest on.
    pub policy: PolicyShown,
    /// What the servers amount to.
    pub figures: Figures,
    /// What was not known, by name.
    pub not_known: Vec<NotKnown>,
    /// The other files.
    pub files: BTreeMap<String, FileHash>,
}

/// What a file is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileHash {
    /// In hexadecimal digits.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

impl FileHash {
    /// Of a file with this content.
    pub(super) fn of(content: &[u8]) -> Self {
        let digest = Sha256::digest(content);
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { sha256, bytes: content.len() as u64 }
    }
}

impl Manifest {
    /// Of a report and its files.
    pub(super) fn of(report: &Report, files: BTreeMap<String, FileHash>) -> Self {
        Self {
            tool: report.tool.clone(),
            created_at: report.created_at.clone(),
            at: report.at.clone(),
            policy: report.policy,
            figures: report.figures.clone(),
            not_known: report.not_known.clone(),
            files,
        }
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}
