//! Protection groups.

use inventory::protection_groups::{
    Changes, Definition, create_protection_group, delete_protection_group, get_protection_group,
    list_protection_groups, resolve_protection_group, update_protection_group,
};
use serde::Deserialize;
use serde_json::{Value, json};
use store::json::Json;
use store::tables::{ProtectionGroupsTable, RecoveryPlansTable, SourceServerInventoryTable};
use store::{Item, text};

use super::object;
use crate::answer::{Answer, Failure};
use crate::parameters::None as Nothing;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Create {
    group_name: String,
    description: Option<String>,
    region: String,
    account_id: Option<String>,
    source_server_ids: Option<Vec<String>>,
    server_selection_tags: Option<std::collections::BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct One {
    group_id: String,
}

pub(super) async fn create(
    (groups, inventory): (&ProtectionGroupsTable, &SourceServerInventoryTable),
    asked: Create,
    now: &str,
) -> Result<Answer, Failure> {
    let definition = Definition {
        group_name: asked.group_name,
        description: asked.description,
        region: asked.region,
        account_id: asked.account_id,
        source_server_ids: asked.source_server_ids,
        server_selection_tags: asked.server_selection_tags,
    };
    let group = create_protection_group(groups, inventory, definition, now).await;
    Ok(Answer::Created(object(&group?)))
}

pub(super) async fn list(groups: &ProtectionGroupsTable, _: Nothing) -> Result<Answer, Failure> {
    let rows = list_protection_groups(groups).await?;
    let count = rows.len();
    let rows: Vec<Value> = rows.iter().map(|row| Json(row).to_value()).collect();
    Ok(Answer::Object(json!({ "groups": rows, "count": count })))
}

/// The group, with the servers that it means now.
pub(super) async fn get(
    (groups, inventory): (&ProtectionGroupsTable, &SourceServerInventoryTable),
    asked: One,
) -> Result<Answer, Failure> {
    let (group, row) = get_protection_group(groups, &asked.group_id).await?;
    let resolved = resolve_protection_group(inventory, &group.definition).await?;
    let mut answer = Json(&row).to_value();
    answer["servers"] = resolved.servers.iter().map(summary).collect();
    answer["missing"] = json!(resolved.missing);
    Ok(Answer::Object(answer))
}

fn summary(row: &Item) -> Value {
    let names =
        ["sourceServerID", "hostname", "sourceAccountId", "sourceRegion", "replicationState"];
    names.iter().map(|name| ((*name).to_owned(), Value::from(text(row, name)))).collect()
}

pub(super) async fn update(
    (groups, inventory): (&ProtectionGroupsTable, &SourceServerInventoryTable),
    group_id: &str,
    changes: Changes,
    now: &str,
) -> Result<Answer, Failure> {
    let group = update_protection_group(groups, inventory, group_id, changes, now).await;
    Ok(Answer::Object(object(&group?)))
}

pub(super) async fn delete(
    (groups, plans): (&ProtectionGroupsTable, &RecoveryPlansTable),
    asked: One,
) -> Result<Answer, Failure> {
    delete_protection_group(groups, plans, &asked.group_id).await?;
    Ok(Answer::Object(json!({ "groupId": asked.group_id })))
}
