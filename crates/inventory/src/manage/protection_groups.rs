//! Protection groups: servers that fail over together, named one by one or selected by tags.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize};

use super::ManageError;
use super::record::{self, Kind};
use crate::config::is_region;
use crate::model::is_account_id;
use crate::query::servers::{ServerFilter, query_servers, scan};
use crate::query::{Item, text};
use crate::tables::Table;

pub(super) const KIND: Kind =
    Kind { what: "protection group", key: "groupId", name: "groupName", prefix: "pg" };

/// A row of the protection-groups table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProtectionGroup {
    /// The key.
    pub group_id: String,
    /// What and where.
    #[serde(flatten)]
    pub definition: Definition,
    /// 1 at first, one more with every change.
    pub version: u64,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601.
    pub last_updated: String,
}

/// What a group is: `sourceServerIds` or `serverSelectionTags`, one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// For people, unique.
    pub group_name: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The region that the servers replicate to.
    pub region: String,
    /// The account that the servers come from; none for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Ids of DRS, as in `s-1234567890abcdef0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_server_ids: Option<Vec<String>>,
    /// EC2 tags that a server must have, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_selection_tags: Option<BTreeMap<String, String>>,
}

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
    /// The version that the change is of; another one is refused.
    pub version: Option<u64>,
}

/// Tells null from absent.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The servers of a group, as the inventory knows them.
#[derive(Debug, Default)]
pub struct Resolved {
    /// Rows of the inventory.
    pub servers: Vec<Item>,
    /// Ids that the inventory does not have in this region and account.
    pub missing: Vec<String>,
}

const KNOWN: [&str; 10] = [
    "groupId",
    "groupName",
    "description",
    "region",
    "accountId",
    "sourceServerIds",
    "serverSelectionTags",
    "version",
    "createdAt",
    "lastUpdated",
];

/// All groups, sorted by name.
///
/// # Errors
/// [`ManageError::Read`] names the table.
pub async fn list_protection_groups(groups: &Table) -> Result<Vec<Item>, ManageError> {
    let mut rows = scan(groups).await?;
    rows.sort_by_cached_key(|row| text(row, KIND.name).to_lowercase());
    Ok(rows)
}

/// One group, and its row with the attributes that this program does not know.
///
/// # Errors
/// [`ManageError::NotFound`] where it is not there.
pub async fn get_protection_group(
    groups: &Table,
    group_id: &str,
) -> Result<(ProtectionGroup, Item), ManageError> {
    let row = record::load(groups, &KIND, group_id).await?;
    Ok((record::read(&KIND, &row)?, row))
}

/// Creates a group. Servers that it names must be in the inventory.
///
/// # Errors
/// [`ManageError`] names the parameter that is wrong.
pub async fn create_protection_group(
    groups: &Table,
    inventory: &Table,
    definition: Definition,
    now: &str,
) -> Result<ProtectionGroup, ManageError> {
    let group = ProtectionGroup {
        group_id: record::new_id(&KIND),
        definition,
        version: 1,
        created_at: now.to_owned(),
        last_updated: now.to_owned(),
    };
    check(groups, inventory, &group).await?;
    record::insert(groups, &KIND, &group.group_id, &group).await?;
    Ok(group)
}

/// Changes a group.
///
/// # Errors
/// [`ManageError::Contended`] where it is not of the version given, or was changed meanwhile.
pub async fn update_protection_group(
    groups: &Table,
    inventory: &Table,
    group_id: &str,
    changes: Changes,
    now: &str,
) -> Result<ProtectionGroup, ManageError> {
    let (mut group, row) = get_protection_group(groups, group_id).await?;
    if changes.version.is_some_and(|version| version != group.version) {
        return Err(ManageError::Contended { id: group_id.to_owned() });
    }
    apply(changes, &mut group.definition);
    group.version += 1;
    now.clone_into(&mut group.last_updated);
    check(groups, inventory, &group).await?;
    record::replace(groups, group_id, (&row, &KNOWN), &group).await?;
    Ok(group)
}

/// Deletes a group that no recovery plan names.
///
/// # Errors
/// [`ManageError::InUse`] names the plan.
pub async fn delete_protection_group(
    groups: &Table,
    plans: &Table,
    group_id: &str,
) -> Result<(), ManageError> {
    record::load(groups, &KIND, group_id).await?;
    for plan in scan(plans).await? {
        if super::recovery_plans::names_group(&plan, group_id) {
            let plan = format!("{} ({})", text(&plan, "planName"), text(&plan, "planId"));
            return Err(ManageError::InUse { group: group_id.to_owned(), plan });
        }
    }
    record::remove(groups, &KIND, group_id).await
}

/// The servers of a group, by the index of their region.
///
/// # Errors
/// [`ManageError::Read`] names the table.
pub async fn resolve_protection_group(
    inventory: &Table,
    definition: &Definition,
) -> Result<Resolved, ManageError> {
    let filter =
        ServerFilter { region: Some(definition.region.clone()), ..ServerFilter::default() };
    let mut servers = query_servers(inventory, &filter).await?;
    let account = definition.account_id.as_deref();
    servers.retain(|row| account.is_none_or(|id| text(row, "sourceAccountId") == id));
    if let Some(tags) = &definition.server_selection_tags {
        servers.retain(|row| has_tags(row, tags));
        return Ok(Resolved { servers, missing: Vec::new() });
    }
    let wanted = definition.source_server_ids.iter().flatten();
    let wanted: BTreeSet<&str> = wanted.map(String::as_str).collect();
    servers.retain(|row| wanted.contains(text(row, "sourceServerID")));
    let found: BTreeSet<&str> = servers.iter().map(|row| text(row, "sourceServerID")).collect();
    let missing = wanted.difference(&found).map(|id| (*id).to_owned()).collect();
    Ok(Resolved { servers, missing })
}

fn has_tags(row: &Item, tags: &BTreeMap<String, String>) -> bool {
    let of_row = row.get("sourceTags").and_then(|tags| tags.as_m().ok());
    tags.iter().all(|(key, value)| {
        of_row.and_then(|tags| tags.get(key)?.as_s().ok()).is_some_and(|has| has == value)
    })
}

fn apply(changes: Changes, definition: &mut Definition) {
    fn set<T>(change: Option<T>, field: &mut T) {
        if let Some(value) = change {
            *field = value;
        }
    }
    set(changes.group_name, &mut definition.group_name);
    set(changes.description, &mut definition.description);
    set(changes.region, &mut definition.region);
    set(changes.account_id, &mut definition.account_id);
    set(changes.source_server_ids, &mut definition.source_server_ids);
    set(changes.server_selection_tags, &mut definition.server_selection_tags);
}

async fn check(
    groups: &Table,
    inventory: &Table,
    group: &ProtectionGroup,
) -> Result<(), ManageError> {
    let definition = &group.definition;
    check_form(definition)?;
    let rows = scan(groups).await?;
    record::check_unique(&KIND, &rows, &definition.group_name, &group.group_id)?;
    let missing = resolve_protection_group(inventory, definition).await?.missing;
    if missing.is_empty() {
        return Ok(());
    }
    let expected = format!("servers that the inventory has in {}", definition.region);
    Err(ManageError::invalid("sourceServerIds", &missing.join(", "), expected))
}

fn check_form(definition: &Definition) -> Result<(), ManageError> {
    record::check_name(&KIND, &definition.group_name)?;
    record::check_description(definition.description.as_deref())?;
    if !is_region(&definition.region) {
        return Err(ManageError::invalid("region", &definition.region, "as in us-east-1"));
    }
    if let Some(id) = definition.account_id.as_deref().filter(|id| !is_account_id(id)) {
        return Err(ManageError::invalid("accountId", id, "12 digits"));
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
    match tags.keys().find(|key| key.is_empty()) {
        None if !tags.is_empty() => Ok(()),
        _ => {
            let expected = "at least one tag, as in {\"Tier\": \"web\"}";
            Err(ManageError::invalid("serverSelectionTags", "", expected))
        }
    }
}
