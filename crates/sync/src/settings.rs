//! Settings of the sync, read from the environment once, at the edge.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use model::environment::{ConfigError, Environment};
use model::readiness::Policy;
use model::region::is_region;
use model::{ExternalId, MemberRole, RoleName};

use crate::time::age;

/// How much is under way at once. Each is at least 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Accounts. `MAX_CONCURRENT_ACCOUNTS`, default 20.
    pub accounts: usize,
    /// Regions of one account. `MAX_CONCURRENT_REGIONS`, default 10.
    pub regions: usize,
    /// EC2 groups (origin account and region) of one account. `MAX_CONCURRENT_EC2_GROUPS`,
    /// default 10.
    pub ec2_groups: usize,
    /// Batches of one account on their way to the table. `MAX_CONCURRENT_WRITES`, default 4.
    pub writes: usize,
    /// Accounts whose rows are in memory on their way to the table. `MAX_CONCURRENT_WRITERS`,
    /// default 5. The others wait with what AWS answered, which is smaller.
    pub writers: usize,
    /// Calls of DRS a second in one account and region. `MAX_CALLS_PER_SECOND`, default no limit:
    /// pages follow one another.
    pub calls_per_second: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            accounts: 20,
            regions: 10,
            ec2_groups: 10,
            writes: 4,
            writers: 5,
            calls_per_second: None,
        }
    }
}

/// When a server that DRS no longer lists leaves the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoveAfter {
    /// So many hours after it was flagged.
    Hours(u32),
    /// It stays, flagged.
    Never,
}

impl RemoveAfter {
    /// Whether the time has passed at `now`, for what has been gone since then; not for what nobody
    /// knows since when.
    pub(crate) fn has_passed(self, since: Option<&str>, now: Timestamp) -> bool {
        match self {
            Self::Never => false,
            Self::Hours(hours) => {
                age(since, now).is_some_and(|age| age >= SignedDuration::from_hours(hours.into()))
            }
        }
    }
}

/// Where EC2 instances are looked for that nothing protects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FindUnprotected {
    /// Nowhere.
    #[default]
    No,
    /// In the accounts and regions where protected ones run.
    WhereProtected,
    /// In every region that an account uses.
    All,
}

/// Everything the sync is told from outside.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `DRS_REGIONS`, none for the built-in list.
    pub regions: Option<Vec<String>>,
    /// A region that answered with no servers is asked again after this time.
    /// `DISCOVERY_INTERVAL_MINUTES`, default 60.
    pub discovery_interval: Duration,
    /// How much is under way at once.
    pub limits: Limits,
    /// After this time the sync stops asking, writes what it has, and says what is missing.
    /// `SYNC_DEADLINE_SECONDS`, default none.
    pub deadline: Option<Duration>,
    /// How an EC2 account is entered that the accounts table does not know. `MEMBER_ROLE_NAME`,
    /// default `DRSOrchestrationRole`, and `DEFAULT_EXTERNAL_ID`, default
    /// `drs-orchestration-cross-account`, empty for none.
    pub member_role: MemberRole,
    /// An unchanged row is written again between one and two times this long after it was written;
    /// zero: at every sync. `ROW_REFRESH_MINUTES`, default 60.
    pub row_refresh: Duration,
    /// `REMOVE_AFTER_HOURS`, default 24.
    pub remove_after: RemoveAfter,
    /// Where more than this share of rows is missing, none is removed unasked.
    /// `REMOVE_AT_MOST_PERCENT`, default 20.
    pub remove_at_most_percent: u64,
    /// What is expected of a server. `RPO_MINUTES`, default 15; `AGENT_SILENT_MINUTES`, default 60;
    /// `DRILL_MAX_AGE_DAYS`, default none.
    pub policy: Policy,
    /// A place that was last read longer ago is not known. `STALE_AFTER_MINUTES`, default the larger
    /// of 30 and three intervals of the schedule (`SYNC_EVERY_MINUTES`).
    pub stale_after: Duration,
    /// Whether DRS is asked which drills still run, and how long launches took. `READ_DRILLS`, default
    /// `false`.
    pub read_drills: bool,
    /// `FIND_UNPROTECTED`: `false`, the default, `true` or `all`.
    pub find_unprotected: FindUnprotected,
}

impl Settings {
    /// Reads everything.
    ///
    /// # Errors
    /// The first variable that cannot be used.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let default = Limits::default();
        let limits = Limits {
            accounts: limit(environment, "MAX_CONCURRENT_ACCOUNTS", default.accounts)?,
            regions: limit(environment, "MAX_CONCURRENT_REGIONS", default.regions)?,
            ec2_groups: limit(environment, "MAX_CONCURRENT_EC2_GROUPS", default.ec2_groups)?,
            writes: limit(environment, "MAX_CONCURRENT_WRITES", default.writes)?,
            writers: limit(environment, "MAX_CONCURRENT_WRITERS", default.writers)?,
            calls_per_second: number(environment, "MAX_CALLS_PER_SECOND", 1000)?,
        };
        Ok(Self {
            regions: regions(environment)?,
            discovery_interval: discovery_interval(environment)?,
            limits,
            deadline: number(environment, "SYNC_DEADLINE_SECONDS", 86_400)?
                .map(|seconds| Duration::from_secs(seconds.into())),
            member_role: member_role(environment)?,
            row_refresh: minutes(environment, "ROW_REFRESH_MINUTES", 60)?,
            remove_after: remove_after(environment)?,
            remove_at_most_percent: percent(environment)?,
            policy: policy(environment)?,
            stale_after: stale_after(environment)?,
            read_drills: read_drills(environment)?,
            find_unprotected: find_unprotected(environment)?,
        })
    }
}

fn limit(
    environment: &Environment,
    variable: &'static str,
    default: usize,
) -> Result<usize, ConfigError> {
    let Some(value) = environment.get(variable) else { return Ok(default) };
    match value.trim().parse() {
        Ok(limit @ 1..=1000) => Ok(limit),
        _ => Err(ConfigError::Invalid { variable, value, expected: "a number from 1 to 1000" }),
    }
}

/// A number from 1 that may be missing.
fn number(
    environment: &Environment,
    variable: &'static str,
    most: u32,
) -> Result<Option<u32>, ConfigError> {
    let Some(value) = environment.get(variable) else { return Ok(None) };
    match value.trim().parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
        _ => Err(ConfigError::Invalid { variable, value, expected: "a whole number from 1" }),
    }
}

fn minutes(
    environment: &Environment,
    variable: &'static str,
    default: u64,
) -> Result<Duration, ConfigError> {
    let Some(value) = environment.get(variable) else {
        return Ok(Duration::from_secs(60 * default));
    };
    match value.trim().parse::<u32>() {
        Ok(minutes) => Ok(Duration::from_secs(60 * u64::from(minutes))),
        Err(_) => Err(ConfigError::Invalid { variable, value, expected: "a number of minutes" }),
    }
}

/// What is expected of a server, where its protection group says nothing else.
///
/// # Errors
/// The variable that is no number.
pub fn policy(environment: &Environment) -> Result<Policy, ConfigError> {
    let days = number(environment, "DRILL_MAX_AGE_DAYS", 36_500)?;
    Ok(Policy {
        rpo: minutes(environment, "RPO_MINUTES", 15)?,
        agent_silent: minutes(environment, "AGENT_SILENT_MINUTES", 60)?,
        drill_max_age: days.map(|days| SignedDuration::from_hours(24 * i64::from(days))),
    })
}

fn read_drills(environment: &Environment) -> Result<bool, ConfigError> {
    const VARIABLE: &str = "READ_DRILLS";
    let Some(value) = environment.get(VARIABLE) else { return Ok(false) };
    match value.trim().to_ascii_lowercase().as_str() {
        "" | "false" => Ok(false),
        "true" => Ok(true),
        _ => Err(ConfigError::Invalid { variable: VARIABLE, value, expected: "true or false" }),
    }
}

fn find_unprotected(environment: &Environment) -> Result<FindUnprotected, ConfigError> {
    const VARIABLE: &str = "FIND_UNPROTECTED";
    let Some(value) = environment.get(VARIABLE) else { return Ok(FindUnprotected::No) };
    match value.trim().to_ascii_lowercase().as_str() {
        "" | "false" => Ok(FindUnprotected::No),
        "true" => Ok(FindUnprotected::WhereProtected),
        "all" => Ok(FindUnprotected::All),
        _ => {
            let expected = "true, false or all";
            Err(ConfigError::Invalid { variable: VARIABLE, value, expected })
        }
    }
}

fn remove_after(environment: &Environment) -> Result<RemoveAfter, ConfigError> {
    const VARIABLE: &str = "REMOVE_AFTER_HOURS";
    let Some(value) = environment.get(VARIABLE) else { return Ok(RemoveAfter::Hours(24)) };
    if value.trim().eq_ignore_ascii_case("never") {
        return Ok(RemoveAfter::Never);
    }
    let expected = "a number of hours, or never";
    let hours = value.trim().parse().map(RemoveAfter::Hours);
    hours.map_err(|_| ConfigError::Invalid { variable: VARIABLE, value, expected })
}

fn percent(environment: &Environment) -> Result<u64, ConfigError> {
    const VARIABLE: &str = "REMOVE_AT_MOST_PERCENT";
    let Some(value) = environment.get(VARIABLE) else { return Ok(20) };
    match value.trim().parse() {
        Ok(percent @ 0..=100) => Ok(percent),
        _ => {
            let expected = "a number from 0 to 100";
            Err(ConfigError::Invalid { variable: VARIABLE, value, expected })
        }
    }
}

/// A region without servers is asked again after this time.
///
/// # Errors
/// `DISCOVERY_INTERVAL_MINUTES` is no number of minutes.
pub fn discovery_interval(environment: &Environment) -> Result<Duration, ConfigError> {
    minutes(environment, "DISCOVERY_INTERVAL_MINUTES", 60)
}

/// A place that missed three syncs in a row is not known.
pub fn stale_after(environment: &Environment) -> Result<Duration, ConfigError> {
    let schedule = minutes(environment, "SYNC_EVERY_MINUTES", 0)?.as_secs() / 60;
    minutes(environment, "STALE_AFTER_MINUTES", (3 * schedule).max(30))
}

/// `MEMBER_ROLE_NAME` and `DEFAULT_EXTERNAL_ID`.
///
/// # Errors
/// The first variable that cannot be used.
pub fn member_role(environment: &Environment) -> Result<MemberRole, ConfigError> {
    let mut role = MemberRole::default();
    let variable = "MEMBER_ROLE_NAME";
    if let Some(value) = environment.get(variable) {
        let expected = RoleName::EXPECTED;
        let name = RoleName::parse(&value);
        role.name = name.ok_or(ConfigError::Invalid { variable, value, expected })?;
    }
    let variable = "DEFAULT_EXTERNAL_ID";
    if let Some(value) = environment.get(variable) {
        role.external_id = Some(value).filter(|value| !value.is_empty()).map(ExternalId::new);
        if role.external_id.as_ref().is_some_and(|id| !id.is_valid()) {
            let expected = ExternalId::EXPECTED;
            return Err(ConfigError::InvalidSecret { variable, expected });
        }
    }
    Ok(role)
}

/// `DRS_REGIONS`, none for the built-in list.
///
/// # Errors
/// A name that is no region's.
pub fn regions(environment: &Environment) -> Result<Option<Vec<String>>, ConfigError> {
    const VARIABLE: &str = "DRS_REGIONS";
    let Some(value) = environment.get(VARIABLE) else { return Ok(None) };
    let mut regions: Vec<String> = Vec::new();
    for region in value.split(',').map(str::trim).filter(|region| !region.is_empty()) {
        if !is_region(region) {
            return Err(ConfigError::Invalid {
                variable: VARIABLE,
                value,
                expected: "region names separated by commas, as in us-east-1,eu-west-1",
            });
        }
        if !regions.iter().any(|known| known == region) {
            regions.push(region.to_owned());
        }
    }
    Ok(Some(regions).filter(|regions| !regions.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(name: &'static str, value: &str) -> Result<Settings, ConfigError> {
        Settings::from_environment(&Environment::of([(name, value)]))
    }

    #[test]
    fn regions_are_a_list_without_repeats() {
        let regions = settings("DRS_REGIONS", " us-east-1,eu-west-1,,us-east-1").unwrap().regions;
        assert_eq!(regions, Some(vec!["us-east-1".to_owned(), "eu-west-1".to_owned()]));
        assert_eq!(settings("DRS_REGIONS", "").unwrap().regions, None);
    }

    #[test]
    fn what_is_no_region_is_refused_by_name() {
        for value in ["us east 1", "evil.example.com/x-1", "US-EAST-1", "useast1"] {
            let text = settings("DRS_REGIONS", value).unwrap_err().to_string();
            assert!(text.contains("DRS_REGIONS"), "{text}");
        }
    }

    #[test]
    fn the_member_role_is_the_contract_s_unless_it_is_set() {
        let role = |name, value| settings(name, value).unwrap().member_role;
        let default = role("OTHER", "");
        assert_eq!(default.name.arn("aws", "1"), "arn:aws:iam::1:role/DRSOrchestrationRole");
        let external_id = default.external_id.unwrap();
        assert_eq!(external_id.expose(), "drs-orchestration-cross-account");
        let named = role("MEMBER_ROLE_NAME", "Reader_1+=,.@-").name;
        assert_eq!(named.arn("aws-cn", "1"), "arn:aws-cn:iam::1:role/Reader_1+=,.@-");
        assert_eq!(role("DEFAULT_EXTERNAL_ID", "").external_id, None);
        let other = role("DEFAULT_EXTERNAL_ID", "other:/id").external_id;
        assert_eq!(other.unwrap().expose(), "other:/id");
    }

    #[test]
    fn what_is_no_role_or_external_id_is_refused_and_the_secret_not_shown() {
        let too_long = "r".repeat(65);
        for value in ["", "path/Role", "arn:aws:iam::1:role/R", "two words", "R\u{f6}le", &too_long]
        {
            let text = settings("MEMBER_ROLE_NAME", value).unwrap_err().to_string();
            assert!(text.contains("MEMBER_ROLE_NAME") && text.contains("1 to 64"), "{text}");
        }
        let too_long = "secret".repeat(205);
        for value in ["s", "secret id", "secr\u{e9}t", "secret\n", &too_long] {
            let text = settings("DEFAULT_EXTERNAL_ID", value).unwrap_err().to_string();
            assert!(text.contains("DEFAULT_EXTERNAL_ID") && text.contains("2 to 1224"), "{text}");
            assert!(!text.contains("secr"), "{text}");
        }
    }

    #[test]
    fn limits_are_numbers_from_one() {
        assert_eq!(settings("MAX_CONCURRENT_REGIONS", "3").unwrap().limits.regions, 3);
        for value in ["0", "many", "1001"] {
            let text = settings("MAX_CONCURRENT_REGIONS", value).unwrap_err().to_string();
            assert!(text.contains("MAX_CONCURRENT_REGIONS"), "{text}");
        }
    }

    #[test]
    fn removal_waits_for_hours_or_for_ever() {
        let after = |value| settings("REMOVE_AFTER_HOURS", value).map(|it| it.remove_after);
        assert_eq!(after("48"), Ok(RemoveAfter::Hours(48)));
        assert_eq!(after("Never"), Ok(RemoveAfter::Never));
        assert_eq!(settings("OTHER", "").unwrap().remove_after, RemoveAfter::Hours(24));
        for value in ["", "-1", "soon"] {
            let text = after(value).unwrap_err().to_string();
            assert!(text.contains("REMOVE_AFTER_HOURS"), "{text}");
        }
        let share = |value| settings("REMOVE_AT_MOST_PERCENT", value);
        assert_eq!(share("5").unwrap().remove_at_most_percent, 5);
        assert!(share("101").unwrap_err().to_string().contains("REMOVE_AT_MOST_PERCENT"));
    }

    #[test]
    fn what_costs_more_calls_is_off_unless_it_is_asked_for() {
        let off = settings("OTHER", "").unwrap();
        assert_eq!((off.read_drills, off.find_unprotected), (false, FindUnprotected::No));
        assert!(settings("READ_DRILLS", "True").unwrap().read_drills);
        let find = |value| settings("FIND_UNPROTECTED", value).map(|it| it.find_unprotected);
        assert_eq!(find("true"), Ok(FindUnprotected::WhereProtected));
        assert_eq!(find(" ALL"), Ok(FindUnprotected::All));
        for (name, text) in [
            ("READ_DRILLS", settings("READ_DRILLS", "yes").unwrap_err().to_string()),
            ("FIND_UNPROTECTED", find("some").unwrap_err().to_string()),
        ] {
            assert!(text.contains(name), "{text}");
        }
    }

    #[test]
    fn a_place_is_stale_after_three_syncs_of_the_schedule_and_half_an_hour_at_least() {
        let minutes = |name, value| settings(name, value).unwrap().stale_after.as_secs() / 60;
        assert_eq!(minutes("OTHER", ""), 30);
        assert_eq!(minutes("SYNC_EVERY_MINUTES", "5"), 30);
        assert_eq!(minutes("SYNC_EVERY_MINUTES", "60"), 180);
        assert_eq!(minutes("STALE_AFTER_MINUTES", "7"), 7);
    }

    #[test]
    fn times_are_whole_numbers() {
        let interval = |value| settings("DISCOVERY_INTERVAL_MINUTES", value);
        assert_eq!(interval("5").unwrap().discovery_interval, Duration::from_secs(300));
        let deadline = |value| settings("SYNC_DEADLINE_SECONDS", value);
        assert_eq!(deadline("90").unwrap().deadline, Some(Duration::from_secs(90)));
        for (result, name) in [
            (interval("soon"), "DISCOVERY_INTERVAL_MINUTES"),
            (interval("-1"), "DISCOVERY_INTERVAL_MINUTES"),
            (deadline("0"), "SYNC_DEADLINE_SECONDS"),
            (deadline("1.5"), "SYNC_DEADLINE_SECONDS"),
        ] {
            let text = result.unwrap_err().to_string();
            assert!(text.contains(name), "{text}");
        }
    }
}
