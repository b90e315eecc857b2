//! Protection groups.

use inventory::picture::NotKnown;
use inventory::protection_groups::ProtectionGroup;
use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::rows::GroupRow;
use super::{Row, known};

/// A group as it was written.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Group(pub(crate) ProtectionGroup);

impl PartialSchema for Group {
    fn schema() -> RefOr<Schema> {
        GroupRow::schema()
    }
}

impl ToSchema for Group {
    fn name() -> std::borrow::Cow<'static, str> {
        GroupRow::name()
    }

    fn schemas(named: &mut Vec<(String, RefOr<Schema>)>) {
        GroupRow::schemas(named);
    }
}

/// A group, with the servers that it means now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProtectionGroupWithServers)]
#[serde(rename_all = "camelCase")]
pub struct GroupWithServers {
    #[schema(value_type = GroupRow)]
    #[serde(flatten)]
    pub(crate) row: Row,
    /// The servers that belong to it now.
    pub(crate) servers: Vec<GroupServer>,
    /// Ids of those that DRS no longer lists.
    pub(crate) no_longer_listed: Vec<String>,
    /// Ids of those that the inventory no longer has.
    pub(crate) missing: Vec<String>,
    /// Whether every server is there, and known.
    pub(crate) complete: bool,
    /// What is not known.
    #[schema(value_type = Vec<known::NotKnown>)]
    pub(crate) not_known: Vec<NotKnown>,
}

/// A server of a group.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupServer {
    /// The id of DRS.
    #[serde(rename = "sourceServerID")]
    pub(crate) source_server_id: String,
    /// Its name.
    pub(crate) hostname: String,
    /// The account that it comes from.
    pub(crate) source_account_id: String,
    /// The region that it comes from.
    pub(crate) source_region: String,
    /// The state of its replication.
    pub(crate) replication_state: String,
    /// As of when that is, ISO 8601.
    pub(crate) as_of: String,
    /// Whether it is so now.
    pub(crate) known: bool,
    /// Since when DRS no longer lists it, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing_since: Option<String>,
}

/// The group that was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedGroup {
    /// Its id.
    pub(crate) group_id: String,
}
