//! What the ledger keeps of drills.

use std::collections::HashMap;

use aws::{LaunchJob, LaunchedInstance};
use jiff::{SignedDuration, Timestamp};
use store::rows::drills::{DrillsEntry, MOST_RUNNING, RunningInstance, drills_entry};

use super::ask::Told;
use crate::time::iso;

/// A job that has not ended after this time is not waited for.
const LONGEST_LAUNCH: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The entry of a place after DRS was asked at `now`; it is asked again at `next_at`. What DRS did not
/// tell stays as it was.
pub(super) fn entry_after(
    previous: &DrillsEntry,
    (account_id, region): (&str, &str),
    told: &Told,
    (now, next_at): (Timestamp, Timestamp),
) -> DrillsEntry {
    let mut entry = DrillsEntry {
        account_id: account_id.to_owned(),
        region: drills_entry(region),
        next_at: Some(iso(next_at)),
        not_asked: told.failure.as_ref().map(|failure| failure.code.clone()),
        ..previous.clone()
    };
    let jobs = told.jobs.as_deref().unwrap_or_default();
    if let Some(instances) = &told.instances {
        entry.as_of = Some(iso(now));
        set_running(&mut entry, running(previous, instances, jobs));
    }
    if told.jobs.is_some() {
        entry.jobs_as_of = Some(iso(now));
        let oldest = now - LONGEST_LAUNCH;
        let open = jobs.iter().filter(|job| job.ended_at.is_empty());
        let open = open.filter_map(|job| time(&job.created_at)).filter(|at| *at > oldest);
        entry.pending_since = open.min().map(iso);
    }
    entry
}

fn set_running(entry: &mut DrillsEntry, mut running: Vec<RunningInstance>) {
    let oldest = |running: &[RunningInstance], drills_only: bool| {
        let of = running.iter().filter(|it| it.is_drill || !drills_only);
        of.filter_map(|it| it.since.clone()).min()
    };
    entry.oldest_since = oldest(&running, false);
    entry.oldest_drill_since = oldest(&running, true);
    entry.running_count = running.len() as u64;
    entry.drill_count = running.iter().filter(|it| it.is_drill).count() as u64;
    entry.server_count = entry.drill_count;
    let key =
        |it: &RunningInstance| (!it.is_drill, it.since.clone(), it.recovery_instance_id.clone());
    running.sort_by_key(key);
    running.truncate(MOST_RUNNING);
    entry.running = running;
}

fn running(
    previous: &DrillsEntry,
    instances: &[LaunchedInstance],
    jobs: &[LaunchJob],
) -> Vec<RunningInstance> {
    let before = previous.running.iter();
    let before: HashMap<&str, &RunningInstance> =
        before.map(|it| (it.recovery_instance_id.as_str(), it)).collect();
    let jobs: HashMap<&str, &LaunchJob> = jobs.iter().map(|job| (job.id.as_str(), job)).collect();
    let is_there = |it: &&LaunchedInstance| {
        !matches!(it.state.as_str(), "TERMINATED" | "SHUTTING-DOWN" | "NOT_FOUND")
    };
    let running = instances.iter().filter(is_there).map(|it| {
        let launched = jobs
            .get(it.job_id.as_str())
            .and_then(|job| time(&job.ended_at).or_else(|| time(&job.created_at)));
        let before = before.get(it.recovery_instance_id.as_str()).and_then(|it| it.since.clone());
        // A point in time is older than what was launched from it, by minutes mostly.
        let since = launched.map(iso).or(before).or_else(|| time(&it.snapshot_at).map(iso));
        RunningInstance {
            recovery_instance_id: it.recovery_instance_id.clone(),
            ec2_instance_id: it.ec2_instance_id.clone(),
            source_server_id: it.source_server_id.clone(),
            is_drill: it.is_drill,
            since,
            state: it.state.clone(),
        }
    });
    running.collect()
}

pub(super) fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
