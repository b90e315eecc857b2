//! The columns of `servers`, and what they say to people.

use aws_sdk_dynamodb::types::AttributeValue;
use inventory::readiness::{console_word, explained, in_words, last_drill, verdict, why_shown};
use inventory::words;
use jiff::Timestamp;
use model::readiness::Policy;
use store::{Item, string, text};

use crate::render::listing::Listing;
use crate::render::rows::Said;

/// For people.
const COLUMNS: [(&str, &str); 10] = [
    ("host name", "hostname"),
    ("server", "sourceServerID"),
    ("account", "sourceAccountId"),
    ("region", "replicationRegion"),
    ("state", "replicationState"),
    ("verdict", "readiness"),
    ("why", "why"),
    ("lag", "lagDuration"),
    ("last drill", "lastDrill"),
    ("as of", "asOf"),
];
/// First in every other format.
const FIRST: [(&str, &str); 12] = [
    ("host name", "hostname"),
    ("server", "sourceServerID"),
    ("account", "sourceAccountId"),
    ("region", "replicationRegion"),
    ("verdict", "readiness"),
    ("state", "replicationState"),
    ("lag", "lagDuration"),
    ("last seen", "lastSeen"),
    ("os", "osName"),
    ("instance", "instanceId"),
    ("as of", "asOf"),
    ("known", "known"),
];
/// What a row may have beyond these: docs/attributes.md describes each.
const FURTHER: [&str; 48] = [
    "sourceServerArn",
    "stagingAccountId",
    "sourceRegion",
    "fqdn",
    "agentVersion",
    "lastSnapshot",
    "lastUpdated",
    "cpuModel",
    "cpuCores",
    "ramBytes",
    "totalStorageBytes",
    "primaryIp",
    "macAddress",
    "disks",
    "networkConfig",
    "sourceTags",
    "ec2Status",
    "ec2State",
    "ec2AsOf",
    "listedIn",
    "contentHash",
    "missingSince",
    "missingBecause",
    "tags",
    "lastLaunch",
    "lastLaunchResult",
    "replicationError",
    "initiation",
    "totalBytes",
    "replicatedBytes",
    "backlogBytes",
    "eta",
    "recoveryInstanceId",
    "replicationDirection",
    "reversedDirectionSourceServerArn",
    "stagingStatus",
    "stagingSourceServerArn",
    "stagingError",
    "architecture",
    "recommendedInstanceType",
    "addedAt",
    "firstByteAt",
    "sourceAvailabilityZone",
    "readinessReasons",
    "drill",
    "attention",
    "factsAtLaunch",
    "lastReadiness",
];

/// The list as it is shown at a time.
pub(super) fn listing(said: &InWords) -> Listing<'_> {
    Listing { columns: &COLUMNS, first: &FIRST, further: &FURTHER, made: &["why"], said }
}

/// What people read, judged by a policy at a time.
pub(super) struct InWords {
    pub(super) policy: Policy,
    pub(super) now: Timestamp,
}

impl Said for InWords {
    fn words(&self, row: &Item, name: &str) -> Option<String> {
        Some(match name {
            "replicationState" => console_word(row).to_owned(),
            "readiness" => in_words(verdict(row)).to_owned(),
            "why" => why_shown(row, &self.policy, self.now),
            "lagDuration" => words::lag(text(row, "lagDuration")),
            "lastDrill" => last_drill(row, self.now),
            "asOf" => words::ago(Some(text(row, "asOf")), self.now),
            _ => return None,
        })
    }

    fn made(&self, row: &Item, name: &str) -> Option<AttributeValue> {
        match name {
            "why" => Some(self.reasons(row)),
            "readiness" => Some(string(verdict(row))),
            "lastDrill" => {
                let launch = row.get("lastLaunch")?.as_m().ok()?;
                launch.get("at").cloned()
            }
            _ => None,
        }
    }
}

impl InWords {
    /// Each reason with the fact it rests on, and what to do.
    fn reasons(&self, row: &Item) -> AttributeValue {
        let reasons = explained(row, &self.policy, self.now).into_iter().map(|reason| {
            let given =
                [("code", reason.code), ("fact", &reason.fact), ("whatToDo", reason.what_to_do)];
            let field = reason.field.as_deref().map(|field| ("field", field));
            let texts = given.into_iter().chain(field);
            AttributeValue::M(texts.map(|(name, it)| (name.to_owned(), string(it))).collect())
        });
        AttributeValue::L(reasons.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_attribute_of_a_row_is_known() {
        let text = include_str!("../../../../../docs/attributes.md");
        let (_, section) = text.split_once("## source-server-inventory\n").unwrap();
        let (section, _) = section.split_once("\n## ").unwrap();
        let cells = section.lines().filter(|line| line.starts_with("| `"));
        let names: Vec<String> = cells
            .flat_map(|line| line.split('|').nth(1).unwrap().split(','))
            .map(|name| name.trim().replace('`', ""))
            .collect();
        assert!(names.len() > 50, "{names:?}");
        for name in &names {
            let is_column = COLUMNS.iter().chain(&FIRST).any(|(_, column)| column == name);
            assert!(is_column || FURTHER.contains(&name.as_str()), "{name} is not known");
        }
    }
}
