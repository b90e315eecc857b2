//! A file of accounts: JSON, as `accounts export` writes it, or CSV.

use model::ExternalId;
use serde::Deserialize;

use crate::words::csv_cell;

/// One account as a file says it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Twelve digits.
    pub account_id: String,
    /// For people.
    #[serde(default)]
    pub account_name: Option<String>,
    /// A role of that very account.
    #[serde(default)]
    pub role_arn: Option<String>,
    /// What the role's trust policy asks for.
    #[serde(default)]
    pub external_id: Option<ExternalId>,
    /// Whether the role asks for one, where the file does not say which.
    #[serde(default)]
    pub has_external_id: Option<bool>,
    /// In CSV: the target account whose staging account this is.
    #[serde(default)]
    pub staging_of: Option<String>,
    /// In JSON: its staging accounts.
    #[serde(default)]
    pub staging_accounts: Option<Vec<Entry>>,
    /// Where it stands in the file, for messages.
    #[serde(skip)]
    pub place: String,
}

/// What is wrong with a file. No external id is in the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}; nothing was imported")]
pub struct FileError {
    /// As in `line 3` or `account 2`.
    pub place: String,
    /// What was found and what was expected.
    pub reason: String,
}

impl FileError {
    pub(super) fn at(place: &str, reason: impl Into<String>) -> Self {
        Self { place: place.to_owned(), reason: reason.into() }
    }
}

/// Reads a list of accounts, as in `[{"accountId": "222222222222", "stagingAccounts": []}]`.
///
/// # Errors
/// Where it is no list of accounts, or one has a key that is not known.
pub fn parse_json(text: &str) -> Result<Vec<Entry>, FileError> {
    let list: Vec<serde_json::Value> = serde_json::from_str(text).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        FileError::at(&place, "expected a JSON list of accounts, as `accounts export` writes it")
    })?;
    let numbered = list.into_iter().enumerate();
    let entries = numbered.map(|(position, value)| {
        let place = format!("account {}", position + 1);
        let mut entry: Entry = serde_json::from_value(value)
            .map_err(|error| FileError::at(&place, without_values(&error.to_string())))?;
        for (position, member) in entry.staging_accounts.iter_mut().flatten().enumerate() {
            member.place = format!("{place}, staging account {}", position + 1);
        }
        Ok(Entry { place, ..entry })
    });
    entries.collect()
}

/// Names of keys are told; a value in the wrong place may be an external id.
fn without_values(reason: &str) -> String {
    match reason.starts_with("unknown field") || reason.starts_with("missing field") {
        true => reason.to_owned(),
        false => "expected texts, true or false for hasExternalId, and a list of accounts for stagingAccounts".to_owned(),
    }
}

const COLUMNS: [&str; 6] =
    ["accountId", "accountName", "roleArn", "externalId", "hasExternalId", "stagingOf"];

/// Reads a table whose first line names its columns: `accountId`, and any of `accountName`, `roleArn`,
/// `externalId`, `hasExternalId`, `stagingOf`. An empty cell is absent.
///
/// # Errors
/// Where a line has another number of cells than the first, or a column is not known.
pub fn parse_csv(text: &str) -> Result<Vec<Entry>, FileError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().cloned();
    let header = header.map_err(|error| FileError::at("line 1", error.to_string()))?;
    // Not by its text: where a file has no header, that may be an external id.
    if let Some(position) = header.iter().position(|name| !COLUMNS.contains(&name)) {
        let expected = COLUMNS.join(", ");
        let reason = format!("column {} is not known; expected {expected}", position + 1);
        return Err(FileError::at("line 1", reason));
    }
    let repeated = header
        .iter()
        .enumerate()
        .find(|(position, name)| header.iter().take(*position).any(|earlier| earlier == *name));
    if let Some((_, name)) = repeated {
        let reason = format!("the column {name} is there twice");
        return Err(FileError::at("line 1", reason));
    }
    let records = reader.records().enumerate().map(|(position, record)| {
        let record = record.map_err(|error| {
            let line = error.position().map_or(position as u64 + 2, csv::Position::line);
            let expected = format!("expected {} cells of UTF-8 text", header.len());
            FileError::at(&format!("line {line}"), expected)
        })?;
        let line = record.position().map_or(position as u64 + 2, csv::Position::line);
        let place = format!("line {line}");
        entry(&header, &record, &place)
    });
    records.collect()
}

/// An export puts `'` before what a spreadsheet would run as a formula.
fn as_exported(cell: &str) -> String {
    let without = cell.strip_prefix('\'').filter(|text| csv_cell(text) == cell);
    without.unwrap_or(cell).to_owned()
}

fn entry(
    header: &csv::StringRecord,
    record: &csv::StringRecord,
    place: &str,
) -> Result<Entry, FileError> {
    let cell = |name: &str| {
        let position = header.iter().position(|column| column == name)?;
        record.get(position).filter(|cell| !cell.is_empty()).map(as_exported)
    };
    let account_id = cell("accountId")
        .ok_or_else(|| FileError::at(place, "accountId is empty; expected 12 digits"))?;
    let has_external_id = match cell("hasExternalId").as_deref() {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        // Not by its text: where columns were swapped, that is an external id.
        Some(_) => {
            return Err(FileError::at(place, "hasExternalId: expected true or false"));
        }
    };
    Ok(Entry {
        account_id,
        account_name: cell("accountName"),
        role_arn: cell("roleArn"),
        external_id: cell("externalId").map(ExternalId::new),
        has_external_id,
        staging_of: cell("stagingOf"),
        staging_accounts: None,
        place: place.to_owned(),
    })
}
