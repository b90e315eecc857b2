//! Protection groups: servers that fail over together, named one by one or selected by tags.

mod definition;
mod resolve;

use serde::{Deserialize, Serialize};
use store::tables::{ProtectionGroupsTable, RecoveryPlansTable, SourceServerInventoryTable};
use store::{Item, text};

use super::ManageError;
use super::record::{self, Kind};

pub use definition::{Changes, Definition};
pub use resolve::{Resolved, resolve_protection_group};

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
    #[serde(default)]
    pub version: u64,
    /// ISO 8601.
    #[serde(default)]
    pub created_at: String,
    /// ISO 8601.
    #[serde(default)]
    pub last_updated: String,
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
pub async fn list_protection_groups(
    groups: &ProtectionGroupsTable,
) -> Result<Vec<Item>, ManageError> {
    record::list(groups, &KIND).await
}

/// One group's row, whatever it holds.
///
/// # Errors
/// [`ManageError::NotFound`] where it is not there.
pub async fn get_protection_group_row(
    groups: &ProtectionGroupsTable,
    group_id: &str,
) -> Result<Item, ManageError> {
    record::load(groups, &KIND, group_id).await
}

/// One group, and its row with the attributes that this program does not know.
///
/// # Errors
/// [`ManageError::NotFound`] where it is not there.
pub async fn get_protection_group(
    groups: &ProtectionGroupsTable,
    group_id: &str,
) -> Result<(ProtectionGroup, Item), ManageError> {
    let row = get_protection_group_row(groups, group_id).await?;
    Ok((record::read(&KIND, &row)?, row))
}

/// Creates a group. Servers that it names must be in the inventory, and in no other group.
///
/// # Errors
/// [`ManageError`] names the parameter that is wrong, or the group in the way.
pub async fn create_protection_group(
    groups: &ProtectionGroupsTable,
    inventory: &SourceServerInventoryTable,
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
    let (written, again) = ((group.group_id.as_str(), &group), check_others(groups, &group));
    record::change(groups, &KIND, (None, &KNOWN), written, again).await?;
    Ok(group)
}

/// Changes a group.
///
/// # Errors
/// [`ManageError::Contended`] where it is not of the version given, or was changed meanwhile.
pub async fn update_protection_group(
    groups: &ProtectionGroupsTable,
    inventory: &SourceServerInventoryTable,
    group_id: &str,
    changes: Changes,
    now: &str,
) -> Result<ProtectionGroup, ManageError> {
    let previous = record::load_to_change(groups, &KIND, group_id, now).await?;
    let mut group: ProtectionGroup = record::read(&KIND, &previous.row)?;
    if changes.version.is_some_and(|version| version != group.version) {
        return Err(ManageError::Contended { id: group_id.to_owned() });
    }
    group.definition.apply(changes);
    group.version = record::next_version(group.version);
    now.clone_into(&mut group.last_updated);
    check(groups, inventory, &group).await?;
    let (written, again) = ((group_id, &group), check_others(groups, &group));
    record::change(groups, &KIND, (Some(&previous), &KNOWN), written, again).await?;
    Ok(group)
}

/// Deletes a group that no recovery plan names.
///
/// # Errors
/// [`ManageError::InUse`] names the plan.
pub async fn delete_protection_group(
    groups: &ProtectionGroupsTable,
    plans: &RecoveryPlansTable,
    group_id: &str,
) -> Result<(), ManageError> {
    let row = record::load(groups, &KIND, group_id).await?;
    check_plans(plans, group_id).await?;
    record::remove(groups, &KIND, &row).await?;
    if let Err(error) = check_plans(plans, group_id).await {
        record::bring_back(groups, &KIND, &row).await?;
        return Err(error);
    }
    Ok(())
}

async fn check_plans(plans: &RecoveryPlansTable, group_id: &str) -> Result<(), ManageError> {
    let plans = record::all(plans).await?;
    let names = |plan: &Item| super::recovery_plans::names_group(plan, group_id);
    match plans.iter().find(|plan| record::versions(plan).any(names)) {
        None => Ok(()),
        Some(plan) => Err(ManageError::InUse {
            what: KIND.what,
            id: group_id.to_owned(),
            holder: super::recovery_plans::KIND.called(plan),
        }),
    }
}

async fn check(
    groups: &ProtectionGroupsTable,
    inventory: &SourceServerInventoryTable,
    group: &ProtectionGroup,
) -> Result<(), ManageError> {
    let definition = &group.definition;
    definition.check_form()?;
    let missing = resolve_protection_group(inventory, definition).await?.missing;
    if missing.is_empty() {
        return check_others(groups, group).await;
    }
    let account = definition.account_id.as_ref().map(|id| format!(" of {id}")).unwrap_or_default();
    let expected = format!("servers{account} that the inventory has in {}", definition.region);
    Err(ManageError::invalid("sourceServerIds", &missing.join(", "), expected))
}

/// Whether another group has the name, or one of the servers, or may come back to it.
async fn check_others(
    groups: &ProtectionGroupsTable,
    group: &ProtectionGroup,
) -> Result<(), ManageError> {
    let rows = record::all(groups).await?;
    record::check_unique(&KIND, &rows, &group.definition.group_name, &group.group_id)?;
    let ids = group.definition.source_server_ids.as_deref().unwrap_or_default();
    for other in rows.iter().filter(|row| text(row, KIND.key) != group.group_id) {
        let names = |row: &Item, id: &String| {
            let named = row.get("sourceServerIds").and_then(|list| list.as_l().ok());
            named.into_iter().flatten().filter_map(|id| id.as_s().ok()).any(|other| other == id)
        };
        let taken = |id: &&String| record::versions(other).any(|row| names(row, id));
        if let Some(id) = ids.iter().find(taken) {
            return Err(ManageError::InUse {
                what: "source server",
                id: id.clone(),
                holder: KIND.called(other),
            });
        }
    }
    Ok(())
}
