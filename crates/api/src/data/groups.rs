//! Protection groups.

use inventory::protection_groups::{
    Definition, create_protection_group, delete_protection_group, get_protection_group,
    list_protection_groups, resolve_protection_group, update_protection_group,
};
use serde_json::{Value, json};
use store::json::Json;
use store::{Item, text};

use super::{Data, now};
use crate::answer::{Answer, list, object};
use crate::failure::Failure;
use crate::parameters::{OneGroup, UpdateGroup};

impl Data {
    pub(crate) async fn create_group(&self, definition: Definition) -> Result<Answer, Failure> {
        let (groups, inventory) = (self.groups_table()?, self.inventory_table()?);
        let group = create_protection_group(&groups, &inventory, definition, &now()).await?;
        Ok(Answer::Created(object(&group)))
    }

    pub(crate) async fn list_groups(&self) -> Result<Answer, Failure> {
        let groups = list_protection_groups(&self.groups_table()?).await?;
        Ok(Answer::Object(list("groups", &groups)))
    }

    /// The group, with the servers that it means now.
    pub(crate) async fn get_group(&self, asked: OneGroup) -> Result<Answer, Failure> {
        let (groups, inventory) = (self.groups_table()?, self.inventory_table()?);
        let (group, row) = get_protection_group(&groups, &asked.group_id).await?;
        let resolved = resolve_protection_group(&inventory, &group.definition).await?;
        let mut answer = Json(&row).to_value();
        answer["servers"] = resolved.servers.iter().map(summary).collect();
        answer["missing"] = json!(resolved.missing);
        Ok(Answer::Object(answer))
    }

    pub(crate) async fn update_group(&self, asked: UpdateGroup) -> Result<Answer, Failure> {
        let (groups, inventory) = (self.groups_table()?, self.inventory_table()?);
        let UpdateGroup { group_id, changes } = asked;
        let group =
            update_protection_group(&groups, &inventory, &group_id, changes, &now()).await?;
        Ok(Answer::Object(object(&group)))
    }

    pub(crate) async fn delete_group(&self, asked: OneGroup) -> Result<Answer, Failure> {
        let (groups, plans) = (self.groups_table()?, self.plans_table()?);
        delete_protection_group(&groups, &plans, &asked.group_id).await?;
        Ok(Answer::Object(json!({ "groupId": asked.group_id })))
    }
}

fn summary(row: &Item) -> Value {
    let names =
        ["sourceServerID", "hostname", "sourceAccountId", "sourceRegion", "replicationState"];
    names.iter().map(|name| ((*name).to_owned(), Value::from(text(row, name)))).collect()
}
