//! The ledger's entry of the drills of one account and region.

use serde::{Deserialize, Serialize};

/// What the region of such an entry begins with. No region is called that.
pub const DRILLS_PREFIX: &str = "#drills/";
/// Instances that an entry names.
pub const MOST_RUNNING: usize = 50;

/// The region of the entry of the drills in `region`.
pub fn drills_entry(region: &str) -> String {
    format!("{DRILLS_PREFIX}{region}")
}

/// What DRS told of instances that it launched. Times are ISO 8601 and absent where the thing never
/// happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DrillsEntry {
    /// The partition key.
    pub account_id: String,
    /// The sort key: see [`drills_entry`].
    pub region: String,
    /// When DRS last told of instances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// When DRS last told of jobs: those that ended before are in the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs_as_of: Option<String>,
    /// Not before then is DRS asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<String>,
    /// The first [`MOST_RUNNING`] instances that are still there, those of drills before others, the
    /// oldest first.
    pub running: Vec<RunningInstance>,
    /// How many there are.
    pub running_count: u64,
    /// How many of them are of drills.
    pub drill_count: u64,
    /// The same: what `RegionIndex` holds of an entry, so that all of a region are counted at once.
    pub server_count: u64,
    /// Since when the oldest is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_since: Option<String>,
    /// Since when the oldest of a drill is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_drill_since: Option<String>,
    /// When the oldest launch that had not ended was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_since: Option<String>,
    /// Why DRS did not tell all when it was last asked: the code of its error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_asked: Option<String>,
}

/// An instance that DRS launched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunningInstance {
    /// Of DRS.
    #[serde(rename = "recoveryInstanceID")]
    pub recovery_instance_id: String,
    /// Of EC2.
    #[serde(rename = "ec2InstanceID")]
    pub ec2_instance_id: String,
    /// The server that it was launched from.
    #[serde(rename = "sourceServerID")]
    pub source_server_id: String,
    /// Whether it was launched in a drill, and not in earnest.
    pub is_drill: bool,
    /// Since when it is there, as far as anybody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// As in `RUNNING`.
    pub state: String,
}
