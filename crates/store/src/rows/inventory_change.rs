//! A row of the history: what happened to a server, a place or an account.

use serde::{Deserialize, Serialize};

use super::shard::shard_of;
use crate::Item;

/// Days that a row of the history is kept.
pub const DAYS_KEPT: i64 = 400;
/// Partitions of a day in `DayIndex`, so that no single one takes all writes.
pub const SHARDS: u64 = 8;

/// The subject of what happened to the installation as a whole.
pub const INSTALLATION: &str = "#installation";

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// A server is there that was not.
    Added,
    /// A server's row says something else.
    Changed,
    /// DRS no longer lists the server.
    Missing,
    /// DRS lists a missing server again.
    FoundAgain,
    /// A missing server's row left the inventory; `row` holds all of it.
    Removed,
    /// A server was launched, in a drill or in earnest.
    Launch,
    /// A server's verdict, or its reasons, are others.
    Readiness,
    /// A place could not be read.
    RegionFailed,
    /// A place that could not be read answered.
    RegionRecovered,
    /// A place answered with servers for the first time.
    RegionFirstSeen,
    /// An account is in the accounts table that was not.
    AccountAdded,
    /// An account left the accounts table, and what was known of it is gone.
    AccountRemoved,
    /// A sync of all accounts ended: what its picture amounted to.
    Summary,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Added,
        Self::Changed,
        Self::Missing,
        Self::FoundAgain,
        Self::Removed,
        Self::Launch,
        Self::Readiness,
        Self::RegionFailed,
        Self::RegionRecovered,
        Self::RegionFirstSeen,
        Self::AccountAdded,
        Self::AccountRemoved,
        Self::Summary,
    ];

    /// As in `found-again`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::FoundAgain => "found-again",
            Self::Removed => "removed",
            Self::Launch => "launch",
            Self::Readiness => "readiness",
            Self::RegionFailed => "region-failed",
            Self::RegionRecovered => "region-recovered",
            Self::RegionFirstSeen => "region-first-seen",
            Self::AccountAdded => "account-added",
            Self::AccountRemoved => "account-removed",
            Self::Summary => "summary",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct InventoryChange {
    /// A server's ARN, `ACCOUNT/REGION`, an account's id, or [`INSTALLATION`].
    pub subject: String,
    /// What happened.
    pub kind: ChangeKind,
    /// What was there before, of what changed only.
    pub before: Item,
    /// What is there now, of what changed only.
    pub after: Item,
    /// Of [`ChangeKind::Removed`]: the row that was removed, whole.
    pub row: Option<Item>,
}

/// Of the row as the table holds it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    subject: &'a str,
    at: String,
    day: String,
    kind: ChangeKind,
    sync_id: &'a str,
    #[serde(rename = "TTL")]
    ttl: i64,
}

impl InventoryChange {
    /// Something that happened to `subject`, with nothing before and after.
    pub fn of(subject: impl Into<String>, kind: ChangeKind) -> Self {
        let subject = subject.into();
        Self { subject, kind, before: Item::new(), after: Item::new(), row: None }
    }

    /// The row of the table, for the sync `sync_id` at `now`: ISO 8601 and seconds since 1970.
    ///
    /// # Errors
    /// A value that DynamoDB has no type for; none of a row is.
    pub fn into_item(
        self,
        sync_id: &str,
        (now, seconds): (&str, i64),
    ) -> Result<Item, serde_dynamo::Error> {
        use aws_sdk_dynamodb::types::AttributeValue;
        let head = Head {
            subject: &self.subject,
            at: format!("{now}#{:08x}", fastrand::u32(..)),
            day: format!("{}#{}", now.get(..10).unwrap_or(now), shard_of(&self.subject, SHARDS)),
            kind: self.kind,
            sync_id,
            ttl: seconds.saturating_add(DAYS_KEPT * 86_400),
        };
        let mut item: Item = serde_dynamo::to_item(head)?;
        let maps = [("before", Some(self.before)), ("after", Some(self.after)), ("row", self.row)];
        for (name, map) in maps {
            if let Some(map) = map.filter(|map| !map.is_empty()) {
                item.insert(name.to_owned(), AttributeValue::M(map));
            }
        }
        Ok(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::text;

    #[test]
    fn a_change_has_its_day_its_end_and_a_key_of_its_own() {
        let change = || InventoryChange::of("arn", ChangeKind::FoundAgain);
        let now = "2026-11-25T10:00:00.000000+00:00";
        let item = |change: InventoryChange| change.into_item("sync", (now, 1000)).unwrap();
        let (one, another) = (item(change()), item(change()));
        assert_eq!(text(&one, "kind"), "found-again");
        assert!(text(&one, "day").starts_with("2026-11-25#"));
        assert!(text(&one, "at").starts_with(now) && text(&one, "at") != text(&another, "at"));
        assert_eq!(one["TTL"].as_n().unwrap(), "34561000");
        assert!(!one.contains_key("before") && !one.contains_key("row"));
    }

    #[test]
    fn a_kind_has_one_name() {
        for kind in ChangeKind::ALL {
            assert_eq!(ChangeKind::from_name(kind.name()), Some(kind));
            let value: String = serde_json::from_value(serde_json::json!(kind)).unwrap();
            assert_eq!(value, kind.name());
        }
    }
}
