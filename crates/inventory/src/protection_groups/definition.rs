//! What can be changed of a group, and what no group can be.

use std::collections::{BTreeMap, BTreeSet};

use model::is_account_id;
use model::region::is_region;
use serde::Deserialize;

use super::{Definition, KIND};
use crate::record::{given, set};
use crate::{ManageError, record};

/// The longest key and value of an EC2 tag. Source: EC2 user guide, tag restrictions.
const LONGEST_TAG: (usize, usize) = (128, 256);

/// What to change of a group: what is left out stays, null takes it away.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of Definition")]
pub struct Changes {
    pub group_name: Option<String>,
    #[serde(deserialize_with = "given")]
    pub description: Option<Option<String>>,
    pub region: Option<String>,
    #[serde(deserialize_with = "given")]
    pub account_id: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub source_server_ids: Option<Option<Vec<String>>>,
    #[serde(deserialize_with = "given")]
    pub server_selection_tags: Option<Option<BTreeMap<String, String>>>,
    #[serde(deserialize_with = "given")]
    pub rpo_minutes: Option<Option<u32>>,
    #[serde(deserialize_with = "given")]
    pub drill_max_age_days: Option<Option<u32>>,
    /// The version that the change is of; another one is refused.
    pub version: Option<u64>,
}

pub(super) fn apply(definition: &mut Definition, changes: Changes) {
    set(changes.group_name, &mut definition.group_name);
    set(changes.description, &mut definition.description);
    set(changes.region, &mut definition.region);
    set(changes.account_id, &mut definition.account_id);
    set(changes.source_server_ids, &mut definition.source_server_ids);
    set(changes.server_selection_tags, &mut definition.server_selection_tags);
    set(changes.rpo_minutes, &mut definition.rpo_minutes);
    set(changes.drill_max_age_days, &mut definition.drill_max_age_days);
}

/// Whether each part is well formed, whatever the tables hold.
pub(super) fn check_form(definition: &Definition) -> Result<(), ManageError> {
    record::check_name(&KIND, &definition.group_name)?;
    record::check_description(definition.description.as_deref())?;
    if !is_region(&definition.region) {
        return Err(ManageError::invalid("region", &definition.region, "as in us-east-1"));
    }
    if let Some(id) = definition.account_id.as_deref().filter(|id| !is_account_id(id)) {
        return Err(ManageError::invalid("accountId", id, "12 digits"));
    }
    let policy = [
        ("rpoMinutes", definition.rpo_minutes),
        ("drillMaxAgeDays", definition.drill_max_age_days),
    ];
    if let Some((name, _)) = policy.into_iter().find(|(_, value)| *value == Some(0)) {
        return Err(ManageError::invalid(name, "0", "a whole number from 1"));
    }
    match (&definition.source_server_ids, &definition.server_selection_tags) {
        (Some(ids), None) => check_ids(ids),
        (None, Some(tags)) => check_tags(tags),
        _ => {
            let expected = "exactly one of sourceServerIds and serverSelectionTags";
            Err(ManageError::invalid("sourceServerIds", "", expected))
        }
    }
}

fn check_ids(ids: &[String]) -> Result<(), ManageError> {
    let is_id = |id: &str| {
        let digits = id.strip_prefix("s-").unwrap_or_default();
        digits.len() == 17 && digits.bytes().all(|b| b.is_ascii_hexdigit())
    };
    if let Some(id) = ids.iter().find(|id| !is_id(id)) {
        let expected = "s- and 17 hexadecimal digits";
        return Err(ManageError::invalid("sourceServerIds", id, expected));
    }
    let distinct: BTreeSet<&String> = ids.iter().collect();
    if ids.is_empty() || distinct.len() != ids.len() {
        let expected = "at least one server, each once";
        return Err(ManageError::invalid("sourceServerIds", &ids.join(", "), expected));
    }
    Ok(())
}

fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), ManageError> {
    let invalid =
        |value: &str, expected| Err(ManageError::invalid("serverSelectionTags", value, expected));
    if tags.is_empty() {
        return invalid("", "at least one tag, as in {\"Tier\": \"web\"}");
    }
    let is_tag = |(key, value): &(&String, &String)| {
        let (key, value) = (key.chars().count(), value.chars().count());
        (1..=LONGEST_TAG.0).contains(&key) && value <= LONGEST_TAG.1
    };
    match tags.iter().find(|tag| !is_tag(tag)) {
        None => Ok(()),
        Some((key, _)) => invalid(key, "keys of 1 to 128 and values of up to 256 characters"),
    }
}
