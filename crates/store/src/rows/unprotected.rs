//! The ledger's entries of what nothing protects, and of what need not be protected.

use serde::{Deserialize, Serialize};

use crate::Item;
use crate::item::text;

/// What the region of an entry of unprotected instances begins with. No region is called that.
pub const UNPROTECTED_PREFIX: &str = "#unprotected/";
/// The account of the entries of exclusions. No account is called that.
pub const EXCLUSIONS: &str = "#exclusions";
/// Instances that an entry names.
pub const MOST_UNPROTECTED: usize = 500;

/// The region of the entry of unprotected instances in `region`.
pub fn unprotected_entry(region: &str) -> String {
    format!("{UNPROTECTED_PREFIX}{region}")
}

/// EC2 instances of an account and region that no source server names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UnprotectedEntry {
    /// The partition key.
    pub account_id: String,
    /// The sort key: see [`unprotected_entry`].
    pub region: String,
    /// When EC2 listed the instances, ISO 8601; none where it never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// How many nothing protects.
    pub count: u64,
    /// The same: what `RegionIndex` holds of an entry, so that all of a region are counted at once.
    pub server_count: u64,
    /// How many more need not be protected.
    pub excluded: u64,
    /// Whether every source server was known that could name one of them.
    pub is_certain: bool,
    /// Why that is not certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The first [`MOST_UNPROTECTED`] of them, by id.
    pub instances: Vec<UnprotectedInstance>,
}

/// An instance that nothing protects. Texts that EC2 does not tell are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UnprotectedInstance {
    /// As in `i-0123456789abcdef0`.
    pub instance_id: String,
    /// Its tag `Name`, cut.
    pub name: String,
    /// Its tag `Owner`, in whatever case, cut.
    pub owner: String,
    /// As in `m6i.large`.
    #[serde(rename = "type")]
    pub kind: String,
    /// ISO 8601.
    pub launch_time: String,
    /// As in `running`.
    pub state: String,
}

/// An instance, or all with a tag, that need not be protected. Times are ISO 8601.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Exclusion {
    /// `tag:KEY=VALUE` or `id:i-…`; the sort key, under [`EXCLUSIONS`].
    #[serde(rename = "region")]
    pub what: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// From then on it is none.
    pub until: String,
    /// When it was made.
    pub since: String,
}

impl Exclusion {
    /// As the table holds it; none where the row is no exclusion.
    pub fn of_item(item: &Item) -> Option<Self> {
        let is_one = ["tag:", "id:"].iter().any(|kind| text(item, "region").starts_with(kind));
        serde_dynamo::from_item(item.clone()).ok().filter(|_| is_one)
    }

    /// Whether it holds at `now`.
    pub fn holds_at(&self, now: jiff::Timestamp) -> bool {
        self.until.parse().is_ok_and(|until: jiff::Timestamp| now < until)
    }

    /// Whether it is of this instance.
    pub fn covers<'a>(
        &self,
        instance_id: &str,
        mut tags: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> bool {
        match self.what.split_once(':') {
            Some(("id", id)) => id == instance_id,
            Some(("tag", tag)) => {
                tags.any(|(key, value)| tag.split_once('=') == Some((key, value)))
            }
            _ => false,
        }
    }
}
