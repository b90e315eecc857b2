//! Protection groups.

use inventory::picture::{AS_OF, KNOWN, add_as_of};
use inventory::protection_groups::{
    Definition, create_protection_group, delete_protection_group, get_protection_group,
    list_protection_groups, resolve_protection_group, update_protection_group,
};
use serde_json::{Value, json};
use store::json::{Json, JsonValue};
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

    /// The group, with the servers that it means now, and as of when each of them is known.
    pub(crate) async fn get_group(&self, asked: OneGroup) -> Result<Answer, Failure> {
        let (groups, inventory) = (self.groups_table()?, self.inventory_table()?);
        let (group, row) = get_protection_group(&groups, &asked.group_id).await?;
        let mut resolved = resolve_protection_group(&inventory, &group.definition).await?;
        let (ledger, freshness) = (self.ledger()?, self.freshness()?);
        let not_known = add_as_of(&ledger, &mut resolved.servers, &freshness).await?;
        let mut answer = Json(&row).to_value();
        answer["servers"] = resolved.servers.iter().map(summary).collect();
        answer["noLongerListed"] = json!(resolved.no_longer_listed());
        answer["missing"] = json!(resolved.missing);
        let is_whole = resolved.missing.is_empty() && resolved.no_longer_listed().is_empty();
        answer["complete"] = (is_whole && not_known.is_empty()).into();
        answer["notKnown"] = json!(not_known);
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
    let mut summary: Value =
        names.iter().map(|name| ((*name).to_owned(), Value::from(text(row, name)))).collect();
    for name in [AS_OF, KNOWN, "missingSince"] {
        if let Some(value) = row.get(name) {
            summary[name] = json!(JsonValue(value));
        }
    }
    summary
}
