//! What the picture of a whole sync amounted to, as the history keeps it.

use serde::{Deserialize, Serialize};

use super::Counts;

/// The `after` of an entry of the kind `summary`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    /// When the sync started, ISO 8601.
    pub started_at: Option<String>,
    /// Servers that DRS listed.
    pub servers: u64,
    /// What their rows amounted to.
    pub counts: Counts,
    /// Places and accounts that it could not read.
    pub not_known: u64,
    /// The first of them, `ACCOUNT/REGION` or `ACCOUNT`.
    pub not_known_places: Vec<String>,
}
