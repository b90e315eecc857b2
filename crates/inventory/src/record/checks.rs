//! What holds for the names and texts of groups and plans alike.

use store::{Item, text};

use super::{Kind, versions};
use crate::ManageError;

/// The longest name.
const LONGEST_NAME: usize = 64;
/// The longest description.
const LONGEST_DESCRIPTION: usize = 1024;

/// A name that a person can read and find again: 1 to 64 characters, none of them of control.
pub(crate) fn check_name(kind: &Kind, name: &str) -> Result<(), ManageError> {
    let length = name.chars().count();
    let is_good = (1..=LONGEST_NAME).contains(&length)
        && name.trim() == name
        && !name.chars().any(char::is_control);
    let expected = "1 to 64 characters, without control characters and spaces at its ends";
    is_good.then_some(()).ok_or_else(|| ManageError::invalid(kind.name, name, expected))
}

pub(crate) fn check_description(description: Option<&str>) -> Result<(), ManageError> {
    let text = description.unwrap_or_default();
    let is_good = text.chars().count() <= LONGEST_DESCRIPTION;
    let expected = "at most 1024 characters";
    is_good.then_some(()).ok_or_else(|| ManageError::invalid("description", text, expected))
}

/// Whether another row has the name, in any case of letters, or may come back to it.
pub(crate) fn check_unique(
    kind: &Kind,
    rows: &[Item],
    name: &str,
    own_id: &str,
) -> Result<(), ManageError> {
    let lower = name.to_lowercase();
    let has_name = |row: &Item| text(row, kind.name).to_lowercase() == lower;
    let same = |row: &&Item| text(row, kind.key) != own_id && versions(row).any(has_name);
    match rows.iter().find(same) {
        None => Ok(()),
        Some(row) => Err(ManageError::AlreadyExists {
            what: kind.what,
            name: name.to_owned(),
            id: text(row, kind.key).to_owned(),
        }),
    }
}
