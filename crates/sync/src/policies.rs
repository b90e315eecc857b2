//! What is expected of each server: of the installation, or of the protection group that it is in.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use model::readiness::Policy;
use model::{Ec2Knowledge, SourceServer};
use store::Store;
use store::rows::{GroupDefinition, ProtectionGroup};
use store::tables::{Listing, get_protection_groups_table};

/// The policy of the installation, and those of groups that set their own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policies {
    installation: Policy,
    groups: Vec<GroupDefinition>,
}

impl Policies {
    /// With the groups as the table has them. Where it cannot be read, every server is judged by the
    /// policy of the installation.
    pub(crate) async fn read(store: &Store, installation: Policy) -> Self {
        let Ok(table) = get_protection_groups_table(store) else {
            return Self { installation, groups: Vec::new() };
        };
        let rows = match Listing::of_table(&table).every_item().await {
            Ok(rows) => rows,
            Err(error) => {
                let cause = error.to_string();
                tracing::warn!(cause, "servers are judged without the policies of their groups");
                Vec::new()
            }
        };
        let groups = rows.into_iter().filter_map(|row| serde_dynamo::from_item(row).ok());
        let groups = groups.map(|group: ProtectionGroup| group.definition);
        let own_policy = |group: &GroupDefinition| {
            group.rpo_minutes.is_some() || group.drill_max_age_days.is_some()
        };
        Self { installation, groups: groups.filter(own_policy).collect() }
    }

    /// Of a server: what its group says, else the installation. Of several groups the strictest.
    pub(crate) fn of(&self, server: &SourceServer) -> Policy {
        let groups: Vec<&GroupDefinition> =
            self.groups.iter().filter(|group| has(group, server)).collect();
        let rpo = groups.iter().filter_map(|group| group.rpo_minutes).min();
        let rpo = rpo.map(|minutes| Duration::from_secs(60 * u64::from(minutes)));
        let age = groups.iter().filter_map(|group| group.drill_max_age_days).min();
        let age = age.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
        Policy {
            rpo: rpo.unwrap_or(self.installation.rpo),
            drill_max_age: age.or(self.installation.drill_max_age),
            ..self.installation
        }
    }
}

fn has(group: &GroupDefinition, server: &SourceServer) -> bool {
    let is_named = |ids: &Vec<String>| ids.contains(&server.source_server_id);
    let is_tagged = |wanted: &BTreeMap<String, String>| {
        tags_of(server)
            .is_some_and(|tags| wanted.iter().all(|(key, value)| tags.get(key) == Some(value)))
    };
    group.region == server.region
        && group.account_id.as_deref().is_none_or(|id| id == server.origin_account())
        && (group.source_server_ids.as_ref().is_some_and(is_named)
            || group.server_selection_tags.as_ref().is_some_and(is_tagged))
}

fn tags_of(server: &SourceServer) -> Option<&BTreeMap<String, String>> {
    match &server.ec2 {
        Ec2Knowledge::NoInstance | Ec2Knowledge::EarlierUnread(_) => None,
        Ec2Knowledge::Current(instance) => Some(&instance.tags),
        Ec2Knowledge::Ending(instance, earlier) => match instance.tags.is_empty() {
            true => earlier.source_tags.as_ref(),
            false => Some(&instance.tags),
        },
        Ec2Knowledge::Unreachable(earlier) | Ec2Knowledge::NotFound(earlier) => {
            earlier.as_ref().and_then(|earlier| earlier.source_tags.as_ref())
        }
    }
}
