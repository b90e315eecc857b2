//! Protection groups.

use inventory::picture::{AS_OF, KNOWN, add_as_of};
use inventory::protection_groups::{
    Definition, create_protection_group, delete_protection_group, get_protection_group,
    list_protection_groups, resolve_protection_group, update_protection_group,
};
use store::{Item, text};

use super::{Data, now};
use crate::answer::Created;
use crate::answers::{DeletedGroup, Group, GroupList, GroupServer, GroupWithServers, Row};
use crate::failure::Failure;
use crate::parameters::{OneGroup, UpdateGroup};

impl Data {
    pub(crate) async fn create_group(
        &self,
        definition: Definition,
    ) -> Result<Created<Group>, Failure> {
        let (groups, inventory) = (self.groups_table()?, self.inventory_table()?);
        let group = create_protection_group(&groups, &inventory, definition, &now()).await?;
        Ok(Created(Group(group)))
    }

    pub(crate) async fn list_groups(&self) -> Result<GroupList, Failure> {
        let groups = list_protection_groups(&self.groups_table()?).await?;
        Ok(GroupList::of(groups))
    }

    /// The group, with the servers that it means now, and as of when each of them is known.
    pub(crate) async fn get_group(&self, asked: OneGroup) -> Result<GroupWithServers, Failure> {
        let (groups, inventory) = (self.groups_table()?, self.inventory_table()?);
        let (group, row) = get_protection_group(&groups, &asked.group_id).await?;
        let mut resolved = resolve_protection_group(&inventory, &group.definition).await?;
        let (ledger, freshness) = (self.ledger()?, self.freshness()?);
        let not_known = add_as_of(&ledger, &mut resolved.servers, &freshness).await?;
        let no_longer_listed: Vec<String> =
            resolved.no_longer_listed().into_iter().map(str::to_owned).collect();
        let is_whole = resolved.missing.is_empty() && no_longer_listed.is_empty();
        Ok(GroupWithServers {
            row: Row(row),
            servers: resolved.servers.iter().map(summary).collect(),
            no_longer_listed,
            complete: is_whole && not_known.is_empty(),
            missing: resolved.missing,
            not_known,
        })
    }

    pub(crate) async fn update_group(&self, asked: UpdateGroup) -> Result<Group, Failure> {
        let (groups, inventory) = (self.groups_table()?, self.inventory_table()?);
        let UpdateGroup { group_id, changes } = asked;
        let group =
            update_protection_group(&groups, &inventory, &group_id, changes, &now()).await?;
        Ok(Group(group))
    }

    pub(crate) async fn delete_group(&self, asked: OneGroup) -> Result<DeletedGroup, Failure> {
        let (groups, plans) = (self.groups_table()?, self.plans_table()?);
        delete_protection_group(&groups, &plans, &asked.group_id).await?;
        Ok(DeletedGroup { group_id: asked.group_id })
    }
}

fn summary(row: &Item) -> GroupServer {
    let of = |name| text(row, name).to_owned();
    GroupServer {
        source_server_id: of("sourceServerID"),
        hostname: of("hostname"),
        source_account_id: of("sourceAccountId"),
        source_region: of("sourceRegion"),
        replication_state: of("replicationState"),
        as_of: of(AS_OF),
        known: row.get(KNOWN).and_then(|known| known.as_bool().ok()).is_some_and(|known| *known),
        missing_since: row.get("missingSince").and_then(|since| since.as_s().ok()).cloned(),
    }
}
