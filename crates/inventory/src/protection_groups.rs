//! Protection groups: servers that fail over together, named one by one or selected by tags.

mod definition;
mod resolve;

use store::rows::{groups_of_plan, servers_of_group};
use store::tables::{ProtectionGroupsTable, RecoveryPlansTable, SourceServerInventoryTable, Table};
use store::{Item, text};

use super::ManageError;
use super::record::{self, Kind, Records};

pub use definition::Changes;
pub use resolve::{Resolved, is_in_group, resolve_protection_group};
pub use store::rows::{GroupDefinition as Definition, ProtectionGroup};

pub(super) const KIND: Kind =
    Kind { what: "protection group", key: "groupId", name: "groupName", prefix: "pg" };

/// The groups, and the servers that they name.
struct Groups<'a> {
    groups: &'a ProtectionGroupsTable,
    inventory: &'a SourceServerInventoryTable,
}

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
    Ok((record::read(&KIND, row.clone())?.row, row))
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
    record::create(&Groups { groups, inventory }, group).await
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
    let change = (group_id, changes.version);
    let apply = |group: &mut ProtectionGroup| definition::apply(&mut group.definition, changes);
    record::update(&Groups { groups, inventory }, change, apply, now).await
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
    let names = |plan: &Item| groups_of_plan(plan).iter().any(|id| id == group_id);
    match plans.iter().find(|plan| record::versions(plan).any(names)) {
        None => Ok(()),
        Some(plan) => Err(ManageError::InUse {
            what: KIND.what,
            id: group_id.to_owned(),
            holder: super::recovery_plans::KIND.called(plan),
        }),
    }
}

impl Records for Groups<'_> {
    type Record = ProtectionGroup;
    const KIND: Kind = KIND;

    fn table(&self) -> &Table {
        self.groups
    }

    fn id(group: &ProtectionGroup) -> &str {
        &group.group_id
    }

    fn stamp(group: &mut ProtectionGroup) -> (&mut u64, &mut String) {
        (&mut group.version, &mut group.last_updated)
    }

    /// Whether it is well formed, and the inventory has the servers that it names.
    async fn check(&self, group: &ProtectionGroup) -> Result<(), ManageError> {
        let definition = &group.definition;
        definition::check_form(definition)?;
        let missing = resolve_protection_group(self.inventory, definition).await?.missing;
        if missing.is_empty() {
            return Ok(());
        }
        let account = definition.account_id.as_ref();
        let account = account.map(|id| format!(" of {id}")).unwrap_or_default();
        let expected = format!("servers{account} that the inventory has in {}", definition.region);
        Err(ManageError::invalid("sourceServerIds", &missing.join(", "), expected))
    }

    /// Whether another group has the name, or one of the servers, or may come back to it.
    async fn check_others(&self, group: &ProtectionGroup) -> Result<(), ManageError> {
        let rows = record::all(self.groups).await?;
        record::check_unique(&KIND, &rows, &group.definition.group_name, &group.group_id)?;
        let ids = group.definition.source_server_ids.as_deref().unwrap_or_default();
        for other in rows.iter().filter(|row| text(row, KIND.key) != group.group_id) {
            let taken: Vec<String> = record::versions(other).flat_map(servers_of_group).collect();
            if let Some(id) = ids.iter().find(|id| taken.contains(id)) {
                return Err(ManageError::InUse {
                    what: "source server",
                    id: id.clone(),
                    holder: KIND.called(other),
                });
            }
        }
        Ok(())
    }
}
