//! The settings that the file may hold.

/// A setting: its key in the file, and what stands there.
#[derive(Debug)]
pub(crate) struct Known {
    /// Its key in the file: the variable's name in lower case.
    pub(crate) key: &'static str,
    pub(super) kind: Kind,
    /// What holds where nobody says anything, in the words of the README.
    pub(crate) default: &'static str,
}

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    NumberOrNever,
    Flag,
    FlagOrAll,
    Regions,
    /// Of this program, not a variable.
    Own,
}

impl Kind {
    /// What is expected, for an error.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Text | Self::Own => "a text in quotation marks",
            Self::Number => "a whole number without quotation marks",
            Self::NumberOrNever => "a whole number without quotation marks, or \"never\"",
            Self::Flag => "true or false without quotation marks",
            Self::FlagOrAll => "true, false or \"all\"",
            Self::Regions => "a list of regions, as in [\"eu-west-1\", \"us-east-1\"]",
        }
    }
}

impl Known {
    /// The variable that it stands for, where there is one.
    pub(super) fn variable(&self) -> Option<String> {
        (self.kind != Kind::Own).then(|| self.key.to_ascii_uppercase())
    }
}

const fn known(key: &'static str, kind: Kind, default: &'static str) -> Known {
    Known { key, kind, default }
}

/// All of them, in the order of the README.
pub(crate) const KNOWN: [Known; 35] = [
    known("store", Kind::Own, "a file in the user's data directory"),
    known("profile", Kind::Own, "as the AWS SDK finds it"),
    known("region", Kind::Own, "as the AWS SDK finds it"),
    known("use_refactored_inventory_sync", Kind::Flag, "true"),
    known("drs_regions", Kind::Regions, "34 regions"),
    known("discovery_interval_minutes", Kind::Number, "60"),
    known("row_refresh_minutes", Kind::Number, "60"),
    known("remove_after_hours", Kind::NumberOrNever, "24"),
    known("remove_at_most_percent", Kind::Number, "20"),
    known("rpo_minutes", Kind::Number, "15"),
    known("agent_silent_minutes", Kind::Number, "60"),
    known("drill_max_age_days", Kind::Number, "none"),
    known(
        "stale_after_minutes",
        Kind::Number,
        "the larger of 30 and three times sync_every_minutes",
    ),
    known("read_drills", Kind::Flag, "false"),
    known("find_unprotected", Kind::FlagOrAll, "false"),
    known("sync_every_minutes", Kind::Number, "none"),
    known("member_role_name", Kind::Text, "DRSOrchestrationRole"),
    known("organization_role_arn", Kind::Text, "none: the caller's own credentials"),
    known("discover_ous", Kind::Text, "all"),
    known("discover_tags", Kind::Text, "all"),
    known("discover_accounts", Kind::Text, "all"),
    known("max_concurrent_accounts", Kind::Number, "20"),
    known("max_concurrent_regions", Kind::Number, "10"),
    known("max_concurrent_ec2_groups", Kind::Number, "10"),
    known("max_concurrent_writes", Kind::Number, "4"),
    known("max_concurrent_writers", Kind::Number, "5"),
    known("max_calls_per_second", Kind::Number, "no limit"),
    known("sync_deadline_seconds", Kind::Number, "none"),
    known("target_accounts_table", Kind::Text, "target-accounts; of DynamoDB none"),
    known("source_server_inventory_table", Kind::Text, "source-server-inventory; of DynamoDB none"),
    known("drs_region_status_table", Kind::Text, "drs-region-status; of DynamoDB none"),
    known("account_region_status_table", Kind::Text, "account-region-status; of DynamoDB none"),
    known("inventory_changes_table", Kind::Text, "inventory-changes; of DynamoDB none"),
    known("protection_groups_table", Kind::Text, "protection-groups; of DynamoDB none"),
    known("recovery_plans_table", Kind::Text, "recovery-plans; of DynamoDB none"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings of the README that the file does not hold: a secret, what only the functions read, and
    /// what is not this program's.
    const ELSEWHERE: [&str; 15] = [
        "DEFAULT_EXTERNAL_ID",
        "ORGANIZATION_EXTERNAL_ID",
        "SYNC_REQUEST_BUS",
        "PAGE_SIGNER_ARN",
        "PAGE_CLIENT_ID",
        "PAGE_REQUIRED_CLAIM",
        "PAGE_KEYS_URL",
        "AWS_…",
        "AWS_ENDPOINT_URL_…",
        "EVENT_BUS_NAME",
        "REPORT_BUCKET",
        "REPORT_BUCKET_REGION",
        "REPORT_PREFIX",
        "INSTALLATION",
        "RUST_LOG",
    ];

    /// Names and default of each line of the README's table.
    fn readme() -> Vec<(Vec<String>, String)> {
        let text = include_str!("../../../../README.md");
        let (_, section) = text.split_once("\n## Settings\n").unwrap();
        let lines = section.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
        let cells = lines.take_while(|line| line.starts_with('|')).map(|line| {
            let mut cells = line.trim_matches('|').split(" | ").map(str::trim);
            let names = cells.next().unwrap().split(", ").map(|it| it.replace('`', ""));
            (names.collect(), cells.last().unwrap().replace('`', ""))
        });
        cells.collect()
    }

    #[test]
    fn the_readme_has_each_setting_with_its_default() {
        let readme = readme();
        for (names, default) in &readme {
            for name in names.iter().filter(|name| !ELSEWHERE.contains(&name.as_str())) {
                let key = name.to_ascii_lowercase();
                let known = KNOWN.iter().find(|known| known.key == key);
                let known = known.unwrap_or_else(|| panic!("{name} is not known"));
                assert_eq!(
                    known.default.to_ascii_lowercase(),
                    default.to_ascii_lowercase(),
                    "{name}"
                );
            }
        }
        let names: Vec<&String> = readme.iter().flat_map(|(names, _)| names).collect();
        for known in KNOWN.iter().filter(|known| !known.key.ends_with("_table")) {
            let variable = known.variable();
            let is_there = variable.is_none_or(|variable| names.contains(&&variable));
            assert!(is_there, "{} is not in the README", known.key);
        }
    }
}
