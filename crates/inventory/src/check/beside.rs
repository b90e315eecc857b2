//! What a sync does better with: drills, enabled regions, room, registered staging accounts.

use aws::{
    AccountSession, ServiceError, classify, describe_launch_jobs, describe_recovery_instances,
    list_enabled_regions,
};
use jiff::Timestamp;
use model::RegionStatus;
use model::readiness::policy::{MANY_REPLICATING, MOST_REPLICATING};

use super::checker::Checker;
use super::mend::Mend;
use super::regions::Asked;
use super::step::Step;

const DRILLS: &str = "drs:DescribeRecoveryInstances, drs:DescribeJobs";
const REGIONS: &str = "account:ListRegions";
const ROOM: &str = "room for more servers";
const STAGING: &str = "staging accounts are registered";
const NOT_ALL: &str = "DRS did not answer everywhere";
const AGAIN: &str = "check again when it does";

/// Only where the installation wants to know of drills.
pub(super) async fn drills(
    checker: &Checker<'_>,
    session: &AccountSession,
    region: Option<&str>,
    mend: &Mend<'_>,
) -> Option<Step> {
    let region = region.filter(|_| checker.settings.read_drills)?;
    let client = checker.aws.drs(session, region);
    let asked = async {
        describe_recovery_instances(&client, None).await?;
        let now = Timestamp::now().to_string();
        describe_launch_jobs(&client, &now, None).await.map(drop)
    };
    Some(match asked.await {
        Ok(()) => Step::ok(DRILLS, format!("in {region}")),
        Err(error) if error.code() == "UninitializedAccountException" => {
            Step::ok(DRILLS, "DRS is not initialised, so nothing tells")
        }
        Err(error) => refused(DRILLS, &error, mend),
    })
}

/// Marks each region as enabled or not, where the account says so.
pub(super) async fn enabled_regions(
    checker: &Checker<'_>,
    session: &AccountSession,
    asked: &mut Asked,
    mend: &Mend<'_>,
) -> Step {
    let enabled = match list_enabled_regions(&checker.aws.account_management(session)).await {
        Ok(enabled) => enabled,
        Err(error) => return refused(REGIONS, &error, mend),
    };
    for region in &mut asked.regions {
        region.enabled = Some(enabled.contains(&region.region));
    }
    let count = asked.regions.iter().filter(|it| it.enabled == Some(true)).count();
    Step::ok(REGIONS, format!("{count} of {} regions are enabled", asked.regions.len()))
}

pub(super) fn room(asked: &Asked, mend: &Mend<'_>) -> Step {
    if !asked.is_whole() {
        return Step::optional(ROOM, NOT_ALL, AGAIN.to_owned());
    }
    let full = asked.regions.iter().filter(|it| it.replicating > Some(MANY_REPLICATING));
    let full: Vec<String> = full
        .map(|it| {
            format!("{} {} of {MOST_REPLICATING}", it.region, it.replicating.unwrap_or_default())
        })
        .collect();
    if full.is_empty() {
        let fullest = asked.regions.iter().filter_map(|it| it.replicating).max();
        let found = fullest.map(|it| format!("at most {it} of {MOST_REPLICATING} in a region"));
        return Step::ok(ROOM, found.unwrap_or_default());
    }
    let change = format!(
        "replicate further servers of account {} into another staging account, and register it with --staging-of {}",
        mend.account_id, mend.account_id
    );
    Step::optional(ROOM, full.join(", "), change)
}

/// The disks of servers may lie in accounts that nobody asks.
pub(super) fn staging_accounts(checker: &Checker<'_>, asked: &Asked, mend: &Mend<'_>) -> Step {
    let staging = asked.staging_accounts.iter();
    let unknown: Vec<&str> =
        staging.map(String::as_str).filter(|id| !checker.is_listed(id)).collect();
    if unknown.is_empty() {
        return match asked.is_whole() {
            true => Step::ok(STAGING, ""),
            false => Step::optional(STAGING, NOT_ALL, AGAIN.to_owned()),
        };
    }
    let commands: Vec<String> = unknown
        .iter()
        .map(|id| {
            let (target, role) = (mend.account_id, &checker.member_role.name);
            let role = role.arn(&checker.hub.partition, id);
            format!("drs-inventory accounts add {id} --staging-of {target} --role-arn {role}")
        })
        .collect();
    let found =
        format!("servers have their disks in {}, which nobody registered", unknown.join(", "));
    Step::optional(STAGING, found, format!("run {}", commands.join("; ")))
}

/// Only a denial is mended by a policy.
fn refused(what: &'static str, error: &ServiceError, mend: &Mend<'_>) -> Step {
    let failure = classify(error);
    let change = match failure.status {
        RegionStatus::IamPermissionDenied => mend.optional_policy(what),
        _ => failure.advice,
    };
    Step::optional(what, format!("{}: {}", error.code(), error.message()), change)
}
