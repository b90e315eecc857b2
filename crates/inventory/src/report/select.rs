//! Of which servers a report is.

use serde::{Deserialize, Serialize};
use store::rows::GroupDefinition;

use crate::as_of::ServerThen;
use crate::picture::NotKnown;
use crate::protection_groups::is_in_group;

/// Which servers: those that fit every list that is not empty, one member of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selection {
    /// Accounts that the machines run in.
    pub accounts: Vec<String>,
    /// Protection groups, as they were defined when the report was written.
    pub groups: Vec<GroupDefinition>,
    /// Key and value of EC2 tags.
    pub tags: Vec<(String, String)>,
}

impl Selection {
    pub(super) fn has(&self, server: &ServerThen) -> bool {
        let is_tagged =
            |(key, value): &(String, String)| server.source_tags.get(key) == Some(value);
        (self.accounts.is_empty() || self.accounts.contains(&server.source_account_id))
            && (self.tags.is_empty() || self.tags.iter().any(is_tagged))
            && (self.groups.is_empty() || self.is_grouped(server))
    }

    fn is_grouped(&self, server: &ServerThen) -> bool {
        let row = server.to_row();
        self.groups.iter().any(|group| is_in_group(&row, group))
    }

    /// A server may run in one account and be listed by another: where accounts are selected, what is not
    /// known of theirs and of the whole installation is named, and where only groups are, what is not
    /// known of their regions.
    pub(super) fn concerns(&self, not_known: &NotKnown) -> bool {
        let account = not_known.account_id.as_ref();
        let region = not_known.region.as_ref();
        let of_groups = self.groups.is_empty()
            || region.is_none_or(|region| self.groups.iter().any(|group| group.region == *region));
        (self.accounts.is_empty() || account.is_none_or(|id| self.accounts.contains(id)))
            && of_groups
    }
}
