//! What was let go.

use serde::Serialize;
use utoipa::ToSchema;

/// The removal that the next sync acts on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovedRemoval {
    /// The account, where it is of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_id: Option<String>,
    /// The region, where it is of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    /// True where it is of the whole installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) installation: Option<bool>,
    /// How many rows at most.
    pub(crate) count: u64,
    /// Since when they wait.
    pub(crate) since: String,
}

/// The region that is closed on purpose.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcknowledgedRegion {
    /// The account.
    pub(crate) account_id: String,
    /// The region.
    pub(crate) region: String,
    /// From then on it is a failure again, ISO 8601.
    pub(crate) until: String,
}
